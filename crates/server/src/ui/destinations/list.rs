use askama::Template;
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use domain::Role;

use crate::{
    AppState,
    actions::sync_status,
    ui::{
        frame::{Html, PageProblem, Place, Shell},
        overview::DestinationCard,
        session::{Fragment, Visit},
    },
};

struct All {
    destinations: Vec<DestinationCard>,
}

#[derive(Template)]
#[template(path = "destinations.html")]
struct ListPage {
    shell: Shell,
    view: All,
    may_add: bool,
}

#[derive(Template)]
#[template(path = "parts/destinations.html")]
struct ListPart {
    view: All,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
) -> Result<impl IntoResponse, PageProblem> {
    let page = ListPage {
        view: All::load(&state).await?,
        may_add: visit.visitor.may(Role::Admin),
        shell: Shell::new(&state, visit, Place::Destinations),
    };
    Ok(Html(StatusCode::OK, page))
}

pub(super) async fn part(
    State(state): State<AppState>,
    _: Fragment,
) -> Result<impl IntoResponse, PageProblem> {
    let view = All::load(&state).await?;
    Ok(Html(StatusCode::OK, ListPart { view }))
}

impl All {
    async fn load(state: &AppState) -> Result<Self, PageProblem> {
        let now = state.clock.now();
        let status = sync_status(state, None).await?;
        Ok(Self {
            destinations: status
                .destinations
                .iter()
                .map(|destination| DestinationCard::new(destination, now, &state.settings.zone))
                .collect(),
        })
    }
}

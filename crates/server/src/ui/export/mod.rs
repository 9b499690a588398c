//! The export settings, how delivery stands, and sending a range on purpose.

mod send;
mod settings;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::Role;

use self::{send::SendForm, settings::SettingsForm};
use super::{
    choice::TerminalChoice,
    frame::{Html, Moment, PageProblem, Place, Shell},
    overview::DestinationCard,
    session::{Fragment, Visit},
};
use crate::{
    AppState,
    actions::{export_settings, sync_status},
};

/// What changes while somebody looks.
struct Deliveries {
    destinations: Vec<DestinationCard>,
}

/// Why nothing is sent, as the page's first word.
struct Paused {
    reason: String,
    since: Moment,
    probe_at: Option<Moment>,
}

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    shell: Shell,
    view: Deliveries,
    paused: Option<Paused>,
    form: SettingsForm,
    send: SendForm,
    choices: Vec<TerminalChoice>,
    has_url: bool,
    problem: Option<String>,
    may_change: bool,
    may_send: bool,
}

#[derive(Template)]
#[template(path = "parts/deliveries.html")]
struct DeliveriesPart {
    view: Deliveries,
}

/// Forms as they were typed, and what is wrong with one of them.
#[derive(Default)]
struct Forms {
    settings: Option<SettingsForm>,
    send: Option<SendForm>,
    problem: Option<String>,
}

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/export", get(show).post(settings::save))
        .route("/export/send", post(send::send))
        .route("/fragments/export", get(part))
}

async fn show(State(state): State<AppState>, visit: Visit) -> Result<Response, PageProblem> {
    page(&state, visit, StatusCode::OK, Forms::default()).await
}

async fn part(
    State(state): State<AppState>,
    _: Fragment,
) -> Result<impl IntoResponse, PageProblem> {
    Ok(Html(
        StatusCode::OK,
        DeliveriesPart {
            view: Deliveries::load(&state).await?,
        },
    ))
}

async fn page(
    state: &AppState,
    visit: Visit,
    status: StatusCode,
    forms: Forms,
) -> Result<Response, PageProblem> {
    let now = state.clock.now();
    let zone = &state.settings.zone;
    let settings = export_settings(state).await?;
    let send = forms.send.unwrap_or_default();
    let page = ExportPage {
        view: Deliveries::load(state).await?,
        paused: settings.paused.as_ref().map(|pause| Paused {
            reason: super::frame::sentence_of(&pause.reason),
            since: Moment::new(pause.since, now, zone),
            probe_at: pause.probe_at.map(|at| Moment::planned(at, now, zone)),
        }),
        has_url: settings.export_url.is_some(),
        form: forms
            .settings
            .unwrap_or_else(|| SettingsForm::of(&settings)),
        choices: TerminalChoice::list(state, &send.device).await?,
        send,
        problem: forms.problem,
        may_change: visit.visitor.may(Role::Admin),
        may_send: visit.visitor.may(Role::Operator),
        shell: Shell::new(state, visit, Place::Export),
    };
    Ok(Html(status, page).into_response())
}

impl Deliveries {
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

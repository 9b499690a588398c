use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::Role;

use crate::{
    AppState,
    actions::{self, DeviceView},
    ui::{
        frame::{Html, PageProblem, Place, Shell, Tone},
        session::{NoFields, Posted, Visit, go_on},
    },
};

#[derive(Template)]
#[template(path = "terminal_remove.html")]
struct RemovePage {
    shell: Shell,
    device: DeviceView,
}

pub(super) async fn ask(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageProblem> {
    visit.visitor.must_have(Role::Admin)?;
    let device = actions::device(&state, &id).await?;
    let shell =
        Shell::new(&state, visit, Place::Terminals).titled(format!("Remove {}", device.name));
    Ok(Html(StatusCode::OK, RemovePage { shell, device }))
}

pub(super) async fn remove(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted {
        visitor,
        form: NoFields {},
    }: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let device = actions::remove_device(&state, &id).await?;
    let text = format!("{} is removed. Its punches stay here.", device.name);
    Ok(go_on(&state, &visitor, "/terminals", Tone::Good, &text))
}

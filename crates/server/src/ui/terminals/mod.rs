//! The terminals: connect one, see them, change them.

mod check;
mod clear;
mod command;
mod connect;
mod detail;
mod ledger;
mod operations;
mod remove;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use domain::Role;

use self::connect::ConnectForm;
use super::{
    frame::{Html, PageProblem, Place, Shell},
    overview::TerminalCard,
    session::Visit,
};
use crate::{
    AppState,
    actions::{SyncStatus, sync_status},
};

#[derive(Template)]
#[template(path = "terminals.html")]
struct TerminalsPage {
    shell: Shell,
    terminals: Vec<TerminalCard>,
    form: ConnectForm,
    problem: Option<String>,
    may: Rights,
}

/// Which forms the visitor sees.
#[derive(Debug, Clone, Copy)]
struct Rights {
    connect: bool,
    manage: bool,
}

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/terminals", get(show))
        .route("/terminals/connect", get(show).post(connect::connect))
        .route("/terminals/{id}", get(detail::show).post(detail::save))
        .route("/terminals/{id}/contact", post(detail::contact))
        .route(
            "/terminals/{id}/do/{deed}",
            get(command::ask).post(command::run),
        )
        .route("/terminals/{id}/clock", post(command::set_clock))
        .route("/terminals/{id}/enable", post(command::enable))
        .route("/terminals/{id}/read", post(command::read_log))
        .route("/terminals/{id}/reread", post(command::reread))
        .route("/terminals/{id}/templates", post(command::read_templates))
        .route("/terminals/{id}/check", get(check::ask).post(check::begin))
        .route("/terminals/{id}/clear", get(clear::ask).post(clear::begin))
        .route(
            "/terminals/{id}/operations",
            get(operations::show).post(operations::read),
        )
        .route("/terminals/{id}/enabled", post(detail::switch))
        .route("/terminals/{id}/default", post(detail::make_default))
        .route(
            "/terminals/{id}/remove",
            get(remove::ask).post(remove::remove),
        )
}

async fn show(State(state): State<AppState>, visit: Visit) -> Result<Response, PageProblem> {
    page(&state, visit, StatusCode::OK, ConnectForm::default(), None).await
}

async fn page(
    state: &AppState,
    visit: Visit,
    status: StatusCode,
    form: ConnectForm,
    problem: Option<String>,
) -> Result<Response, PageProblem> {
    let now = state.clock.now();
    let SyncStatus { devices, .. } = sync_status(state, None).await?;
    let page = TerminalsPage {
        may: Rights {
            connect: visit.visitor.may(Role::Operator),
            manage: visit.visitor.may(Role::Admin),
        },
        terminals: devices
            .iter()
            .map(|device| TerminalCard::new(device, now, &state.settings.zone))
            .collect(),
        form,
        problem,
        shell: Shell::new(state, visit, Place::Terminals),
    };
    Ok(Html(status, page).into_response())
}

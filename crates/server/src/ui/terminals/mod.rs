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
use serde::Deserialize;

use self::connect::ConnectForm;
use super::{
    fleet::in_need_first,
    frame::{Html, PageProblem, Place, Shell},
    overview::TerminalCard,
    session::Visit,
    words::link,
};
use crate::{
    AppState,
    actions::{SyncStatus, TerminalStatusView, sync_status},
    input::Query,
};

/// Cards on one page.
const CARDS: usize = 30;

/// Which terminals are shown.
#[derive(Debug, Clone, Deserialize, Default)]
struct Shown {
    /// A part of a name, an address or a serial number.
    #[serde(default)]
    find: String,
    /// 0 is the first.
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "terminals.html")]
struct TerminalsPage {
    shell: Shell,
    terminals: Vec<TerminalCard>,
    shown: Shown,
    /// `12 of 301 terminals`; only where there are many.
    total: Option<String>,
    has_any: bool,
    back: Option<String>,
    further: Option<String>,
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

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(shown): Query<Shown>,
) -> Result<Response, PageProblem> {
    let form = ConnectForm::default();
    page(&state, visit, StatusCode::OK, shown, form, None).await
}

async fn page(
    state: &AppState,
    visit: Visit,
    status: StatusCode,
    shown: Shown,
    form: ConnectForm,
    problem: Option<String>,
) -> Result<Response, PageProblem> {
    let now = state.clock.now();
    let SyncStatus { devices, .. } = sync_status(state, None).await?;
    let mut found = in_need_first(&devices);
    found.retain(|device| shown.means(device));
    let at: usize = shown.page.parse().unwrap_or(0);
    let to = |page: usize| {
        let page = page.to_string();
        link(
            "/terminals",
            [("find", shown.find.trim()), ("page", page.as_str())],
        )
    };
    let first = at.saturating_mul(CARDS);
    let page = TerminalsPage {
        total: (devices.len() > CARDS || !shown.find.is_empty())
            .then(|| format!("{} of {} terminals", found.len(), devices.len())),
        has_any: !devices.is_empty(),
        back: (at > 0).then(|| to(at - 1)),
        further: (found.len() > first.saturating_add(CARDS)).then(|| to(at + 1)),
        may: Rights {
            connect: visit.visitor.may(Role::Operator),
            manage: visit.visitor.may(Role::Admin),
        },
        terminals: found
            .iter()
            .skip(first)
            .take(CARDS)
            .map(|device| TerminalCard::new(device, now, &state.settings.zone))
            .collect(),
        form,
        problem,
        shell: Shell::new(state, visit, Place::Terminals),
        shown,
    };
    Ok(Html(status, page).into_response())
}

impl Shown {
    fn means(&self, device: &TerminalStatusView) -> bool {
        let text = self.find.trim().to_lowercase();
        let has = |part: &str| part.to_lowercase().contains(&text);
        has(&device.name)
            || has(&device.address)
            || device.serial_number.as_deref().is_some_and(has)
    }
}

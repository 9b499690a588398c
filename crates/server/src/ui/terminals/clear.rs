//! Clears a terminal's log, for an administrator who wrote its name, after a page that says how its log stands.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use super::ledger::ReadRow;
use crate::{
    AppState, StatusCodes,
    actions::{
        self, DeviceView, ReconciliationPage, SyncStatus, begin_clearing, reconciliations,
        sync_status,
    },
    problem::Problem,
    ui::{
        frame::{Html, PageProblem, Place, Shell, Tone, sentence, sentence_of},
        jobs,
        session::{Posted, Visit, go_on},
    },
};

#[derive(Template)]
#[template(path = "terminal_clear.html")]
struct ClearPage {
    shell: Shell,
    device: DeviceView,
    stored: u64,
    last: Option<ReadRow>,
    /// The last whole read did not add up: in plain words.
    alarm: Option<String>,
    /// At the last whole read it did not tell a number that counts.
    may_not_be_counted: bool,
    typed: String,
    problem: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ClearForm {
    /// Of the terminal that the page showed.
    #[serde(default)]
    serial: String,
    /// What was typed.
    #[serde(default)]
    name: String,
}

pub(super) async fn ask(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Admin)?;
    page(&state, visit, &id, StatusCode::OK, String::new(), None).await
}

pub(super) async fn begin(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<ClearForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let device = actions::device(&state, &id).await?;
    let begun = if form.name.trim() == device.name {
        let by = &visitor.caller().name;
        begin_clearing(&state, &device.id.to_string(), &form.serial, by).await
    } else {
        Err(not_named(&device))
    };
    match begun {
        Ok(job) => {
            let text = "Clearing has begun.";
            Ok(go_on(
                &state,
                &visitor,
                &jobs::path(job.0),
                Tone::Busy,
                text,
            ))
        }
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => Err(problem.into()),
        Err(problem) => {
            let status = problem.status(StatusCodes::Plain);
            let told = Some(told(&problem));
            page(&state, Visit::again(visitor), &id, status, form.name, told).await
        }
    }
}

fn not_named(device: &DeviceView) -> Problem {
    Problem::Invalid {
        code: "not_confirmed",
        message: format!(
            "Write the terminal's name as it stands here, {}, so that no other log is cleared",
            device.name
        ),
    }
}

fn told(problem: &Problem) -> String {
    match problem.code() {
        // The form itself brings the serial number.
        "not_confirmed" if !matches!(problem, Problem::Invalid { message, .. } if message.starts_with("Write")) => {
            "Another terminal is behind this page by now. Nothing was cleared; look at it again."
                .to_owned()
        }
        _ => sentence(problem),
    }
}

async fn page(
    state: &AppState,
    visit: Visit,
    id: &str,
    status: StatusCode,
    typed: String,
    problem: Option<String>,
) -> Result<Response, PageProblem> {
    let device = actions::device(state, id).await?;
    let known = device.id.to_string();
    let SyncStatus { devices, .. } = sync_status(state, Some(&known)).await?;
    let ReconciliationPage {
        reconciliations, ..
    } = reconciliations(state, &known, None, 1).await?;
    let (now, zone) = (state.clock.now(), &state.settings.zone);
    let last = reconciliations.first();
    let page = ClearPage {
        stored: devices.first().map_or(0, |device| device.records),
        alarm: last
            .filter(|last| last.difference.is_some_and(|difference| difference != 0))
            .map(|last| sentence_of(&last.text)),
        may_not_be_counted: last.is_some_and(|last| last.difference.is_none()),
        last: last.map(|last| ReadRow::new(last, now, zone)),
        shell: Shell::new(state, visit, Place::Terminals)
            .titled(format!("Clear the log of {}", device.name)),
        device,
        typed,
        problem,
    };
    Ok(Html(status, page).into_response())
}

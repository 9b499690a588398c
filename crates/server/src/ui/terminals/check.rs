//! Has the doctor look at a terminal.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use crate::{
    AppState, StatusCodes,
    actions::{self, DeviceView, ExamineWish, begin_examination, jobs_at},
    input::Seconds,
    problem::Problem,
    ui::{
        fields::{ticked, value},
        frame::{Html, PageProblem, Place, Shell, Tone, sentence},
        jobs::{self, JobRow},
        session::{Posted, Visit, go_on},
    },
};

/// Jobs of all kinds that are looked through for checks of before.
const LOOKED_AT: u32 = 20;

#[derive(Template)]
#[template(path = "terminal_check.html")]
struct CheckPage {
    shell: Shell,
    device: DeviceView,
    form: CheckForm,
    before: Vec<JobRow>,
    may_keep: bool,
    problem: Option<String>,
}

/// What was chosen.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct CheckForm {
    /// Seconds to wait for a punch.
    #[serde(default)]
    live: String,
    #[serde(default)]
    capture: String,
}

pub(super) async fn ask(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Operator)?;
    page(
        &state,
        visit,
        &id,
        StatusCode::OK,
        CheckForm::default(),
        None,
    )
    .await
}

pub(super) async fn begin(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<CheckForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let capture = ticked(&form.capture);
    if capture {
        visitor.must_have(Role::Admin)?;
    }
    let begun = match value("seconds to wait for a punch", &form.live) {
        Ok(live) => {
            let live = live.map(|Seconds(live)| live);
            begin_examination(&state, &id, ExamineWish { live, capture }).await
        }
        Err(problem) => Err(problem),
    };
    match begun {
        Ok(job) => {
            let text = "The check has begun.";
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
            let told = Some(sentence(&problem));
            page(&state, Visit::again(visitor), &id, status, form, told).await
        }
    }
}

async fn page(
    state: &AppState,
    visit: Visit,
    id: &str,
    status: StatusCode,
    form: CheckForm,
    problem: Option<String>,
) -> Result<Response, PageProblem> {
    let device = actions::device(state, id).await?;
    let before = jobs_at(state, device.id, LOOKED_AT).await?;
    let page = CheckPage {
        before: before
            .iter()
            .filter(|job| job.kind == "examine_device")
            .map(|job| JobRow::new(job, state))
            .collect(),
        may_keep: visit.visitor.may(Role::Admin),
        shell: Shell::new(state, visit, Place::Terminals).titled(format!("Check {}", device.name)),
        device,
        form,
        problem,
    };
    Ok(Html(status, page).into_response())
}

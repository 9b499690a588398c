//! Work in the background: how far it has come, and what came of it.

mod clearing;
mod copying;
mod examination;
mod headline;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::Role;
use serde_json::Value;

use self::{
    clearing::Clearing,
    copying::Copying,
    examination::Examination,
    headline::{Headline, word_of},
};
use super::{
    frame::{Html, Moment, PageProblem, Pill, Place, Shell, Tone},
    session::{Fragment, Visit},
    words::link,
};
use crate::{
    AppState,
    actions::{self, JobView, capture, job, unknown_job},
    download,
    input::row_id,
};

/// A job as its page shows it.
struct Shown {
    id: i64,
    running: bool,
    headline: Headline,
    begun: Moment,
    ended: Option<Moment>,
    what: What,
}

enum What {
    Examination(Examination),
    Clearing(Clearing),
    Copying(Copying),
    /// Numbers that it came to, with their names.
    Numbers(Vec<(String, String)>),
}

/// A job as a line of a list.
pub(super) struct JobRow {
    pub(super) href: String,
    pub(super) word: &'static str,
    pub(super) pill: Pill,
    pub(super) at: Moment,
}

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    shell: Shell,
    view: Shown,
    back: String,
    back_word: String,
    may_manage: bool,
}

#[derive(Template)]
#[template(path = "parts/job.html")]
struct JobPart {
    view: Shown,
}

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/jobs/{id}", get(show))
        .route("/jobs/{id}/capture", get(download))
        .route("/fragments/jobs/{id}", get(part))
}

/// Where a job is looked at.
pub(super) fn path(id: i64) -> String {
    format!("/jobs/{id}")
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageProblem> {
    let job = found(&state, &id).await?;
    let place = if job.kind == "copy_users" || job.kind == "import_users" {
        Place::Users
    } else {
        Place::Terminals
    };
    let device = job.request.get("device").and_then(Value::as_i64);
    let named = match device {
        Some(device) => Some(actions::device(&state, &device.to_string()).await?),
        None => None,
    };
    let (back, back_word) = match (place, named) {
        (Place::Users, Some(device)) => {
            let id = device.id.to_string();
            (
                link("/users", [("device", id.as_str())]),
                "Users".to_owned(),
            )
        }
        (_, Some(device)) => (format!("/terminals/{}", device.id), device.name),
        (_, None) => ("/sync-status".to_owned(), "Sync status".to_owned()),
    };
    let view = Shown::load(&state, job).await?;
    let page = JobPage {
        may_manage: visit.visitor.may(Role::Admin),
        shell: Shell::new(&state, visit, place).titled(view.headline.title.clone()),
        back,
        back_word,
        view,
    };
    Ok(Html(StatusCode::OK, page))
}

async fn part(
    State(state): State<AppState>,
    _: Fragment,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageProblem> {
    let job = found(&state, &id).await?;
    let view = Shown::load(&state, job).await?;
    Ok(Html(StatusCode::OK, JobPart { view }))
}

/// The conversation of an examination, as a file.
async fn download(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Admin)?;
    let job = found(&state, &id).await?;
    let text = capture(&state, job.id)?;
    Ok(download::conversation(job.id, &text))
}

async fn found(state: &AppState, id: &str) -> Result<JobView, PageProblem> {
    let id = row_id(id, || unknown_job(id))?;
    Ok(job(state, id).await?)
}

impl Shown {
    async fn load(state: &AppState, job: JobView) -> Result<Self, PageProblem> {
        let now = state.clock.now();
        let zone = &state.settings.zone;
        let running = job.state == "running";
        let result = job.result.clone().unwrap_or_default();
        let (what, headline) = match job.kind.as_str() {
            "examine_device" => {
                let kept = capture(state, job.id).is_ok();
                let examined = Examination::new(&job, &result, kept);
                let headline = examined.headline(&job, &result);
                (What::Examination(examined), headline)
            }
            "clear_log" => {
                let cleared = Clearing::new(&result);
                let headline = cleared.headline(&job, &result);
                (What::Clearing(cleared), headline)
            }
            "copy_users" => {
                let copied = Copying::load(state, &job, &result).await?;
                let headline = copied.headline(&job, &result);
                (What::Copying(copied), headline)
            }
            _ => (
                What::Numbers(numbers(&result)),
                Headline::of(&job, &result, "It is done", ""),
            ),
        };
        Ok(Self {
            id: job.id,
            running,
            headline,
            begun: Moment::new(job.created_at, now, zone),
            ended: job.finished_at.map(|at| Moment::new(at, now, zone)),
            what,
        })
    }
}

impl JobRow {
    pub(super) fn new(job: &JobView, state: &AppState) -> Self {
        let outcome = job
            .result
            .as_ref()
            .and_then(|result| result.get("outcome"))
            .and_then(Value::as_str);
        let failed = |result: &Value| result.get("failed").and_then(Value::as_u64);
        let pill = match (job.state.as_str(), outcome) {
            ("running", _) => Pill::new(Tone::Busy, "Under way"),
            ("failed", _) => Pill::new(Tone::Bad, "Not done"),
            (_, Some("failed")) => Pill::new(Tone::Bad, "Something is wrong"),
            (_, Some("warning")) => Pill::new(Tone::Warn, "Look after it"),
            _ if job.result.as_ref().and_then(failed).unwrap_or(0) > 0 => {
                Pill::new(Tone::Warn, "In part")
            }
            _ => Pill::new(Tone::Good, "Done"),
        };
        Self {
            href: path(job.id),
            word: word_of(job),
            pill,
            at: Moment::new(job.created_at, state.clock.now(), &state.settings.zone),
        }
    }
}

/// What a result counts, by name.
fn numbers(result: &Value) -> Vec<(String, String)> {
    let fields = result.as_object().into_iter().flatten();
    fields
        .filter(|(name, value)| value.is_number() && *name != "job_id")
        .map(|(name, value)| (name.replace('_', " "), value.to_string()))
        .collect()
}

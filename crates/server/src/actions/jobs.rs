use domain::{JobId, TerminalId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use storage::Job;
use utoipa::ToSchema;

use super::devices;
use crate::{AppState, problem::Problem};

/// Work that somebody asked for and that goes on in the background.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct JobView {
    pub(crate) id: i64,
    /// `send_attendance`, `import_users`, `examine_device`, `clear_log` or `copy_users`
    #[schema(example = "send_attendance")]
    pub(crate) kind: String,
    /// `running`, `done` or `failed`
    #[schema(example = "done")]
    pub(crate) state: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) finished_at: Option<Timestamp>,
    /// What was asked for.
    pub(crate) request: Value,
    /// What came of it so far.
    pub(crate) result: Option<Value>,
}

/// How far a job has come.
pub(crate) async fn job(state: &AppState, id: i64) -> Result<JobView, Problem> {
    let id = JobId(id);
    let job = state
        .store
        .job(id)
        .await?
        .ok_or_else(|| unknown(&id.to_string()))?;
    Ok(job.into())
}

/// The last jobs at a terminal, newest first.
pub(crate) async fn jobs_at(
    state: &AppState,
    device: i64,
    limit: u32,
) -> Result<Vec<JobView>, Problem> {
    let jobs = state.store.jobs_at(TerminalId(device), None, limit).await?;
    Ok(jobs.into_iter().map(JobView::from).collect())
}

/// Jobs at a terminal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct JobPage {
    pub(crate) jobs: Vec<JobView>,
    /// Cursor of the page with earlier ones; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// A page of the jobs at a terminal, newest first.
pub(crate) async fn job_page(
    state: &AppState,
    device: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<JobPage, Problem> {
    let terminal = devices::find(state, device).await?;
    let jobs = state
        .store
        .jobs_at(terminal.id, before.map(JobId), limit)
        .await?;
    let full = u32::try_from(jobs.len()).is_ok_and(|length| length == limit);
    let next_cursor = jobs.last().filter(|_| full).map(|last| last.id.to_string());
    Ok(JobPage {
        jobs: jobs.into_iter().map(JobView::from).collect(),
        next_cursor,
    })
}

pub(crate) fn unknown(id: &str) -> Problem {
    Problem::NotFound {
        code: "unknown_job",
        message: format!("there is no job {id}"),
    }
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            id: job.id.0,
            kind: job.kind.as_str().to_owned(),
            state: job.state.as_str().to_owned(),
            created_at: job.created_at,
            finished_at: job.finished_at,
            request: job.request,
            result: job.result,
        }
    }
}

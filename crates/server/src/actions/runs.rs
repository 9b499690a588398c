use domain::{SyncRunId, TerminalId};
use jiff::Timestamp;
use serde::Serialize;
use storage::{RunKind, RunOutcome, SyncRun};
use utoipa::ToSchema;

use crate::{AppState, actions::chosen, problem::Problem};

/// One contact with a terminal that read something, or failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RunView {
    pub(crate) id: i64,
    /// The terminal's id.
    pub(crate) device: i64,
    /// What was read: `contact` (nothing came of it), `users` or `punches`
    #[schema(value_type = String, example = "punches")]
    pub(crate) kind: RunKind,
    /// `running`, `ok` or `failed`
    #[schema(value_type = String, example = "ok")]
    pub(crate) outcome: RunOutcome,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) finished_at: Option<Timestamp>,
    /// Contacts in a row that failed for the same cause share one run.
    pub(crate) tries: u32,
    /// Rows that the terminal said it has.
    pub(crate) device_says: Option<u32>,
    pub(crate) seen: u64,
    /// New in the ledger.
    pub(crate) stored: u64,
    /// Exact repeats of one another in the terminal's log.
    pub(crate) repeats: u64,
    /// Kept raw.
    pub(crate) unreadable: u64,
    pub(crate) error_code: Option<String>,
    pub(crate) error: Option<String>,
}

/// Newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RunPage {
    pub(crate) runs: Vec<RunView>,
    /// Cursor of the page with older ones; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// The history of contacts, of one terminal or of all.
pub(crate) async fn runs(
    state: &AppState,
    device: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<RunPage, Problem> {
    let device = device
        .map(str::trim)
        .filter(|device| !device.is_empty() && !device.eq_ignore_ascii_case("all"));
    let terminal: Option<TerminalId> = match device {
        None => None,
        Some(device) => chosen(state, Some(device))
            .await?
            .map(|terminal| terminal.id),
    };
    let runs = state
        .store
        .sync_runs(terminal, before.map(SyncRunId), limit)
        .await?;
    let full = u32::try_from(runs.len()).is_ok_and(|length| length == limit);
    let next_cursor = runs.last().filter(|_| full).map(|last| last.id.to_string());
    Ok(RunPage {
        runs: runs.into_iter().map(RunView::from).collect(),
        next_cursor,
    })
}

impl From<SyncRun> for RunView {
    fn from(run: SyncRun) -> Self {
        Self {
            id: run.id.0,
            device: run.terminal_id.0,
            kind: run.kind,
            outcome: run.outcome,
            started_at: run.started_at,
            finished_at: run.finished_at,
            tries: run.tries,
            device_says: run.terminal_says,
            seen: run.seen,
            stored: run.stored,
            repeats: run.repeats,
            unreadable: run.unreadable,
            error_code: run.error_code,
            error: run.error,
        }
    }
}

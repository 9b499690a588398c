//! Whether what a terminal counts and what came of its log add up.

use domain::SyncRunId;
use jiff::Timestamp;
use serde::Serialize;
use storage::SyncRun;
use utoipa::ToSchema;

use crate::{AppState, actions::devices, problem::Problem};

/// A read of a whole log: the device says N, of which S are stored, R exact repeats, and U unreadable.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReconciliationView {
    /// The sync run.
    #[schema(example = 17)]
    pub(crate) id: i64,
    #[schema(example = 1)]
    pub(crate) device: i64,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) finished_at: Option<Timestamp>,
    /// N; null where the device does not count its punches.
    #[schema(example = 18214)]
    pub(crate) device_says: Option<u32>,
    /// S: in the ledger, by this read or before.
    #[schema(example = 18212)]
    pub(crate) stored: u64,
    /// Of these, new in the ledger.
    #[schema(example = 3)]
    pub(crate) new: u64,
    /// R: exact repeats of one another in the log.
    #[schema(example = 2)]
    pub(crate) repeats: u64,
    /// U: kept raw, see `GET /api/v1/devices/{id}/unreadable`.
    #[schema(example = 0)]
    pub(crate) unreadable: u64,
    /// N − S − R − U; an alarm unless it is 0. Null where the device does not count.
    #[schema(example = 0)]
    pub(crate) difference: Option<i64>,
    /// The same in words.
    #[schema(example = "18214 = 18212 stored + 2 repeats + 0 unreadable")]
    pub(crate) text: String,
}

/// Newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReconciliationPage {
    pub(crate) reconciliations: Vec<ReconciliationView>,
    /// Cursor of the page with older ones; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// The reads of a terminal's whole log, and whether they added up.
pub(crate) async fn reconciliations(
    state: &AppState,
    device: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<ReconciliationPage, Problem> {
    let terminal = devices::find(state, device).await?;
    let runs = state
        .store
        .reconciliations_before(terminal.id, before.map(SyncRunId), limit)
        .await?;
    let full = u32::try_from(runs.len()).is_ok_and(|length| length == limit);
    let next_cursor = runs.last().filter(|_| full).map(|last| last.id.to_string());
    Ok(ReconciliationPage {
        reconciliations: runs.into_iter().map(ReconciliationView::from).collect(),
        next_cursor,
    })
}

impl From<SyncRun> for ReconciliationView {
    fn from(run: SyncRun) -> Self {
        Self {
            text: in_words(&run),
            id: run.id.0,
            device: run.terminal_id.0,
            started_at: run.started_at,
            finished_at: run.finished_at,
            device_says: run.terminal_says,
            stored: run.stored + run.stored_before,
            new: run.stored,
            repeats: run.repeats,
            unreadable: run.unreadable,
            difference: run.difference,
        }
    }
}

fn in_words(run: &SyncRun) -> String {
    let parts = format!(
        "{} stored + {} repeats + {} unreadable",
        run.stored + run.stored_before,
        run.repeats,
        run.unreadable
    );
    let Some(says) = run.terminal_says else {
        return format!(
            "the terminal does not count its punches, or is known to miscount; {parts} came"
        );
    };
    match run.difference {
        Some(0) => format!("{says} = {parts}"),
        Some(missing @ 1..) => format!(
            "the terminal says {says}, but only {parts} came: {missing} are missing. Read the log again; if it stays so, \
             report this model"
        ),
        Some(more) => format!(
            "the terminal says {says}, but {parts} came: {} more than it counts. Nothing is lost; somebody may have \
             punched meanwhile, or it counts wrongly",
            more.unsigned_abs()
        ),
        None => format!("the terminal says {says}; {parts} came"),
    }
}

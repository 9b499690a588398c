use jiff::Timestamp;
use serde::Serialize;
use storage::{CauseCount, QueueWork, QueueWorkKind};
use utoipa::ToSchema;

use super::{HeldBackView, held_back_views, named};
use crate::{AppState, actions::sync::DestinationStatus, problem::Problem};

/// How delivery to one destination stands, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HealthView {
    #[serde(flatten)]
    pub(crate) status: DestinationStatus,
    /// What keeps waiting records back; empty: they go.
    pub(crate) held_back: Vec<HeldBackView>,
    /// When the schedule lets the next records go.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) next_run_at: Option<Timestamp>,
    /// Learned from an answer 413.
    pub(crate) largest_batch: Option<u32>,
    /// Why records are parked, the most frequent cause first.
    pub(crate) causes: Vec<CauseView>,
    /// What was and is done to the queue in the background, newest first.
    pub(crate) works: Vec<QueueWorkView>,
}

/// Records that are parked for one cause.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CauseView {
    /// For POST …/replay.
    #[schema(example = "refused")]
    pub(crate) cause: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) count: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) newest: Option<Timestamp>,
}

/// History being queued, or what is not wanted any more being withdrawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QueueWorkView {
    pub(crate) id: i64,
    /// `history`, `withdraw` or `withdraw_held`
    #[schema(value_type = String, example = "history")]
    pub(crate) kind: QueueWorkKind,
    /// Of history: from which local time on.
    pub(crate) since: String,
    /// Of the ledger that is to be looked through, in percent.
    pub(crate) percent: u64,
    /// Records queued or withdrawn so far.
    pub(crate) touched: u64,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) finished_at: Option<Timestamp>,
}

const CAUSES: u32 = 50;
const WORKS: u32 = 10;

pub(crate) async fn destination_health(
    state: &AppState,
    name: &str,
) -> Result<HealthView, Problem> {
    let destination = named(state, name).await?;
    let id = destination.id;
    let look = state.delivery.dry_run(id).await?;
    let counts = state.store.outbox_counts(id).await?;
    Ok(HealthView {
        held_back: look
            .map(|look| held_back_views(&look.held_back))
            .unwrap_or_default(),
        next_run_at: destination.next_run_at,
        largest_batch: destination.max_batch,
        causes: state
            .store
            .parked_causes(id, CAUSES)
            .await?
            .into_iter()
            .map(CauseView::from)
            .collect(),
        works: state
            .store
            .queue_works(id, WORKS)
            .await?
            .into_iter()
            .map(QueueWorkView::from)
            .collect(),
        status: DestinationStatus::new(destination, &counts),
    })
}

impl From<CauseCount> for CauseView {
    fn from(count: CauseCount) -> Self {
        Self {
            cause: count.cause,
            reason: count.reason,
            count: count.count,
            newest: count.newest,
        }
    }
}

impl From<QueueWork> for QueueWorkView {
    fn from(work: QueueWork) -> Self {
        let done = work.cursor.min(work.upto).saturating_mul(100);
        let percent = if work.finished_at.is_some() {
            100
        } else {
            done.checked_div(work.upto).unwrap_or(0)
        };
        Self {
            id: work.id.0,
            kind: work.kind,
            since: work.since.to_string(),
            percent,
            touched: work.touched,
            started_at: work.started_at,
            finished_at: work.finished_at,
        }
    }
}

//! Punches whose time could not be right: they wait for a person.

use domain::{Pin, PunchId};
use jiff::SignedDuration;
use serde::Serialize;
use storage::HeldFilter;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{PunchView, PunchWish, labels, punch_filter, punch_views},
    problem::Problem,
};

/// Punches of an answer that shows what a release would do.
const SHOWN: u32 = 20;
/// Longest reason.
const REASON: usize = 500;

/// A punch that is held.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HeldView {
    /// For `ids` of a release.
    #[schema(example = 17)]
    pub(crate) id: i64,
    #[serde(flatten)]
    pub(crate) punch: PunchView,
    /// Its local time moved by `shift_seconds`, where that was given; null where that would be no time.
    #[schema(example = "2026-11-22 23:58:30")]
    pub(crate) shifted: Option<String>,
}

/// In the order of the ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HeldPage {
    pub(crate) records: Vec<HeldView>,
    /// How many match altogether.
    #[schema(example = 1)]
    pub(crate) total: u64,
    /// Cursor of the next page; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// Which are meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldWish {
    pub(crate) punches: PunchWish,
    /// Just these; none means all that match.
    pub(crate) ids: Vec<i64>,
}

/// What is to be done with them.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReleaseWish {
    pub(crate) held: HeldWish,
    pub(crate) shift_secs: Option<i64>,
    pub(crate) reason: String,
    /// Only says what would be done.
    pub(crate) dry_run: bool,
}

/// What a release came to, or would.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReleasedView {
    pub(crate) dry_run: bool,
    /// Records that were released.
    #[schema(example = 3)]
    pub(crate) released: u64,
    /// Deliveries that wait to be sent now; null where nothing was done.
    #[schema(example = 3)]
    pub(crate) queued: Option<u64>,
    /// Records that stay held, because their time moved by the shift is no time; null where nothing was done.
    #[schema(example = 0)]
    pub(crate) left: Option<u64>,
    /// The first of them, as they were before.
    pub(crate) records: Vec<HeldView>,
}

/// The punches that are held, page by page.
pub(crate) async fn held_punches(
    state: &AppState,
    wish: &HeldWish,
    shift_secs: Option<i64>,
    after: Option<i64>,
    limit: u32,
) -> Result<HeldPage, Problem> {
    let filter = filter(state, wish).await?;
    let shift = shift_secs.map(SignedDuration::from_secs);
    page(state, &filter, shift, after, limit).await
}

async fn page(
    state: &AppState,
    filter: &HeldFilter,
    shift: Option<SignedDuration>,
    after: Option<i64>,
    limit: u32,
) -> Result<HeldPage, Problem> {
    let found = state
        .store
        .held_punches(filter, after.map(PunchId), limit)
        .await?;
    let total = state.store.count_held(filter).await?;
    let labels = labels(state).await?;
    let full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
    let next_cursor = found
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    let shifted: Vec<Option<String>> = found
        .iter()
        .map(|punch| Some(punch.local_time.checked_add(shift?)?.to_string()))
        .collect();
    let views = punch_views(&state.store, found, &labels).await?;
    let records = views
        .into_iter()
        .zip(shifted)
        .map(|(punch, shifted)| HeldView {
            id: punch.number,
            punch,
            shifted,
        });
    Ok(HeldPage {
        records: records.collect(),
        total,
        next_cursor,
    })
}

/// Lets held punches go, as they are or moved in time; every destination that wants them gets them.
pub(crate) async fn release_punches(
    state: &AppState,
    wish: ReleaseWish,
    by: &str,
) -> Result<ReleasedView, Problem> {
    let shift = wish.shift_secs.map(SignedDuration::from_secs);
    let reason = wish.reason.trim();
    if !wish.dry_run && (reason.is_empty() || reason.chars().count() > REASON) {
        return Err(Problem::invalid(format!(
            "reason must be a text of 1 to {REASON} characters; it is kept with the records, as in \"the battery of its \
             clock was empty\""
        )));
    }
    let filter = filter(state, &wish.held).await?;
    let shown = page(state, &filter, shift, None, SHOWN).await?;
    if wish.dry_run {
        return Ok(ReleasedView {
            dry_run: true,
            released: shown.total,
            queued: None,
            left: None,
            records: shown.records,
        });
    }
    let released = state
        .store
        .release(filter, shift, by, reason, state.clock.now())
        .await?;
    state.delivery.wake();
    Ok(ReleasedView {
        dry_run: false,
        released: released.punches,
        queued: Some(released.queued),
        left: Some(released.left),
        records: shown.records,
    })
}

async fn filter(state: &AppState, wish: &HeldWish) -> Result<HeldFilter, Problem> {
    let punches = punch_filter(state, &wish.punches).await?;
    let people = punches
        .people
        .into_iter()
        .map(|person| {
            Pin::new(person)
                .map_err(|error| Problem::invalid(format!("user_id cannot be used: {error}")))
        })
        .collect::<Result<_, _>>()?;
    Ok(HeldFilter {
        terminal: punches.terminal,
        people,
        meant: punches.meant,
        range: punches.range,
        punches: wish.ids.iter().copied().map(PunchId).collect(),
    })
}

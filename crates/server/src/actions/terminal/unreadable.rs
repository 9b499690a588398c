//! Rows of a log that nobody could read.

use std::fmt::Write as _;

use domain::UnreadableId;
use jiff::Timestamp;
use serde::Serialize;
use storage::UnreadableRow;
use utoipa::ToSchema;

use crate::{AppState, actions::devices, problem::Problem};

/// A row as the terminal gave it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UnreadableView {
    #[schema(example = 5)]
    pub(crate) id: i64,
    /// Its bytes, hexadecimal.
    #[schema(example = "ff00a1c3")]
    pub(crate) raw: String,
    /// Why it cannot be read; for people.
    #[schema(example = "its time is no date")]
    pub(crate) reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) seen_at: Timestamp,
}

/// In the order in which they were met.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UnreadablePage {
    pub(crate) rows: Vec<UnreadableView>,
    /// How many there are altogether.
    #[schema(example = 1)]
    pub(crate) total: u64,
    /// Cursor of the page with later ones; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// What decoding them once more came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RereadView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    /// Rows that are records now.
    #[schema(example = 2)]
    pub(crate) read: u64,
    /// Rows that still cannot be read.
    #[schema(example = 0)]
    pub(crate) left: u64,
}

/// The rows of a terminal that are kept raw.
pub(crate) async fn unreadable(
    state: &AppState,
    device: &str,
    after: Option<i64>,
    limit: u32,
) -> Result<UnreadablePage, Problem> {
    let terminal = devices::find(state, device).await?;
    let rows = state
        .store
        .unreadable_rows(Some(terminal.id), after.map(UnreadableId), limit)
        .await?;
    let total = state.store.count_unreadable(Some(terminal.id)).await?;
    let full = u32::try_from(rows.len()).is_ok_and(|length| length == limit);
    let next_cursor = rows.last().filter(|_| full).map(|last| last.id.to_string());
    Ok(UnreadablePage {
        rows: rows.into_iter().map(UnreadableView::from).collect(),
        total,
        next_cursor,
    })
}

/// Decodes the rows once more, with what this version and the settings know.
pub(crate) async fn reread_unreadable(
    state: &AppState,
    device: &str,
) -> Result<RereadView, Problem> {
    let terminal = devices::open(state, device).await?;
    let read = state.collector.reread_unreadable(terminal.id).await?;
    Ok(RereadView {
        device: terminal.id.0,
        read,
        left: state.store.count_unreadable(Some(terminal.id)).await?,
    })
}

impl From<UnreadableRow> for UnreadableView {
    fn from(row: UnreadableRow) -> Self {
        Self {
            id: row.id.0,
            raw: hex(&row.raw),
            reason: row.reason,
            seen_at: row.seen_at,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

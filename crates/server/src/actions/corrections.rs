use domain::TerminalId;
use jiff::Timestamp;
use serde::Serialize;
use storage::Correction;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{chosen, select::all_or},
    problem::Problem,
};

/// What is known better of a record than its terminal knew.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CorrectionView {
    #[schema(example = 3)]
    pub(crate) id: i64,
    /// The record keeps its id.
    pub(crate) record_id: String,
    /// The device's id.
    #[schema(example = 1)]
    pub(crate) device: i64,
    #[schema(example = "123")]
    pub(crate) employee_id: String,
    /// `log`: its row of the log says otherwise than it was told; `release`: somebody released it; `zone`: the device
    /// is in another zone; `decode`: its bytes are understood otherwise
    #[schema(example = "release")]
    pub(crate) kind: &'static str,
    /// As the device gave it.
    #[schema(example = "2000-11-22 23:58:30")]
    pub(crate) given: String,
    #[schema(example = "2026-11-22 23:58:30")]
    pub(crate) timestamp: String,
    #[schema(example = "Asia/Karachi")]
    pub(crate) zone: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) instant: Timestamp,
    /// ok, gap, fold or implausible
    #[schema(example = "ok")]
    pub(crate) flag: &'static str,
    /// Who made it.
    #[schema(example = "payroll")]
    pub(crate) by: String,
    #[schema(example = "the battery of its clock was empty")]
    pub(crate) reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) made_at: Timestamp,
}

/// Newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CorrectionPage {
    pub(crate) corrections: Vec<CorrectionView>,
    /// Cursor of the page with older ones; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// The corrections that were made, of one terminal's records or of all.
pub(crate) async fn corrections(
    state: &AppState,
    device: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<CorrectionPage, Problem> {
    let terminal: Option<TerminalId> = match all_or(device) {
        None => None,
        Some(device) => chosen(state, Some(device))
            .await?
            .map(|terminal| terminal.id),
    };
    let found = state.store.corrections(terminal, before, limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
    let next_cursor = found
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    Ok(CorrectionPage {
        corrections: found.into_iter().map(CorrectionView::from).collect(),
        next_cursor,
    })
}

impl From<Correction> for CorrectionView {
    fn from(correction: Correction) -> Self {
        Self {
            id: correction.id,
            record_id: correction.record_id.to_string(),
            device: correction.terminal_id.0,
            employee_id: correction.pin.into(),
            kind: correction.kind.as_str(),
            given: correction.given_time.to_string(),
            timestamp: correction.local_time.to_string(),
            zone: correction.zone,
            instant: correction.instant,
            flag: correction.flag.as_str(),
            by: correction.by,
            reason: correction.reason,
            made_at: correction.made_at,
        }
    }
}

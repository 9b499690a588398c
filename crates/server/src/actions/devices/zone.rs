//! A zone that turned out to be another one.

use domain::{LocalTime, TerminalId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{DeviceChange, DeviceView};
use crate::{AppState, problem::Problem};

/// A terminal with its new settings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChangedView {
    #[serde(flatten)]
    pub(crate) device: DeviceView,
    /// Records whose instant was corrected, because the zone is another one since `zone_from`; null where that was not
    /// asked for.
    pub(crate) corrected_records: Option<u64>,
}

/// From when on a terminal is in which zone.
pub(super) struct Moved {
    zone: String,
    from: LocalTime,
}

pub(super) fn moved(change: &DeviceChange) -> Result<Option<Moved>, Problem> {
    match (
        change.zone_from,
        change.zone.as_ref().and_then(Option::as_ref),
    ) {
        (None, _) => Ok(None),
        (Some(from), Some(zone)) => Ok(Some(Moved {
            zone: zone.clone(),
            from,
        })),
        (Some(_), None) => Err(Problem::invalid(
            "zone_from says since when the device is in its zone; send that too, as in {\"zone\": \"Asia/Baghdad\", \
             \"zone_from\": \"2026-11-01\"}",
        )),
    }
}

impl Moved {
    /// Gives the number of records that were corrected.
    pub(super) async fn correct(
        self,
        state: &AppState,
        terminal: TerminalId,
        by: &str,
    ) -> Result<u64, Problem> {
        Ok(state
            .store
            .change_zone(terminal, &self.zone, self.from, by, state.clock.now())
            .await?)
    }
}

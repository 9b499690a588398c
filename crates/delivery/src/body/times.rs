//! A punch's time in the forms that receivers want.

use domain::{LocalTime, OutPunch};
use jiff::tz::{Offset, TimeZone};

/// With the offset that held then and there: `2026-11-23T08:59:58+02:00`.
pub(crate) fn rfc3339(punch: &OutPunch) -> String {
    let offset = offset(punch);
    punch.instant.display_with_offset(offset).to_string()
}

/// Without a zone, in UTC: `2026-11-23 06:59:58`.
pub(crate) fn utc(punch: &OutPunch) -> String {
    LocalTime::at(punch.instant, &TimeZone::UTC).to_string()
}

/// UTC where the zone is not known any more.
fn offset(punch: &OutPunch) -> Offset {
    TimeZone::get(&punch.zone).map_or(Offset::UTC, |zone| zone.to_offset(punch.instant))
}

use domain::LocalTime;
use jiff::{Timestamp, tz::TimeZone};

use crate::actions::length;

/// A moment as pages show it: how long ago, and on a closer look exactly when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// `14 s ago`, `in 20 s`
    pub(crate) ago: String,
    /// `2026-11-25 08:30:00 Asia/Karachi`
    pub(crate) exact: String,
    /// RFC 3339, for programs.
    pub(crate) machine: String,
}

impl Moment {
    pub(crate) fn new(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Self {
        let seconds = now.as_second() - at.as_second();
        let zone_name = zone
            .iana_name()
            .map_or_else(|| format!("UTC{}", zone.to_offset(at)), str::to_owned);
        Self {
            ago: match seconds {
                ..0 => format!("in {}", length(-seconds)),
                0..2 => "just now".to_owned(),
                _ => format!("{} ago", length(seconds)),
            },
            exact: format!("{} {zone_name}", LocalTime::at(at, zone)),
            machine: at.round(jiff::Unit::Second).unwrap_or(at).to_string(),
        }
    }
}

impl Moment {
    /// Something that is planned: overdue is as good as now.
    pub(crate) fn planned(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Self {
        let moment = Self::new(at, now, zone);
        if at.as_second() <= now.as_second() {
            Self {
                ago: "now".to_owned(),
                ..moment
            }
        } else {
            moment
        }
    }
}

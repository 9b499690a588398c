//! When waiting records may go.

mod cron_time;

#[cfg(test)]
mod tests;

use croner::parser::{CronParser, Seconds, Year};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use self::cron_time::CronTime;

/// When a destination's waiting records go; those that a person asks for go at once all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    #[default]
    AtOnce,
    Every {
        minutes: u32,
    },
    /// `30 6 * * MON-FRI`: minute, hour, day, month and day of the week, by the clock of an IANA zone.
    Cron {
        expr: String,
        zone: String,
    },
}

/// Why a schedule cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    #[error("a schedule every {0} minutes; it must be from 1 to {LONGEST_MINUTES}")]
    Minutes(u32),
    #[error(
        "{expr:?} is no cron expression ({why}); write minute, hour, day, month and day of the week as in 30 6 * * MON-FRI"
    )]
    Expression { expr: String, why: String },
    #[error("{0:?} is no time zone; write a name as Africa/Cairo")]
    Zone(String),
    #[error("{0:?} never comes")]
    Never(String),
}

/// A year.
const LONGEST_MINUTES: u32 = 366 * 24 * 60;
const LONGEST_EXPRESSION: usize = 200;

impl Schedule {
    /// Whether it can be kept, at `now`.
    pub fn check(&self, now: Timestamp) -> Result<(), ScheduleError> {
        match self {
            Self::AtOnce => Ok(()),
            Self::Every { minutes } if (1..=LONGEST_MINUTES).contains(minutes) => Ok(()),
            Self::Every { minutes } => Err(ScheduleError::Minutes(*minutes)),
            Self::Cron { expr, zone } => next_of_cron(expr, zone, now).map(|_| ()),
        }
    }

    /// The next moment after `at` when records go; `None`: at once, or never.
    pub fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::AtOnce => None,
            Self::Every { minutes } => at
                .checked_add(SignedDuration::from_mins(i64::from(*minutes)))
                .ok(),
            Self::Cron { expr, zone } => next_of_cron(expr, zone, at).ok(),
        }
    }
}

/// A time that the clocks skip comes right after the gap, one that comes twice counts once.
fn next_of_cron(expr: &str, zone: &str, at: Timestamp) -> Result<Timestamp, ScheduleError> {
    let wrong = |why: String| ScheduleError::Expression {
        expr: expr.chars().take(LONGEST_EXPRESSION).collect(),
        why,
    };
    if expr.len() > LONGEST_EXPRESSION {
        return Err(wrong("too long".to_owned()));
    }
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    let cron = parser
        .parse(expr)
        .map_err(|error| wrong(error.to_string()))?;
    let zone = TimeZone::get(zone).map_err(|_| ScheduleError::Zone(zone.to_owned()))?;
    cron.find_next_occurrence(&CronTime { at, zone }, false)
        .map(|next| next.at)
        .map_err(|_| ScheduleError::Never(expr.to_owned()))
}

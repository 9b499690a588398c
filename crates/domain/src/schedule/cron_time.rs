//! The calendar of cron expressions, on jiff's.

use std::cmp::Ordering;

use croner::{
    errors::CronError,
    time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday},
};
use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

#[derive(Clone)]
pub(super) struct CronTime {
    pub(super) at: Timestamp,
    pub(super) zone: TimeZone,
}

impl CronDateTime for CronTime {
    fn to_civil(&self) -> CivilDateTime {
        let time = self.civil();
        let date = CivilDate::from_ymd_opt(
            i32::from(time.year()),
            unsigned(time.month()),
            unsigned(time.day()),
        );
        let clock = CivilTime::from_hms_opt(
            unsigned(time.hour()),
            unsigned(time.minute()),
            unsigned(time.second()),
        );
        match (date, clock) {
            (Some(date), Some(clock)) => CivilDateTime::new(date, clock),
            _ => unreachable!("both calendars are the Gregorian one"),
        }
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(unsigned(self.civil().weekday().to_sunday_zero_offset()))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let small = |part: u32| i8::try_from(part).map_err(|_| CronError::InvalidTime);
        let time = DateTime::new(
            i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?,
            small(civil.month())?,
            small(civil.day())?,
            small(civil.hour())?,
            small(civil.minute())?,
            small(civil.second())?,
            0,
        )
        .map_err(|_| CronError::InvalidDate)?;
        let ambiguous = self.zone.to_ambiguous_timestamp(time);
        let taken = |at: Result<Timestamp, jiff::Error>| {
            at.map(|at| self.moved(at))
                .map_err(|_| CronError::InvalidTime)
        };
        Ok(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => {
                Resolution::Single(taken(ambiguous.unambiguous())?)
            }
            AmbiguousOffset::Fold { .. } => {
                Resolution::Ambiguous(taken(ambiguous.earlier())?, taken(ambiguous.later())?)
            }
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.at
            .checked_add(SignedDuration::from_secs(seconds))
            .ok()
            .map(|at| self.moved(at))
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

impl CronTime {
    fn civil(&self) -> DateTime {
        self.zone.to_datetime(self.at)
    }

    fn moved(&self, at: Timestamp) -> Self {
        Self {
            at,
            zone: self.zone.clone(),
        }
    }
}

fn unsigned(part: i8) -> u32 {
    u32::from(part.unsigned_abs())
}

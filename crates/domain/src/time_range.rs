use jiff::civil::{Date, DateTime};

use crate::LocalTime;

/// A range of local times, both ends included, each open where `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    pub from: Option<LocalTime>,
    pub to: Option<LocalTime>,
}

/// Why a range of times cannot be used; the message names the parameter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeRangeError {
    #[error("{name} is {text:?}, which is no date; write 2026-11-23 or 2026-11-23 08:30:00")]
    NotATime { name: &'static str, text: String },
    #[error("start_date {from} is after end_date {to}; exchange them")]
    Reversed { from: LocalTime, to: LocalTime },
}

impl TimeRange {
    /// Reads `start_date` and `end_date`: a date or a date-time, included; a date alone as end is the end of that day.
    pub fn parse(start: Option<&str>, end: Option<&str>) -> Result<Self, TimeRangeError> {
        let filled = |text: &&str| !text.trim().is_empty();
        let from = start
            .filter(filled)
            .map(|text| Self::parse_start("start_date", text))
            .transpose()?;
        let to = end
            .filter(filled)
            .map(|text| Self::parse_end("end_date", text))
            .transpose()?;
        match (from, to) {
            (Some(from), Some(to)) if from > to => Err(TimeRangeError::Reversed { from, to }),
            _ => Ok(Self { from, to }),
        }
    }

    /// A date is the start of that day.
    pub fn parse_start(name: &'static str, text: &str) -> Result<LocalTime, TimeRangeError> {
        Self::parse_with(name, text, |date| date.at(0, 0, 0, 0))
    }

    fn parse_end(name: &'static str, text: &str) -> Result<LocalTime, TimeRangeError> {
        Self::parse_with(name, text, |date| date.at(23, 59, 59, 0))
    }

    fn parse_with(
        name: &'static str,
        text: &str,
        at: fn(Date) -> DateTime,
    ) -> Result<LocalTime, TimeRangeError> {
        let wrong = || TimeRangeError::NotATime {
            name,
            text: text.to_owned(),
        };
        let text = text.trim();
        // A zone or an offset is refused rather than ignored: the range is in the terminal's own time.
        if text.len() == "2026-11-23".len() {
            return text
                .parse::<Date>()
                .map(|date| LocalTime::from_civil(at(date)))
                .map_err(|_| wrong());
        }
        if text.ends_with(['Z', 'z', ']'])
            || text.get(10..).is_some_and(|rest| rest.contains(['+', '-']))
        {
            return Err(wrong());
        }
        text.parse::<LocalTime>().map_err(|_| wrong())
    }
}

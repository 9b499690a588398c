use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Serialize};

/// A terminal's own wall clock, to the second, without a zone: `2026-11-23 08:30:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(DateTime);

/// The text or the numbers are no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time; write it as 2026-11-23 08:30:00")]
pub struct LocalTimeError(String);

/// How sure the instant of a local time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeFlag {
    /// One instant.
    Ok,
    /// Clocks were put forward over it; shifted by the length of the gap.
    Gap,
    /// It happened twice; the first was taken.
    Fold,
    /// Cannot be right (see [`is_implausible`]): stored and shown, and waits for a person.
    Implausible,
}

/// A local time made an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    pub instant: Timestamp,
    pub flag: TimeFlag,
}

impl LocalTime {
    pub fn new(
        year: i16,
        month: i8,
        day: i8,
        hour: i8,
        minute: i8,
        second: i8,
    ) -> Result<Self, LocalTimeError> {
        DateTime::new(year, month, day, hour, minute, second, 0)
            .map(Self)
            .map_err(|_| LocalTimeError(format!("{year}-{month}-{day} {hour}:{minute}:{second}")))
    }

    /// The wall clock in `zone` at `now`, fractions of a second cut off.
    pub fn at(now: Timestamp, zone: &TimeZone) -> Self {
        Self::from_civil(zone.to_datetime(now))
    }

    pub fn from_civil(time: DateTime) -> Self {
        Self(time.with().subsec_nanosecond(0).build().unwrap_or(time))
    }

    pub fn civil(self) -> DateTime {
        self.0
    }

    /// So much later on the wall clock, or earlier; `None` where there is no such time.
    #[must_use]
    pub fn checked_add(self, shift: SignedDuration) -> Option<Self> {
        self.0.checked_add(shift).ok().map(Self::from_civil)
    }

    /// `2026-11-23`
    pub fn date(self) -> String {
        self.0.date().to_string()
    }

    /// `08:30:00`
    pub fn time(self) -> String {
        self.0.time().to_string()
    }

    /// The instant in `zone`; a gap and a fold are resolved as RFC 5545 does ("compatible") and flagged.
    pub fn resolve(self, zone: &TimeZone) -> Result<Resolved, LocalTimeError> {
        let ambiguous = zone.to_ambiguous_timestamp(self.0);
        let flag = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => TimeFlag::Ok,
            AmbiguousOffset::Gap { .. } => TimeFlag::Gap,
            AmbiguousOffset::Fold { .. } => TimeFlag::Fold,
        };
        let instant = ambiguous
            .compatible()
            .map_err(|_| LocalTimeError(self.to_string()))?;
        Ok(Resolved { instant, flag })
    }
}

impl std::fmt::Display for LocalTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Digit by digit: every punch that is stored has its time written several times.
        let time = self.0;
        if time.year() < 0 {
            f.write_str("-")?;
        }
        let year = time.year().unsigned_abs();
        let [y1, y2] = two_digits(year / 100);
        let [y3, y4] = two_digits(year % 100);
        let [m1, m2] = two_digits(time.month().unsigned_abs().into());
        let [d1, d2] = two_digits(time.day().unsigned_abs().into());
        let [h1, h2] = two_digits(time.hour().unsigned_abs().into());
        let [n1, n2] = two_digits(time.minute().unsigned_abs().into());
        let [s1, s2] = two_digits(time.second().unsigned_abs().into());
        let text = [
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b' ', h1, h2, b':', n1, n2, b':', s1, s2,
        ];
        f.write_str(std::str::from_utf8(&text).map_err(|_| std::fmt::Error)?)
    }
}

/// Of a number below 100.
fn two_digits(number: u16) -> [u8; 2] {
    let digit = |number: u16| b'0' + u8::try_from(number % 10).unwrap_or(0);
    [digit(number / 10), digit(number)]
}

impl std::str::FromStr for LocalTime {
    type Err = LocalTimeError;

    /// Accepts a blank or a `T` between date and time.
    fn from_str(text: &str) -> Result<Self, LocalTimeError> {
        text.trim()
            .parse::<DateTime>()
            .map(Self::from_civil)
            .map_err(|_| LocalTimeError(text.to_owned()))
    }
}

impl TryFrom<String> for LocalTime {
    type Error = LocalTimeError;

    fn try_from(text: String) -> Result<Self, LocalTimeError> {
        text.parse()
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.to_string()
    }
}

impl TimeFlag {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Gap => "gap",
            Self::Fold => "fold",
            Self::Implausible => "implausible",
        }
    }
}

/// Whether a punch's time cannot be right: before 2010, more than a day ahead of `now`, or appended to the log after a
/// row that was known (`after`) and more than 31 days behind it.
pub fn is_implausible(
    time: LocalTime,
    instant: Timestamp,
    now: Timestamp,
    after: Option<LocalTime>,
) -> bool {
    const FIRST_YEAR: i16 = 2010;
    time.civil().year() < FIRST_YEAR
        || instant.duration_since(now) > SignedDuration::from_hours(24)
        || after.is_some_and(|known| {
            known
                .civil()
                .checked_sub(31.days())
                .is_ok_and(|earliest| time.civil() < earliest)
        })
}

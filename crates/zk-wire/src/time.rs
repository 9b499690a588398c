use std::fmt;

/// A terminal's wall clock to the second, without a zone. It can hold what the wire can: 2000 to 2099.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireTime {
    /// 2000 to 2099.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31, as the month has them.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl WireTime {
    /// `None` for a date or time that does not exist, or outside of 2000 to 2099.
    pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        let exists = (2000..=2099).contains(&year)
            && (1..=days_in(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        exists.then_some(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
        })
    }

    /// Reads the packed form, in which every month has 31 days; `None` for a date that does not exist (31 February).
    pub fn from_u32(packed: u32) -> Option<Self> {
        let (rest, second) = (packed / 60, packed % 60);
        let (rest, minute) = (rest / 60, rest % 60);
        let (rest, hour) = (rest / 24, rest % 24);
        let (rest, day) = (rest / 31, rest % 31 + 1);
        let (year, month) = (2000 + rest / 12, rest % 12 + 1);
        let small = |value: u32| u8::try_from(value).ok();
        Self::new(
            u16::try_from(year).ok()?,
            small(month)?,
            small(day)?,
            small(hour)?,
            small(minute)?,
            small(second)?,
        )
    }

    /// The packed form: months of 31 days, years of 12 months, from 2000 on.
    pub fn to_u32(self) -> u32 {
        let months = u32::from(self.year % 100) * 12 + u32::from(self.month.saturating_sub(1));
        let days = months * 31 + u32::from(self.day.saturating_sub(1));
        ((days * 24 + u32::from(self.hour)) * 60 + u32::from(self.minute)) * 60
            + u32::from(self.second)
    }

    /// Reads the six bytes of an event: year without century, month, day, hour, minute, second.
    pub fn from_event_bytes(bytes: [u8; 6]) -> Option<Self> {
        let [year, month, day, hour, minute, second] = bytes;
        Self::new(2000 + u16::from(year), month, day, hour, minute, second)
    }

    /// The six bytes of an event.
    pub fn to_event_bytes(self) -> [u8; 6] {
        let year = u8::try_from(self.year % 100).unwrap_or(0);
        [
            year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
        ]
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        // 2000 to 2099 has no exception from the rule of four.
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for WireTime {
    /// `2026-11-23 08:30:00`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = self;
        write!(
            f,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        )
    }
}

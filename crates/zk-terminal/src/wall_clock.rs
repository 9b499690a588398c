//! Between the calendar's time and the terminal's packed one.

use jiff::civil::DateTime;
use zk_wire::WireTime;

/// `None` outside of 2000 to 2099.
pub(crate) fn to_wire(time: DateTime) -> Option<WireTime> {
    let small = |value: i8| u8::try_from(value).ok();
    WireTime::new(
        u16::try_from(time.year()).ok()?,
        small(time.month())?,
        small(time.day())?,
        small(time.hour())?,
        small(time.minute())?,
        small(time.second())?,
    )
}

/// `None` never happens for a time that exists.
pub(crate) fn from_wire(time: WireTime) -> Option<DateTime> {
    let small = |value: u8| i8::try_from(value).ok();
    DateTime::new(
        i16::try_from(time.year).ok()?,
        small(time.month)?,
        small(time.day)?,
        small(time.hour)?,
        small(time.minute)?,
        small(time.second)?,
        0,
    )
    .ok()
}

//! The steps that need a session, one a file. An error that is not about the request ends the session and the
//! examination.

mod clock;
mod counters;
mod live;
mod log;
mod log_offsets;
mod log_tally;
mod model;
mod names;
mod users;

pub(crate) use clock::clock;
pub(crate) use counters::counters;
pub(crate) use live::live;
pub(crate) use log::log;
pub(crate) use model::model;
pub(crate) use users::users;

use jiff::civil::{Date, DateTime, Time};
use zk_wire::WireTime;

/// Seconds from `from` to `to`.
fn seconds_between(from: DateTime, to: DateTime) -> i64 {
    to.duration_since(from).as_secs()
}

fn civil(time: WireTime) -> Option<DateTime> {
    let small = |value: u8| i8::try_from(value).ok();
    let date = Date::new(
        i16::try_from(time.year).ok()?,
        small(time.month)?,
        small(time.day)?,
    );
    let time = Time::new(
        small(time.hour)?,
        small(time.minute)?,
        small(time.second)?,
        0,
    );
    Some(DateTime::from_parts(date.ok()?, time.ok()?))
}

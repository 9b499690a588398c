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

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use zk_wire::WireTime;

use crate::{
    report::{Outcome, StepReport},
    spans::span,
};

/// A terminal that hands something out after less than this is quick enough to say nothing of it.
const QUICK: Duration = Duration::from_secs(5);

/// Says that a terminal needed long until it handed something out: other software gives up by then.
fn slow(waited: Duration, what: &str, report: &mut StepReport) {
    if waited < QUICK {
        return;
    }
    report.add(
        "slow",
        Outcome::Ok,
        format!(
            "It needed {} to hand out {what}. That is nothing wrong: full and busy terminals do, and are waited for up to a \
             minute.",
            span(waited.as_secs())
        ),
        Some("Where it is the log: clear it once all of it is stored here.".to_owned()),
    );
}

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

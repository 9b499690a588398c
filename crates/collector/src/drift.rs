//! What a terminal's wrong clock asks for. Pure.

use domain::ClockPolicy;
use jiff::{SignedDuration, Timestamp};

/// People are told of a clock that is further off than this.
const TOLD_OVER_SECS: u64 = 60;
/// A clock that does not stay right is not set more often.
const SET_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Whether people are to be told, now that a clock is `offset` seconds off and was `before` the last time.
pub(crate) fn is_news(before: Option<i64>, offset: Option<i64>) -> bool {
    let is_off =
        |offset: Option<i64>| offset.is_some_and(|secs| secs.unsigned_abs() > TOLD_OVER_SECS);
    is_off(offset) && !is_off(before)
}

/// Whether the clock is to be set by itself. `set_at` is when that was last done.
pub(crate) fn is_to_be_set(
    policy: ClockPolicy,
    offset: Option<i64>,
    set_at: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let over = match policy {
        ClockPolicy::Measure => return false,
        ClockPolicy::Correct { over_secs } => u64::from(over_secs),
    };
    // `None` is a clock that shows no time at all.
    let is_wrong = offset.is_none_or(|secs| secs.unsigned_abs() > over);
    is_wrong && set_at.is_none_or(|at| now.duration_since(at) >= SET_EVERY)
}

/// `3 hours and 5 minutes fast`
pub(crate) fn in_words(offset: i64) -> String {
    let secs = offset.unsigned_abs();
    let counted = |number: u64, word: &str| match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    };
    let (days, hours, minutes) = (secs / 86_400, secs / 3_600 % 24, secs / 60 % 60);
    let parts = match (days, hours, minutes) {
        (0, 0, 0) => vec![counted(secs, "second")],
        (0, 0, _) => vec![counted(minutes, "minute")],
        (0, _, 0) => vec![counted(hours, "hour")],
        (0, _, _) => vec![counted(hours, "hour"), counted(minutes, "minute")],
        (_, 0, _) => vec![counted(days, "day")],
        (_, _, _) => vec![counted(days, "day"), counted(hours, "hour")],
    };
    let direction = if offset < 0 { "slow" } else { "fast" };
    format!("{} {direction}", parts.join(" and "))
}

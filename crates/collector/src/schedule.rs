//! When a terminal is spoken to next. Pure arithmetic; the task sleeps.

use std::time::Duration;

/// The longest pause after failures, unless the terminal's own interval is longer.
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);
const FIRST_BACKOFF: Duration = Duration::from_secs(2);
/// How long a terminal that does not tell punches is left alone, the first time and the following ones.
const LEFT_ALONE: [Duration; 5] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(3),
];
/// And from then on.
const LONGEST_LEFT_ALONE: Duration = Duration::from_hours(6);
/// At the start, terminals are first contacted this far apart, or closer when there are many.
const START_GAP: Duration = Duration::from_millis(100);

/// How long the `rank`th of `count` terminals waits before its first contact at the start.
pub(crate) fn first_contact(rank: usize, count: usize, interval: Duration) -> Duration {
    START_GAP
        .min(share(count, interval))
        .saturating_mul(clamped(rank))
        .min(interval)
}

/// Where the regular contacts of the `rank`th of `count` terminals lie within the interval: spread evenly.
pub(crate) fn phase(rank: usize, count: usize, interval: Duration) -> Duration {
    share(count, interval)
        .saturating_mul(clamped(rank))
        .min(interval)
}

fn share(count: usize, interval: Duration) -> Duration {
    interval / clamped(count.max(1))
}

fn clamped(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The pause after the `failures`th failure in a row: 2 s, doubling, never above the larger of 60 s and the interval.
pub(crate) fn backoff(failures: u32, interval: Duration) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    FIRST_BACKOFF
        .saturating_mul(1 << doublings)
        .min(LONGEST_BACKOFF.max(interval))
}

/// How long a terminal that does not tell punches, for the `nth` time in a row, is only polled before it is asked again.
/// Soon at first: most causes pass.
pub(crate) fn left_alone(nth: u32) -> Duration {
    let before = usize::try_from(nth.saturating_sub(1)).unwrap_or(usize::MAX);
    LEFT_ALONE
        .get(before)
        .copied()
        .unwrap_or(LONGEST_LEFT_ALONE)
}

/// The pause until the next regular contact, one interval after the last one started; never overlapping, and without
/// catching up what was missed.
pub(crate) fn until_next(interval: Duration, since_start: Duration) -> Duration {
    interval.saturating_sub(since_start)
}

//! When a terminal is spoken to next. Pure arithmetic; the task sleeps.

use std::time::Duration;

/// The longest pause after failures, unless the terminal's own interval is longer.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
const FIRST_BACKOFF: Duration = Duration::from_secs(2);
/// At the start, terminals are first contacted this far apart, or closer when there are many.
const START_GAP: Duration = Duration::from_millis(100);

/// How long the `rank`th of `count` terminals waits before its first contact: its phase within the interval.
pub(crate) fn phase(rank: usize, count: usize, interval: Duration) -> Duration {
    let rank = u32::try_from(rank).unwrap_or(u32::MAX);
    let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
    START_GAP
        .min(interval / count)
        .saturating_mul(rank)
        .min(interval)
}

/// The pause after the `failures`th failure in a row: 2 s, doubling, never above the larger of 60 s and the interval.
pub(crate) fn backoff(failures: u32, interval: Duration) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    FIRST_BACKOFF
        .saturating_mul(1 << doublings)
        .min(LONGEST_BACKOFF.max(interval))
}

/// The pause until the next regular contact, one interval after the last one started; never overlapping, and without
/// catching up what was missed.
pub(crate) fn until_next(interval: Duration, since_start: Duration) -> Duration {
    interval.saturating_sub(since_start)
}

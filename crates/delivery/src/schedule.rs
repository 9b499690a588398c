//! When to try again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The destination's schedule after its first, second … transient failure; the last step repeats.
const DESTINATION_STEPS: [u64; 6] = [5, 15, 30, 60, 120, 300];
/// The schedule of a record that fails by itself while others pass; the last step repeats.
const RECORD_STEPS: [u64; 8] = [5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000];
/// The longest wait that a receiver's `Retry-After` can ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);
const SHORTEST_RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often a paused destination is tried with its oldest batch.
const PROBE_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// A small source of jitter (`SplitMix64`); nothing here needs unpredictable numbers.
#[derive(Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Lengthens `wait` by up to a tenth.
    fn spread(&mut self, wait: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let thousandth = u32::try_from((bits ^ (bits >> 31)) % 1_001).unwrap_or(0);
        wait + wait / 10 * thousandth / 1_000
    }
}

/// The moment of the next try of a destination after `failures` transient failures in a row.
pub(crate) fn destination_retry(
    failures: u32,
    retry_after: Option<Duration>,
    now: Timestamp,
    jitter: &mut Jitter,
) -> Timestamp {
    match retry_after {
        Some(asked) => later(now, asked.clamp(SHORTEST_RETRY_AFTER, LONGEST_RETRY_AFTER)),
        None => later(now, jitter.spread(step(&DESTINATION_STEPS, failures))),
    }
}

/// The moment of the next try of a record that failed by itself `tries` times; `None` when its time is over.
pub(crate) fn record_retry(
    tries: u32,
    first_failed_at: Timestamp,
    give_up_after: SignedDuration,
    now: Timestamp,
    jitter: &mut Jitter,
) -> Option<Timestamp> {
    (now.duration_since(first_failed_at) < give_up_after)
        .then(|| later(now, jitter.spread(step(&RECORD_STEPS, tries))))
}

pub(crate) fn next_probe(now: Timestamp) -> Timestamp {
    now.saturating_add(PROBE_EVERY).unwrap_or(now)
}

fn step(steps: &[u64], failures: u32) -> Duration {
    let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let secs = steps.get(index).or(steps.last()).copied().unwrap_or(300);
    Duration::from_secs(secs)
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| now.checked_add(wait).ok())
        .unwrap_or(now)
}

/// The next request at most so many times a minute.
pub(crate) fn next_allowed(last_attempt: Timestamp, per_minute: u32) -> Timestamp {
    let apart = 60_000 / i64::from(per_minute.max(1));
    last_attempt
        .checked_add(SignedDuration::from_millis(apart))
        .unwrap_or(last_attempt)
}

/// Whether the clock was set back since the last attempt: what was planned then would come too late.
pub(crate) fn was_set_back(last_attempt: Timestamp, now: Timestamp) -> bool {
    const MORE_THAN_A_CORRECTION: SignedDuration = SignedDuration::from_mins(1);
    last_attempt.duration_since(now) > MORE_THAN_A_CORRECTION
}

/// Whether the time has come. A moment further away than any schedule reaches was set by a clock that was wrong.
pub(crate) fn is_due(at: Timestamp, now: Timestamp) -> bool {
    const FURTHEST: SignedDuration = SignedDuration::from_hours(25);
    at <= now || at.duration_since(now) > FURTHEST
}

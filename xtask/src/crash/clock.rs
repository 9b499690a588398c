use std::{
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

#[expect(
    clippy::disallowed_methods,
    reason = "a run against real processes waits for real time"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Another one for every run, unless one is given.
#[expect(
    clippy::disallowed_methods,
    reason = "each run should choose other moments"
)]
pub(super) fn seed() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |since| since.as_secs())
}

pub(super) fn pause(duration: Duration) {
    thread::sleep(duration);
}

//! Lengths of time on the command line.

use std::time::Duration;

/// Seconds, also with a fraction, from a millisecond on.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    const SHORTEST: Duration = Duration::from_millis(1);
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|every| *every >= SHORTEST)
        .ok_or_else(|| format!("{text:?} is no number of seconds from 0.001 on"))
}

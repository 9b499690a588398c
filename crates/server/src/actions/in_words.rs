//! How lengths of time, and clocks that are off, are told to people.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// The larger unit alone is enough to judge by: `45 s`, `12 min`, `3 h`, `5 days`.
pub(crate) fn length(seconds: i64) -> String {
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        DAY.. if seconds < 2 * DAY => "1 day".to_owned(),
        DAY.. if seconds < 2 * YEAR => format!("{} days", seconds / DAY),
        DAY.. => format!("{} years", seconds / YEAR),
    }
}

/// What a terminal's clock shows against ours: `4 s ahead`, `3 min behind`, `in step`.
pub(crate) fn clock_off(seconds: i64) -> String {
    match seconds {
        0 => "in step".to_owned(),
        1.. => format!("{} ahead", length(seconds)),
        ..0 => format!("{} behind", length(-seconds)),
    }
}

/// A clock so far off is wrong: people should do something about it.
pub(crate) fn is_clock_wrong(seconds: i64) -> bool {
    const BEARABLE_SECS: u64 = 60;
    seconds.unsigned_abs() > BEARABLE_SECS
}

//! When a log is read whole, to prove that reading only its end missed nothing: once a day, each terminal at a moment of
//! its own. Pure.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::{SignedDuration, Timestamp};

const DAY: i64 = 24 * 60 * 60;
/// One that was read so lately may wait until tomorrow.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// `last` is when its log was last read whole.
pub(crate) fn is_due(identity: &str, last: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(last) = last else {
        return true;
    };
    let since_moment = (now.as_second() - moment(identity)).rem_euclid(DAY);
    let age = now.duration_since(last);
    age > FRESH && age.as_secs() > since_moment
}

/// The second of the day (UTC) that is this terminal's.
fn moment(identity: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    identity.hash(&mut hasher);
    i64::try_from(hasher.finish() % DAY.unsigned_abs()).unwrap_or(0)
}

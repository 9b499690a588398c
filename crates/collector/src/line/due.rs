//! Whether a contact has to read the users. Pure.

use domain::Terminal;
use jiff::{SignedDuration, Timestamp};
use zk_wire::FreeSizes;

/// Users are read again after this long, whatever the counters say.
const USERS_EVERY: SignedDuration = SignedDuration::from_hours(6);

/// What the task knows of the table of users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Remembered {
    /// They must be read at the next contact.
    pub(crate) due: bool,
    /// The terminal did not hand them out when it was last asked.
    pub(crate) refused: bool,
    /// The counters when they were last read.
    pub(crate) counters: Option<Vec<u8>>,
}

pub(crate) fn are_users(
    terminal: &Terminal,
    read_at: Option<Timestamp>,
    users: &Remembered,
    counters: Option<&FreeSizes>,
    now: Timestamp,
) -> bool {
    let known = terminal.info.counters.as_deref();
    let changed = counters.is_some_and(|counters| match users.counters.as_deref().or(known) {
        Some(before) => differ_beside_punches(before, counters.raw()),
        None => counters.users() != terminal.info.users_says,
    });
    users.due || changed || read_at.is_none_or(|at| now.duration_since(at) > USERS_EVERY)
}

/// Whether two answers differ in more than the number of punches and the room for more.
fn differ_beside_punches(before: &[u8], now: &[u8]) -> bool {
    const RECORDS: usize = 8;
    const RECORDS_FREE: usize = 19;
    before.len() != now.len()
        || before
            .chunks(4)
            .zip(now.chunks(4))
            .enumerate()
            .any(|(index, (before, now))| !matches!(index, RECORDS | RECORDS_FREE) && before != now)
}

//! What a contact has to read. Pure.

use domain::{Terminal, TerminalHealth};
use jiff::{SignedDuration, Timestamp};
use zk_wire::FreeSizes;

/// Users are read again after this long, whatever the counters say.
const USERS_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// The log is read whole after this long, whatever the counters say: the proof that nothing was missed.
const LOG_EVERY: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) users: bool,
    pub(crate) log: bool,
}

/// What the task knows of the table of users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Remembered {
    /// They must be read at the next contact.
    pub(crate) due: bool,
    /// The counters when they were last read.
    pub(crate) counters: Option<Vec<u8>>,
}

impl Due {
    pub(crate) fn of(
        terminal: &Terminal,
        health: &TerminalHealth,
        users: &Remembered,
        counters: Option<&FreeSizes>,
        now: Timestamp,
    ) -> Self {
        let older = |at: Option<Timestamp>, age: SignedDuration| {
            at.is_none_or(|at| now.duration_since(at) > age)
        };
        let known = terminal.info.counters.as_deref();
        let unchanged = counters.is_some_and(|counters| known == Some(counters.raw()));
        // A full log may take new rows in the place of old ones without its count changing.
        let room = counters.is_some_and(|counters| {
            match (counters.records(), counters.record_capacity()) {
                (Some(records), Some(capacity)) => records < capacity,
                (Some(_), None) => true,
                (None, _) => false,
            }
        });
        let users_changed =
            counters.is_some_and(|counters| match users.counters.as_deref().or(known) {
                Some(before) => differ_beside_punches(before, counters.raw()),
                None => counters.users() != terminal.info.users_says,
            });
        Self {
            users: users.due || users_changed || older(health.users_read_at, USERS_EVERY),
            log: !unchanged || !room || older(health.punches_read_at, LOG_EVERY),
        }
    }
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

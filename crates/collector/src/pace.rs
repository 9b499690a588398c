//! When the log's end is read after live events, which are only hints. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// The stillness after an event that is waited for.
const QUIET: Duration = Duration::from_secs(2);
/// However many events come that only the log can explain, it is not read more often.
const UNCLEAR: Duration = Duration::from_millis(500);
/// However many events come, the log's end is read so often.
const AT_LEAST: Duration = Duration::from_secs(10);

/// Events since the log's end was last read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    first: Option<Instant>,
    due: Option<Instant>,
    /// What cannot wait stays so.
    is_unclear: bool,
    /// When it was last read.
    read: Option<Instant>,
}

impl Pace {
    /// A punch was told.
    pub(crate) fn event(&mut self, now: Instant) {
        let first = *self.first.get_or_insert(now);
        let quiet = (now + QUIET).min(first + AT_LEAST);
        let due = match self.due {
            Some(due) if self.is_unclear => due.min(quiet),
            Some(_) | None => quiet,
        };
        self.due = Some(due);
    }

    /// Something was told that only the log can explain. Many such events do not make it read without a pause.
    pub(crate) fn at_once(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.is_unclear = true;
        self.due = Some(self.read.map_or(now, |read| now.max(read + UNCLEAR)));
    }

    /// When the log's end is to be read; `None` where nothing was told.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// It is read now.
    pub(crate) fn taken(&mut self, now: Instant) {
        *self = Self {
            read: Some(now),
            ..Self::default()
        };
    }
}

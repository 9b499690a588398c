//! When the log's end is read after live events, which are only hints. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// The stillness after an event that is waited for.
const QUIET: Duration = Duration::from_secs(2);
/// However many events come, the log's end is read so often.
const AT_LEAST: Duration = Duration::from_secs(10);
/// However many events come that only the log can explain, the terminal is left in peace between two reads for as long
/// as the first of them took, but no shorter and no longer than this.
const SHORTEST_REST: Duration = Duration::from_millis(50);
const LONGEST_REST: Duration = Duration::from_millis(250);

/// Events since the log's end was last read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    first: Option<Instant>,
    /// When all will have been still for long enough.
    quiet: Option<Instant>,
    /// When something was told that only the log can explain.
    unclear: Option<Instant>,
    /// When the last read began.
    began: Option<Instant>,
    /// Until when the terminal is left in peace.
    rests: Option<Instant>,
}

impl Pace {
    /// A punch was told.
    pub(crate) fn event(&mut self, now: Instant) {
        let first = *self.first.get_or_insert(now);
        self.quiet = Some((now + QUIET).min(first + AT_LEAST));
    }

    /// Something was told that only the log can explain. Many such events do not make it read without a pause.
    pub(crate) fn at_once(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.unclear.get_or_insert(now);
    }

    /// When the log's end is to be read; `None` where nothing was told.
    pub(crate) fn due(&self) -> Option<Instant> {
        let unclear = self
            .unclear
            .map(|told| self.rests.map_or(told, |rests| told.max(rests)));
        self.quiet.into_iter().chain(unclear).min()
    }

    /// It is read now.
    pub(crate) fn taken(&mut self, now: Instant) {
        *self = Self {
            began: Some(now),
            rests: Some(now + LONGEST_REST),
            ..Self::default()
        };
    }

    /// That read is over.
    pub(crate) fn read(&mut self, now: Instant) {
        if let Some(began) = self.began {
            let took = now.saturating_duration_since(began);
            self.rests = Some(now + took.clamp(SHORTEST_REST, LONGEST_REST));
        }
    }
}

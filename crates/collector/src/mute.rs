//! How long a terminal that does not tell punches is left alone before it is asked to again. Pure.

use std::time::Duration;

use tokio::time::Instant;

use crate::schedule::left_alone;

/// Contacts in a row that found punches of which nothing was told, after which a terminal counts as silent; and sessions
/// in a row that broke off soon, after which it counts as one that ends them.
const IN_A_ROW: u32 = 3;
/// A session that lasted no longer than this was ended on purpose, it may be.
const STEADY: Duration = Duration::from_mins(1);
/// One that does not know the command may have got another firmware.
const UNKNOWN_FOR: Duration = Duration::from_hours(24);

/// Why a terminal is only polled although it might tell punches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Refused,
    /// It does not know the command.
    Unknown,
    /// It took the registration and then told nothing.
    Silent,
    /// It ends sessions that stay open.
    HangsUp,
}

/// How a terminal took it so far that it was asked to tell punches. Each cause may pass, as when somebody was in its menu
/// or the network was poor, so that it is asked again, ever more seldom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mute {
    /// Until when it is left alone.
    alone: Option<(Cause, Instant)>,
    /// Times in a row that it refused.
    refused: u32,
    /// The same of having told nothing.
    silent: u32,
    /// Contacts in a row that found punches of which nothing was told.
    untold: u32,
    /// Open sessions in a row that broke off soon.
    hung_up: u32,
}

impl Mute {
    /// Whether it is not to be asked now.
    pub(crate) fn is_left_alone(&self, now: Instant) -> bool {
        self.alone.is_some_and(|(_, until)| now < until)
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.alone.map(|(cause, _)| cause)
    }

    pub(crate) fn refused(&mut self, now: Instant) {
        self.refused = self.refused.saturating_add(1);
        self.alone = Some((Cause::Refused, now + left_alone(self.refused)));
    }

    pub(crate) fn unknown(&mut self, now: Instant) {
        self.alone = Some((Cause::Unknown, now + UNKNOWN_FOR));
    }

    pub(crate) fn agreed(&mut self) {
        self.refused = 0;
        self.alone = None;
    }

    /// A punch was told.
    pub(crate) fn told(&mut self) {
        self.silent = 0;
    }

    /// The end of the log was read: so many punches were told, and so many were new. `true` where it does not tell what
    /// it should, several times by now; `ever` says that it told one in this session.
    pub(crate) fn compared(&mut self, told: u64, new: u64, ever: bool, now: Instant) -> bool {
        match (told, new) {
            (0, 0) => {}
            (0, _) => self.untold += 1,
            (_, _) => self.untold = 0,
        }
        if self.untold < IN_A_ROW {
            return false;
        }
        self.untold = 0;
        // Where it told before, another program may have taken its place; it is asked anew at once.
        if !ever {
            self.silent = self.silent.saturating_add(1);
            self.alone = Some((Cause::Silent, now + left_alone(self.silent)));
        }
        true
    }

    /// A session in which it was to tell punches broke off after so long.
    pub(crate) fn broke_off(&mut self, lasted: Duration, now: Instant) {
        if lasted >= STEADY {
            self.hung_up = 0;
        }
        self.hung_up = self.hung_up.saturating_add(1);
        if self.hung_up.is_multiple_of(IN_A_ROW) {
            let alone = left_alone(self.hung_up / IN_A_ROW);
            self.alone = Some((Cause::HangsUp, now + alone));
        }
    }
}

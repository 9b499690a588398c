//! What people see and hear of a client's commands at the terminal.

use std::{collections::VecDeque, fmt, time::Duration};

use tokio::time::Instant;

/// Something that happened at the terminal because a client said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The door was unlocked for so long.
    Unlocked(Duration),
    /// The sound of this number was played.
    Played(u32),
    /// A line of the display was written, in whatever encoding the client used.
    Written {
        /// 0 is the first.
        line: i16,
        /// Without what precedes it on the wire.
        text: Vec<u8>,
    },
    /// The display was cleared.
    DisplayCleared,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlocked(lasting) => write!(f, "unlocked for {} s", lasting.as_secs_f64()),
            Self::Played(sound) => write!(f, "played {sound}"),
            Self::Written { line, text } => {
                write!(
                    f,
                    "wrote {:?} into line {line}",
                    String::from_utf8_lossy(text)
                )
            }
            Self::DisplayCleared => f.write_str("cleared the display"),
        }
    }
}

/// What a terminal answers to a question for its door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Shut; open as long as it is unlocked.
    Shut,
    /// Open, whatever was unlocked.
    Open,
    /// It has no sensor, and the answer no byte.
    Unknown,
}

/// Effects that are kept; the oldest give way.
const MOST: usize = 1_000;

#[derive(Debug)]
pub(crate) struct Effects {
    kept: VecDeque<Effect>,
    pub(crate) door: Door,
    unlocked_until: Option<Instant>,
}

impl Default for Effects {
    fn default() -> Self {
        Self {
            kept: VecDeque::new(),
            door: Door::Shut,
            unlocked_until: None,
        }
    }
}

impl Effects {
    pub(crate) fn happened(&mut self, effect: Effect) {
        if let Effect::Unlocked(lasting) = &effect {
            self.unlocked_until = Instant::now().checked_add(*lasting);
        }
        if self.kept.len() >= MOST {
            self.kept.pop_front();
        }
        self.kept.push_back(effect);
    }

    pub(crate) fn all(&self) -> Vec<Effect> {
        self.kept.iter().cloned().collect()
    }

    /// Payload of the answer to a question for the door.
    pub(crate) fn door_answer(&self) -> Vec<u8> {
        let unlocked = self.unlocked_until.is_some_and(|end| Instant::now() < end);
        match self.door {
            Door::Unknown => Vec::new(),
            Door::Open => vec![1],
            Door::Shut => vec![u8::from(unlocked)],
        }
    }
}

//! How a terminal is treated and how its rows are to be understood.

use serde::{Deserialize, Serialize};

/// Whether the connection stays open between polls, so that punches are told as they happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LiveMode {
    /// Live where the terminal can do it.
    #[default]
    Auto,
    /// The terminal is free for other software between polls.
    Off,
}

impl LiveMode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Off => "off",
        }
    }
}

/// What is done about a terminal's clock that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockPolicy {
    /// It is measured and shown.
    #[default]
    Measure,
    /// It is set where it is further off than this.
    Correct { over_secs: u32 },
}

/// Which of the two bytes of a 16-byte row of the log comes first; sources contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateVerifyOrder {
    #[default]
    StateFirst,
    VerifyFirst,
}

impl StateVerifyOrder {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StateFirst => "state_first",
            Self::VerifyFirst => "verify_first",
        }
    }
}

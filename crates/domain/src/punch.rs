use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{LocalTime, Pin, PunchId, RecordId, TerminalId, TimeFlag};

/// The punch key that was pressed, as the terminal codes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PunchState(u8);

impl PunchState {
    pub fn new(code: u8) -> Self {
        Self(code)
    }

    pub fn code(self) -> u8 {
        self.0
    }

    /// The fixed English word of the seed's `punch_type`; never translated.
    pub fn label(self) -> &'static str {
        match self.0 {
            0 => "Check In",
            1 => "Check Out",
            2 => "Break Out",
            3 => "Break In",
            4 => "Overtime In",
            5 => "Overtime Out",
            _ => "Unknown",
        }
    }
}

/// By which way a punch came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Pull,
    Live,
    Push,
    Import,
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Live => "live",
            Self::Push => "push",
            Self::Import => "import",
        }
    }
}

/// A punch on its way into the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPunch {
    pub record_id: RecordId,
    pub pin: Pin,
    pub local_time: LocalTime,
    pub state: PunchState,
    pub verify: u8,
    pub work_code: u32,
    /// IANA name of the zone that gave `instant`.
    pub zone: String,
    pub instant: Timestamp,
    pub flag: TimeFlag,
    pub source: Source,
    /// The person's name at capture; the PIN where the terminal has none.
    pub person_name: String,
    /// The bytes as they came.
    pub raw: Vec<u8>,
}

/// A punch as the ledger holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Punch {
    pub id: PunchId,
    pub terminal_id: TerminalId,
    pub record_id: RecordId,
    pub pin: Pin,
    pub local_time: LocalTime,
    pub state: PunchState,
    pub verify: u8,
    pub work_code: u32,
    pub zone: String,
    pub instant: Timestamp,
    pub flag: TimeFlag,
    pub source: Source,
    pub person_name: String,
    pub stored_at: Timestamp,
}

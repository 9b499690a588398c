use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{DestinationFilter, DestinationId, PunchId, RequestSpec, Schedule};

/// A receiver of punches, with its settings and its health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub id: DestinationId,
    pub name: String,
    /// `None` until somebody sets it; then nothing is sent.
    pub url: Option<String>,
    pub mode: Mode,
    pub filter: DestinationFilter,
    pub schedule: Schedule,
    /// Most records in one request.
    pub batch_size: u32,
    /// Most requests in a minute.
    pub rate_limit: Option<u32>,
    pub order: Order,
    /// How long attempts are kept, with what the receiver said.
    pub keep_days: u32,
    /// How long a record may fail by itself, while others pass, before it is parked.
    pub give_up_after: SignedDuration,
    pub with_record_id: bool,
    /// A punch waits until somebody is mapped to its PIN.
    pub needs_mapping: bool,
    pub spec: RequestSpec,
    pub created_at: Timestamp,
    /// When what a request looks like was last changed.
    pub changed_at: Timestamp,
    /// When the schedule lets the next records go; `None` at once, or once it was looked at.
    pub next_run_at: Option<Timestamp>,
    /// The schedule let records go, up to this punch; the run ends when none of them waits.
    pub run_upto: Option<PunchId>,
    /// The queue is being brought in line and is complete up to this punch only; what is later waits, so that nobody's
    /// record overtakes an earlier one.
    pub queue_upto: Option<PunchId>,
    /// Transient failures in a row.
    pub failures: u32,
    /// Not before this moment, after a transient failure.
    pub retry_at: Option<Timestamp>,
    pub pause: Option<Pause>,
    /// Learned from an answer 413.
    pub max_batch: Option<u32>,
    /// Learned: refuses batches, takes their bare records.
    pub bare_only: bool,
    pub bare_rescues: u32,
    /// Records refused in a row with none accepted between.
    pub refused_streak: u32,
    pub delivered_count: u64,
    pub last_attempt_at: Option<Timestamp>,
    pub last_success_at: Option<Timestamp>,
    pub last_status: Option<u16>,
    pub last_error: Option<String>,
    pub last_error_at: Option<Timestamp>,
}

/// Whether records go. Whatever it is, wanted punches queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// By themselves.
    On,
    /// Only those that a person asks for; the seed's `auto_export` switched off.
    Off,
    /// None at all, until a person resumes.
    Paused,
}

/// In which order records leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Nobody's record leaves before an earlier one of the same person.
    PerPerson,
    /// Roughly that of arrival.
    Any,
}

/// Why nothing is sent until somebody, or a probe, finds the receiver well again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pause {
    pub code: String,
    pub reason: String,
    pub since: Timestamp,
    /// When the oldest batch is tried again; `None`: only a person resumes.
    pub probe_at: Option<Timestamp>,
}

/// The two JSON shapes of the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchShape {
    /// `{"device_info": …, "records": […]}`
    Batch,
    /// One bare record.
    Bare,
}

impl Destination {
    /// The seed's `auto_export`.
    pub fn auto_export(&self) -> bool {
        self.mode == Mode::On
    }
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Paused => "paused",
        }
    }
}

impl Order {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PerPerson => "per_person",
            Self::Any => "any",
        }
    }
}

impl BatchShape {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Bare => "bare",
        }
    }
}

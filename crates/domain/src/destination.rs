use jiff::Timestamp;
use serde::Serialize;

use crate::{DestinationId, LocalTime};

/// A receiver of punches, with its settings and its health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub id: DestinationId,
    pub name: String,
    /// `None` until somebody sets it; then nothing is sent.
    pub url: Option<String>,
    /// Off: punches queue, nothing is claimed.
    pub auto_export: bool,
    /// Punches whose local time is earlier are not queued.
    pub start_from: LocalTime,
    /// Most records in one request.
    pub batch_size: u32,
    pub with_record_id: bool,
    pub created_at: Timestamp,
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

impl BatchShape {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Bare => "bare",
        }
    }
}

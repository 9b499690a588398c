//! What a rendered request may show.

use jiff::Timestamp;

use crate::{LocalTime, Pin, Punch, PunchState, RecordId, Source, TimeFlag};

/// A punch as a destination is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutPunch {
    pub record_id: RecordId,
    pub pin: Pin,
    /// The employee number; the PIN where nobody mapped it.
    pub employee_id: String,
    /// The person's name, else the terminal's own; the PIN where there is none.
    pub employee_name: String,
    pub local_time: LocalTime,
    /// IANA name of the zone that gave `instant`.
    pub zone: String,
    pub instant: Timestamp,
    pub flag: TimeFlag,
    pub state: PunchState,
    pub verify: u8,
    pub work_code: u32,
    pub source: Source,
}

/// What is committed with a batch before its first send, so that a resend has the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFacts {
    /// One bare record instead of the envelope; of the seed's shapes only.
    pub is_bare: bool,
    pub idempotency_key: String,
    /// The server's wall clock.
    pub export_time: String,
    pub device_ip: String,
    pub device_port: u16,
    pub device_name: String,
    pub device_serial: Option<String>,
    /// Whether records of the seed's shapes carry their id in the body.
    pub with_record_id: bool,
}

impl OutPunch {
    /// The same of somebody who is mapped; the terminal's name stays where the person has none.
    #[must_use]
    pub fn known_as(mut self, employee_number: &str, name: &str) -> Self {
        employee_number.clone_into(&mut self.employee_id);
        if !name.is_empty() {
            name.clone_into(&mut self.employee_name);
        }
        self
    }
}

impl From<&Punch> for OutPunch {
    /// As a destination is told of it where nobody mapped its PIN.
    fn from(punch: &Punch) -> Self {
        Self {
            record_id: punch.record_id.clone(),
            pin: punch.pin.clone(),
            employee_id: punch.pin.as_str().to_owned(),
            employee_name: punch.person_name.clone(),
            local_time: punch.local_time,
            zone: punch.zone.clone(),
            instant: punch.instant,
            flag: punch.flag,
            state: punch.state,
            verify: punch.verify,
            work_code: punch.work_code,
            source: punch.source,
        }
    }
}

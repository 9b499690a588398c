use collector::LiveState;
use domain::{ClockPolicy, Terminal};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::status;
use crate::AppState;

/// A terminal as the ledger and the collector know it. Its communication key is never shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of its own in the answer"
)]
pub(crate) struct DeviceView {
    #[schema(example = 1)]
    pub(crate) id: i64,
    pub(crate) name: String,
    /// Host and port.
    #[schema(example = "192.168.1.201:4370")]
    pub(crate) address: String,
    #[schema(example = "192.168.1.201")]
    pub(crate) ip: String,
    #[schema(example = 4370)]
    pub(crate) port: u16,
    /// `tcp` or `udp`
    #[schema(example = "tcp")]
    pub(crate) protocol: &'static str,
    /// `***` when a communication key is set.
    pub(crate) key: Option<&'static str>,
    /// IANA name; null follows the server's setting.
    #[schema(example = "Asia/Karachi")]
    pub(crate) zone: Option<String>,
    /// Seconds between two contacts; null follows the server's setting.
    pub(crate) interval: Option<u64>,
    /// Seconds for the connect; null follows the server's setting.
    pub(crate) timeout: Option<f64>,
    /// Contacted regularly.
    pub(crate) enabled: bool,
    /// Where it stands; filters of destinations name it.
    #[schema(example = "Warehouse")]
    pub(crate) site: Option<String>,
    /// `auto`: punches are told as they happen, where the device can; `off`: it is free for other software between
    /// contacts.
    #[schema(example = "auto")]
    pub(crate) live: &'static str,
    /// `on`, `off`, or `waiting` when it is wanted and is not so.
    #[schema(example = "on")]
    pub(crate) live_state: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) live_since: Option<Timestamp>,
    /// Why it waits; for people.
    pub(crate) live_reason: Option<String>,
    /// `measure`: its clock is measured at every contact and shown; `correct`: it is also set.
    #[schema(example = "measure")]
    pub(crate) clock_policy: &'static str,
    /// Seconds over which it is set.
    pub(crate) clock_correct_over: Option<u32>,
    /// Of the names on it; null: found out from the names themselves.
    #[schema(example = "windows-1256")]
    pub(crate) code_page: Option<String>,
    /// Which byte comes first in its log's rows of 16 bytes: `state_first` or `verify_first`
    #[schema(example = "state_first")]
    pub(crate) order16: &'static str,
    /// The one that is meant where no device is named.
    pub(crate) default: bool,
    /// The last contact went well.
    pub(crate) connected: bool,
    /// A contact is under way.
    pub(crate) busy: bool,
    /// Null before the first contact, and for a terminal that has none.
    pub(crate) serial_number: Option<String>,
    pub(crate) device_name: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) firmware: Option<String>,
    pub(crate) mac: Option<String>,
    /// As the terminal counts them.
    pub(crate) users_on_device: Option<u32>,
    pub(crate) records_on_device: Option<u32>,
    pub(crate) records_capacity: Option<u32>,
    /// Terminal clock minus server clock, in seconds.
    pub(crate) clock_offset: Option<i64>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_seen: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) users_read_at: Option<Timestamp>,
    /// When the log was last read or found unchanged.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_sync: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) next_sync: Option<Timestamp>,
    /// Null when the last contact went well.
    pub(crate) last_error: Option<String>,
    pub(crate) last_error_code: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_error_at: Option<Timestamp>,
    /// Contacts in a row that failed.
    pub(crate) failures: u32,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) registered_at: Timestamp,
    /// Removed, or replaced by another terminal at its address; its records are kept.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) replaced_by: Option<i64>,
}

pub(in crate::actions) fn view(state: &AppState, terminal: &Terminal) -> DeviceView {
    let status = status(state, terminal);
    let info = &terminal.info;
    let live = LiveNow::of(&status.live);
    DeviceView {
        id: terminal.id.0,
        name: terminal.name.clone(),
        address: terminal.address.to_string(),
        ip: terminal.address.host.clone(),
        port: terminal.address.port,
        protocol: terminal.transport.as_str(),
        key: terminal.comm_key.as_ref().map(|_| "***"),
        zone: terminal.zone.clone(),
        interval: terminal.interval.map(|interval| interval.as_secs()),
        timeout: terminal
            .connect_timeout
            .map(|timeout| timeout.as_secs_f64()),
        enabled: terminal.enabled,
        site: terminal.site.clone(),
        live: terminal.live.as_str(),
        live_state: live.state,
        live_since: live.since,
        live_reason: live.reason,
        clock_policy: policy_word(terminal.clock_policy),
        clock_correct_over: correct_over(terminal.clock_policy),
        code_page: terminal.code_page.clone(),
        order16: terminal.order16.as_str(),
        default: terminal.is_default,
        connected: status.connected,
        busy: status.busy,
        serial_number: terminal.serial.clone(),
        device_name: info.model.clone(),
        platform: info.platform.clone(),
        firmware: info.firmware.clone(),
        mac: info.mac.clone(),
        users_on_device: info.users_says,
        records_on_device: info.punches_says,
        records_capacity: info.punches_capacity,
        clock_offset: status.health.clock_offset_secs,
        last_seen: status.health.last_contact_at,
        users_read_at: status.health.users_read_at,
        last_sync: status.health.punches_read_at,
        next_sync: status.next_poll_at,
        last_error: status.health.last_error,
        last_error_code: status.health.last_error_code,
        last_error_at: status.health.last_error_at,
        failures: status.consecutive_failures,
        registered_at: terminal.registered_at,
        closed_at: terminal.closed_at,
        replaced_by: terminal.replaced_by.map(|id| id.0),
    }
}

/// Whether a terminal tells punches as they happen, in the words of the API.
pub(in crate::actions) struct LiveNow {
    pub(in crate::actions) state: &'static str,
    pub(in crate::actions) since: Option<Timestamp>,
    pub(in crate::actions) reason: Option<String>,
}

impl LiveNow {
    pub(in crate::actions) fn of(live: &LiveState) -> Self {
        let (state, since, reason) = match live {
            LiveState::Off => ("off", None, None),
            LiveState::On { since } => ("on", Some(*since), None),
            LiveState::Waiting { reason } => ("waiting", None, Some(reason.clone())),
        };
        Self {
            state,
            since,
            reason,
        }
    }
}

pub(in crate::actions) fn policy_word(policy: ClockPolicy) -> &'static str {
    match policy {
        ClockPolicy::Measure => "measure",
        ClockPolicy::Correct { .. } => "correct",
    }
}

pub(in crate::actions) fn correct_over(policy: ClockPolicy) -> Option<u32> {
    match policy {
        ClockPolicy::Measure => None,
        ClockPolicy::Correct { over_secs } => Some(over_secs),
    }
}

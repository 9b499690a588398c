use domain::{Destination, Mode, TerminalId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{
        PauseView,
        alarms::{AlarmView, alarms},
        chosen,
        devices::{self, LiveNow, is_stale},
    },
    problem::Problem,
};

/// One glance at everything: what is read, what is stored, what is delivered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SyncStatus {
    /// The last time that a terminal's log was read or found unchanged.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_sync: Option<Timestamp>,
    /// The next contact with any of them.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) next_sync: Option<Timestamp>,
    /// Seconds between two contacts, for terminals that have no interval of their own.
    pub(crate) interval: u64,
    /// Punches in the ledger.
    pub(crate) records: u64,
    /// On their way to a destination, all together.
    pub(crate) waiting: u64,
    pub(crate) delivered: u64,
    /// Refused by a destination, kept with their reasons.
    pub(crate) failed: u64,
    pub(crate) devices: Vec<TerminalStatusView>,
    pub(crate) destinations: Vec<DestinationStatus>,
    /// What somebody should look after.
    pub(crate) alarms: Vec<AlarmView>,
}

/// One terminal.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of its own in the answer"
)]
pub(crate) struct TerminalStatusView {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) serial_number: Option<String>,
    pub(crate) address: String,
    pub(crate) enabled: bool,
    pub(crate) default: bool,
    pub(crate) connected: bool,
    pub(crate) busy: bool,
    /// What is stored may lag behind the terminal.
    pub(crate) stale: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_seen: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_sync: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) next_sync: Option<Timestamp>,
    /// Its punches in the ledger.
    pub(crate) records: u64,
    /// As it counted them at its last contact.
    pub(crate) records_on_device: Option<u32>,
    /// The local time of its latest punch.
    pub(crate) last_record: Option<String>,
    pub(crate) clock_offset: Option<i64>,
    /// `on` where it tells punches as they happen, `off`, or `waiting` when that is wanted and is not so.
    #[schema(example = "on")]
    pub(crate) live_state: &'static str,
    /// Why it waits; for people.
    pub(crate) live_reason: Option<String>,
    /// Contacts in a row that failed.
    pub(crate) failures: u32,
    pub(crate) last_error: Option<String>,
    pub(crate) last_error_code: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_error_at: Option<Timestamp>,
}

/// One receiver.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DestinationStatus {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) export_url: Option<String>,
    pub(crate) auto_export: bool,
    /// `not_set`, `off`, `paused`, `retrying`, `sending` or `idle`
    #[schema(value_type = String, example = "idle")]
    pub(crate) state: DestinationState,
    pub(crate) paused: Option<PauseView>,
    /// Waiting or being sent.
    pub(crate) waiting: u64,
    pub(crate) delivered: u64,
    /// Refused by itself; kept with its reason.
    pub(crate) failed: u64,
    /// Their time is implausible; they wait for a person.
    pub(crate) held: u64,
    pub(crate) withdrawn: u64,
    /// Since when the one that waits longest waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) waiting_since: Option<Timestamp>,
    /// Transient failures in a row.
    pub(crate) failures: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) retry_at: Option<Timestamp>,
    /// It refuses batches and takes bare records; learned from its answers.
    pub(crate) single_records: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_attempt: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_success: Option<Timestamp>,
    /// The HTTP status of the last answer.
    pub(crate) last_status: Option<u16>,
    pub(crate) last_error: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_error_at: Option<Timestamp>,
}

/// How delivery to a destination stands, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DestinationState {
    /// It has no URL.
    NotSet,
    Off,
    Paused,
    Retrying,
    Sending,
    Idle,
}

/// How reading and delivering stand, of one terminal or of all.
pub(crate) async fn sync_status(
    state: &AppState,
    device: Option<&str>,
) -> Result<SyncStatus, Problem> {
    let device = device
        .map(str::trim)
        .filter(|device| !device.is_empty() && !device.eq_ignore_ascii_case("all"));
    let only: Option<TerminalId> = match device {
        None => None,
        Some(device) => chosen(state, Some(device))
            .await?
            .map(|terminal| terminal.id),
    };
    let totals = state.store.punch_totals().await?;
    let records = totals
        .iter()
        .filter(|total| only.is_none_or(|only| total.terminal_id == only))
        .map(|total| total.count)
        .sum();
    let mut devices = Vec::new();
    for terminal in state.store.terminals().await? {
        let wanted = only.map_or(terminal.closed_at.is_none(), |only| terminal.id == only);
        if !wanted {
            continue;
        }
        let status = devices::status(state, &terminal);
        let live = LiveNow::of(&status.live);
        let total = totals.iter().find(|total| total.terminal_id == terminal.id);
        devices.push(TerminalStatusView {
            id: terminal.id.0,
            address: terminal.address.to_string(),
            name: terminal.name,
            serial_number: terminal.serial,
            enabled: terminal.enabled,
            default: terminal.is_default,
            connected: status.connected,
            busy: status.busy,
            stale: is_stale(&status),
            last_seen: status.health.last_contact_at,
            last_sync: status.health.punches_read_at,
            next_sync: status.next_poll_at,
            records: total.map_or(0, |total| total.count),
            records_on_device: terminal.info.punches_says,
            last_record: total.map(|total| total.last_local_time.to_string()),
            clock_offset: status.health.clock_offset_secs,
            live_state: live.state,
            live_reason: live.reason,
            failures: status.consecutive_failures,
            last_error: status.health.last_error,
            last_error_code: status.health.last_error_code,
            last_error_at: status.health.last_error_at,
        });
    }
    let mut destinations = Vec::new();
    for destination in state.store.destinations().await? {
        let counts = state.store.outbox_counts(destination.id).await?;
        destinations.push(DestinationStatus::new(destination, &counts));
    }
    let alarms = alarms(state, &devices, only).await?;
    Ok(SyncStatus {
        alarms,
        last_sync: devices.iter().filter_map(|device| device.last_sync).max(),
        next_sync: devices.iter().filter_map(|device| device.next_sync).min(),
        interval: state.settings.interval.as_secs(),
        records,
        waiting: destinations
            .iter()
            .map(|destination| destination.waiting)
            .sum(),
        delivered: destinations
            .iter()
            .map(|destination| destination.delivered)
            .sum(),
        failed: destinations
            .iter()
            .map(|destination| destination.failed)
            .sum(),
        devices,
        destinations,
    })
}

impl DestinationStatus {
    pub(super) fn new(destination: Destination, counts: &storage::OutboxCounts) -> Self {
        let state = if destination.pause.is_some() || destination.mode == Mode::Paused {
            DestinationState::Paused
        } else if destination.url.is_none() {
            DestinationState::NotSet
        } else if destination.failures > 0 {
            DestinationState::Retrying
        } else if !destination.auto_export() {
            DestinationState::Off
        } else if counts.waiting + counts.batched > 0 {
            DestinationState::Sending
        } else {
            DestinationState::Idle
        };
        Self {
            id: destination.id.0,
            auto_export: destination.auto_export(),
            name: destination.name,
            export_url: destination.url,
            state,
            paused: destination.pause.map(PauseView::from),
            waiting: counts.waiting + counts.batched,
            delivered: counts.delivered,
            failed: counts.parked,
            held: counts.held,
            withdrawn: counts.withdrawn,
            waiting_since: counts.oldest_waiting,
            failures: destination.failures,
            retry_at: destination.retry_at,
            single_records: destination.bare_only,
            last_attempt: destination.last_attempt_at,
            last_success: destination.last_success_at,
            last_status: destination.last_status,
            last_error: destination.last_error,
            last_error_at: destination.last_error_at,
        }
    }
}

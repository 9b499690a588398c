use std::time::Duration;

use collector::TerminalStatus;
use domain::{Address, Secret, Terminal, Transport};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use storage::{NewTerminal, TerminalChange};
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{chosen, select::unknown},
    problem::Problem,
};

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

/// A terminal to register; it need not be reachable.
#[derive(Debug, Clone)]
pub(crate) struct NewDevice {
    /// The host where none is given.
    pub(crate) name: Option<String>,
    pub(crate) address: Address,
    pub(crate) transport: Transport,
    pub(crate) comm_key: Option<Secret<u32>>,
    pub(crate) zone: Option<String>,
    pub(crate) interval: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) enabled: bool,
}

/// What to change of one; `None` leaves it, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
pub(crate) struct DeviceChange {
    pub(crate) name: Option<String>,
    pub(crate) address: Option<Address>,
    pub(crate) transport: Option<Transport>,
    pub(crate) comm_key: Option<Option<Secret<u32>>>,
    pub(crate) zone: Option<Option<String>>,
    pub(crate) interval: Option<Option<Duration>>,
    pub(crate) timeout: Option<Option<Duration>>,
    pub(crate) enabled: Option<bool>,
    /// Makes it the one that is meant where no device is named.
    pub(crate) default: bool,
}

const SHORTEST_INTERVAL: Duration = Duration::from_secs(10);
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);
const LONGEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Every terminal that is not closed, by id.
pub(crate) async fn devices(state: &AppState) -> Result<Vec<DeviceView>, Problem> {
    let terminals = state.store.terminals().await?;
    Ok(terminals
        .iter()
        .filter(|terminal| terminal.closed_at.is_none())
        .map(|terminal| view(state, terminal))
        .collect())
}

/// One terminal by id, serial number or address, closed ones too.
pub(crate) async fn device(state: &AppState, device: &str) -> Result<DeviceView, Problem> {
    let terminal = find(state, device).await?;
    Ok(view(state, &terminal))
}

/// Registers a terminal; the collector contacts it at its next turn.
pub(crate) async fn add_device(state: &AppState, new: NewDevice) -> Result<DeviceView, Problem> {
    let name = name(new.name.as_ref().unwrap_or(&new.address.host))?;
    check_zone(new.zone.as_deref())?;
    check_interval(new.interval)?;
    check_timeout(new.timeout)?;
    let terminal = NewTerminal {
        name,
        address: new.address,
        transport: new.transport,
        comm_key: new.comm_key,
        zone: new.zone,
        interval: new.interval,
        connect_timeout: new.timeout,
        enabled: new.enabled,
        live: domain::LiveMode::default(),
        clock_policy: domain::ClockPolicy::default(),
        code_page: None,
        order16: domain::StateVerifyOrder::default(),
    };
    let terminal = state
        .store
        .register_terminal(terminal, state.clock.now())
        .await?;
    state.collector.reload();
    Ok(view(state, &terminal))
}

/// Changes a terminal's settings; they hold from its next contact on.
pub(crate) async fn change_device(
    state: &AppState,
    device: &str,
    change: DeviceChange,
) -> Result<DeviceView, Problem> {
    let terminal = find(state, device).await?;
    if terminal.closed_at.is_some() {
        return Err(closed(&terminal));
    }
    check_zone(change.zone.as_ref().and_then(Option::as_deref))?;
    check_interval(change.interval.flatten())?;
    check_timeout(change.timeout.flatten())?;
    let changed = TerminalChange {
        name: change.name.as_deref().map(name).transpose()?,
        address: change.address,
        transport: change.transport,
        comm_key: change.comm_key,
        zone: change.zone,
        interval: change.interval,
        connect_timeout: change.timeout,
        enabled: change.enabled,
        ..TerminalChange::default()
    };
    let mut terminal = state.store.update_terminal(terminal.id, changed).await?;
    if change.default {
        state.store.set_default_terminal(terminal.id).await?;
        terminal.is_default = true;
    }
    state.collector.reload();
    Ok(view(state, &terminal))
}

/// Closes a terminal: it is not contacted any more; its records stay in the ledger.
pub(crate) async fn remove_device(state: &AppState, device: &str) -> Result<DeviceView, Problem> {
    let terminal = find(state, device).await?;
    if terminal.closed_at.is_none() {
        state
            .store
            .close_terminal(terminal.id, state.clock.now())
            .await?;
        state.collector.reload();
    }
    let terminal = state.store.terminal(terminal.id).await?.unwrap_or(terminal);
    Ok(view(state, &terminal))
}

/// Has a terminal contacted now instead of at its next turn.
pub(crate) async fn sync_device(state: &AppState, device: &str) -> Result<DeviceView, Problem> {
    let terminal = find(state, device).await?;
    if terminal.closed_at.is_some() {
        return Err(closed(&terminal));
    }
    state.collector.sync_now(terminal.id);
    Ok(view(state, &terminal))
}

/// A blank names nobody here, also not the default one.
async fn find(state: &AppState, device: &str) -> Result<Terminal, Problem> {
    if device.trim().is_empty() {
        return Err(unknown(device));
    }
    chosen(state, Some(device))
        .await?
        .ok_or_else(|| unknown(device))
}

fn closed(terminal: &Terminal) -> Problem {
    Problem::Conflict {
        code: "removed",
        message: format!(
            "the device {} was removed or replaced; connect it again first",
            terminal.name
        ),
    }
}

/// How a terminal stands: from the collector while it follows it, else as it was stored.
pub(super) fn status(state: &AppState, terminal: &Terminal) -> TerminalStatus {
    state
        .collector
        .status(terminal.id)
        .unwrap_or_else(|| TerminalStatus {
            health: terminal.health.clone(),
            ..TerminalStatus::default()
        })
}

/// Whether what is stored of a terminal may lag behind it: it did not answer at its last contact, or never did.
pub(super) fn is_stale(status: &TerminalStatus) -> bool {
    status.health.last_error_code.is_some() || status.health.last_contact_at.is_none()
}

pub(super) fn view(state: &AppState, terminal: &Terminal) -> DeviceView {
    let status = status(state, terminal);
    let info = &terminal.info;
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

fn name(name: &str) -> Result<String, Problem> {
    const LONGEST: usize = 100;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(Problem::invalid(format!(
            "name must be a text of 1 to {LONGEST} characters in one line"
        )));
    }
    Ok(name.to_owned())
}

fn check_zone(zone: Option<&str>) -> Result<(), Problem> {
    match zone {
        Some(zone) if TimeZone::get(zone).is_err() => Err(Problem::invalid(format!(
            "zone is {zone:?}, which is no time zone; give an IANA name, as in Asia/Karachi"
        ))),
        Some(_) | None => Ok(()),
    }
}

fn check_interval(interval: Option<Duration>) -> Result<(), Problem> {
    match interval {
        Some(interval) if !(SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&interval) => {
            Err(Problem::invalid(
                "interval must be from 10 seconds to 24 hours; write seconds, as in 60, or 60s, 5m, 24h",
            ))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn check_timeout(timeout: Option<Duration>) -> Result<(), Problem> {
    match timeout {
        Some(timeout) if timeout.is_zero() || timeout > LONGEST_TIMEOUT => Err(Problem::invalid(
            "timeout must be more than 0 and at most 60 seconds",
        )),
        Some(_) | None => Ok(()),
    }
}

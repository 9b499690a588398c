//! Terminals as they are registered.

mod check;
mod view;
mod zone;

use std::time::Duration;

use collector::TerminalStatus;
use domain::{
    Address, ClockPolicy, LiveMode, LocalTime, Secret, StateVerifyOrder, Terminal, Transport,
};
use storage::{NewTerminal, TerminalChange};

pub(super) use self::{
    check::check_timeout,
    view::{LiveNow, correct_over, policy_word, view},
};
pub(crate) use self::{view::DeviceView, zone::ChangedView};

use crate::{
    AppState,
    actions::{chosen, select::unknown},
    problem::Problem,
};

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
    pub(crate) site: Option<String>,
    pub(crate) live: LiveMode,
    pub(crate) clock_policy: ClockPolicy,
    pub(crate) code_page: Option<String>,
    pub(crate) order16: StateVerifyOrder,
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
    /// Since when, on its own clock, it is in that zone: instants of its punches from then on are corrected.
    pub(crate) zone_from: Option<LocalTime>,
    pub(crate) interval: Option<Option<Duration>>,
    pub(crate) timeout: Option<Option<Duration>>,
    pub(crate) enabled: Option<bool>,
    pub(crate) site: Option<Option<String>>,
    pub(crate) live: Option<LiveMode>,
    pub(crate) clock_policy: Option<ClockPolicy>,
    pub(crate) code_page: Option<Option<String>>,
    pub(crate) order16: Option<StateVerifyOrder>,
    /// Makes it the one that is meant where no device is named.
    pub(crate) default: bool,
}

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
    let name = check::name(new.name.as_ref().unwrap_or(&new.address.host))?;
    check::check_zone(new.zone.as_deref())?;
    check::check_interval(new.interval)?;
    check_timeout(new.timeout)?;
    check::check_policy(Some(new.clock_policy))?;
    let site = new.site.as_deref().map(check::site).transpose()?;
    let terminal = NewTerminal {
        name,
        address: new.address,
        transport: new.transport,
        comm_key: new.comm_key,
        zone: new.zone,
        interval: new.interval,
        connect_timeout: new.timeout,
        enabled: new.enabled,
        live: new.live,
        clock_policy: new.clock_policy,
        code_page: new.code_page.as_deref().map(check::code_page).transpose()?,
        order16: new.order16,
    };
    let mut terminal = state
        .store
        .register_terminal(terminal, state.clock.now())
        .await?;
    if site.is_some() {
        let change = TerminalChange {
            site: Some(site),
            ..TerminalChange::default()
        };
        let now = state.clock.now();
        terminal = state
            .store
            .update_terminal(terminal.id, change, now)
            .await?;
    }
    state.collector.reload();
    Ok(view(state, &terminal))
}

/// Changes a terminal's settings; they hold from its next contact on.
pub(crate) async fn change_device(
    state: &AppState,
    device: &str,
    change: DeviceChange,
    by: &str,
) -> Result<ChangedView, Problem> {
    let terminal = open(state, device).await?;
    check::check_zone(change.zone.as_ref().and_then(Option::as_deref))?;
    check::check_interval(change.interval.flatten())?;
    check_timeout(change.timeout.flatten())?;
    check::check_policy(change.clock_policy)?;
    let moved = zone::moved(&change)?;
    let changed = TerminalChange {
        name: change.name.as_deref().map(check::name).transpose()?,
        address: change.address,
        transport: change.transport,
        comm_key: change.comm_key,
        zone: change.zone,
        interval: change.interval,
        connect_timeout: change.timeout,
        enabled: change.enabled,
        live: change.live,
        clock_policy: change.clock_policy,
        code_page: nested(change.code_page.as_ref(), check::code_page)?,
        site: nested(change.site.as_ref(), check::site)?,
        order16: change.order16,
    };
    let now = state.clock.now();
    let mut terminal = state
        .store
        .update_terminal(terminal.id, changed, now)
        .await?;
    // At another site, others may want what waits.
    state.delivery.wake();
    if change.default {
        state.store.set_default_terminal(terminal.id).await?;
        terminal.is_default = true;
    }
    let corrected = match moved {
        None => None,
        Some(moved) => Some(moved.correct(state, terminal.id, by).await?),
    };
    state.collector.reload();
    Ok(ChangedView {
        device: view(state, &terminal),
        corrected_records: corrected,
    })
}

/// Checks a setting that may be taken back.
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
fn nested(
    setting: Option<&Option<String>>,
    check: impl FnOnce(&str) -> Result<String, Problem>,
) -> Result<Option<Option<String>>, Problem> {
    setting
        .map(|setting| setting.as_deref().map(check).transpose())
        .transpose()
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
    let terminal = open(state, device).await?;
    state.collector.sync_now(terminal.id);
    Ok(view(state, &terminal))
}

/// A terminal that is still in use.
pub(super) async fn open(state: &AppState, device: &str) -> Result<Terminal, Problem> {
    let terminal = find(state, device).await?;
    if terminal.closed_at.is_some() {
        return Err(closed(&terminal));
    }
    Ok(terminal)
}

/// A blank names nobody here, also not the default one.
pub(super) async fn find(state: &AppState, device: &str) -> Result<Terminal, Problem> {
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

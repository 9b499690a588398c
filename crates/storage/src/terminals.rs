//! Terminals as they are registered: finding, adding, changing and closing them.

use std::time::Duration;

use domain::{
    Address, ClockPolicy, LiveMode, Secret, StateVerifyOrder, Terminal, TerminalId,
    TerminalSelector, Transport,
};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result, Sealer, Store, StoreError, Weight,
    people::look_again,
    terminal_row::{TerminalRow, select_terminals},
};

/// A terminal to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTerminal {
    pub name: String,
    pub address: Address,
    pub transport: Transport,
    pub comm_key: Option<Secret<u32>>,
    /// IANA name; `None` follows the server's setting.
    pub zone: Option<String>,
    /// `None` follows the server's setting.
    pub interval: Option<Duration>,
    /// `None` follows the server's setting.
    pub connect_timeout: Option<Duration>,
    pub enabled: bool,
    pub live: LiveMode,
    pub clock_policy: ClockPolicy,
    /// `None`: found out from the names.
    pub code_page: Option<String>,
    pub order16: StateVerifyOrder,
}

/// Settings of a terminal to be changed; `None` leaves one as it is, `Some(None)` takes it back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerminalChange {
    pub name: Option<String>,
    pub address: Option<Address>,
    pub transport: Option<Transport>,
    pub comm_key: Option<Option<Secret<u32>>>,
    pub zone: Option<Option<String>>,
    pub interval: Option<Option<Duration>>,
    pub connect_timeout: Option<Option<Duration>>,
    pub enabled: Option<bool>,
    pub live: Option<LiveMode>,
    pub clock_policy: Option<ClockPolicy>,
    pub code_page: Option<Option<String>>,
    pub site: Option<Option<String>>,
    pub order16: Option<StateVerifyOrder>,
}

const ALL: &str = select_terminals!("ORDER BY id");
const BY_ID: &str = select_terminals!("WHERE id = ?");
const BY_IDENTITY: &str = select_terminals!("WHERE identity = ?");
const DEFAULT: &str =
    select_terminals!("WHERE closed_at IS NULL ORDER BY is_default DESC, id LIMIT 1");

impl Store {
    /// All of them, also those that are closed, in the order of their registration.
    pub async fn terminals(&self) -> Result<Vec<Terminal>> {
        let rows: Vec<TerminalRow> = sqlx::query_as(ALL).fetch_all(self.reader()).await?;
        rows.into_iter()
            .map(|row| row.into_terminal(self.sealer()))
            .collect()
    }

    pub async fn terminal(&self, id: TerminalId) -> Result<Option<Terminal>> {
        let row: Option<TerminalRow> = sqlx::query_as(BY_ID)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| row.into_terminal(self.sealer())).transpose()
    }

    /// Terminals whose communication key was sealed with another key than ours, with their names. They count as having
    /// none, until it is set again.
    pub async fn sealed_otherwise(&self) -> Result<Vec<(TerminalId, String)>> {
        const SELECT: &str = "SELECT id, name, comm_key FROM terminals
            WHERE comm_key IS NOT NULL AND closed_at IS NULL ORDER BY id";
        let sealed: Vec<(i64, String, Vec<u8>)> =
            sqlx::query_as(SELECT).fetch_all(self.reader()).await?;
        Ok(sealed
            .into_iter()
            .filter(|(_, _, key)| self.sealer().open_comm_key(key).is_none())
            .map(|(id, name, _)| (TerminalId(id), name))
            .collect())
    }

    /// The one that is meant where a caller names none.
    pub async fn default_terminal(&self) -> Result<Option<Terminal>> {
        let row: Option<TerminalRow> = sqlx::query_as(DEFAULT)
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| row.into_terminal(self.sealer())).transpose()
    }

    /// By serial number or minted id, whether open or closed.
    pub async fn terminal_by_identity(&self, identity: &str) -> Result<Option<Terminal>> {
        let row: Option<TerminalRow> = sqlx::query_as(BY_IDENTITY)
            .bind(identity)
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| row.into_terminal(self.sealer())).transpose()
    }

    /// By row number, serial number or address, in this order; open ones first, closed ones not by address. `Conflict`
    /// when several are at a host that is given without a port, and none of them is the default one.
    pub async fn find_terminal(&self, selector: &TerminalSelector) -> Result<Option<Terminal>> {
        find(self.terminals().await?, selector.as_str())
    }

    /// Registers a terminal; the first one becomes the default. `Conflict` when another one is at its address.
    pub async fn register_terminal(&self, new: NewTerminal, now: Timestamp) -> Result<Terminal> {
        const INSERT: &str =
            "INSERT INTO terminals (name, host, port, transport, comm_key, zone, interval_secs,
                connect_timeout_ms, enabled, registered_at, live, correct_clock_secs, code_page, order16, is_default)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                NOT EXISTS (SELECT 1 FROM terminals WHERE is_default = 1)
            RETURNING id";
        let sealer = self.sealer().clone();
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                ensure_free(conn, &new.address, new.transport, None).await?;
                let id: i64 = sqlx::query_scalar(INSERT)
                    .bind(new.name)
                    .bind(new.address.host)
                    .bind(i64::from(new.address.port))
                    .bind(new.transport.as_str())
                    .bind(seal(&sealer, new.comm_key.as_ref())?)
                    .bind(new.zone)
                    .bind(new.interval.map(seconds))
                    .bind(new.connect_timeout.map(millis))
                    .bind(new.enabled)
                    .bind(now.as_millisecond())
                    .bind(new.live.as_str())
                    .bind(correct_over(new.clock_policy))
                    .bind(new.code_page)
                    .bind(new.order16.as_str())
                    .fetch_one(&mut *conn)
                    .await?;
                fetch(conn, TerminalId(id), &sealer).await
            })
        })
        .await
    }

    /// `Conflict` when another terminal is at the new address. At another site, what destinations that ask for sites do not
    /// want any more is withdrawn.
    pub async fn update_terminal(
        &self,
        id: TerminalId,
        change: TerminalChange,
        now: Timestamp,
    ) -> Result<Terminal> {
        const UPDATE: &str =
            "UPDATE terminals SET name = ?, host = ?, port = ?, transport = ?, zone = ?,
                interval_secs = ?, connect_timeout_ms = ?, enabled = ?, live = ?, correct_clock_secs = ?, code_page = ?, site = ?,
                order16 = ?
            WHERE id = ?";
        const SET_KEY: &str = "UPDATE terminals SET comm_key = ? WHERE id = ?";
        let sealer = self.sealer().clone();
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let before = fetch(conn, id, &sealer).await?;
                let is_elsewhere = change
                    .site
                    .as_ref()
                    .is_some_and(|site| *site != before.site);
                let address = change.address.unwrap_or(before.address);
                let transport = change.transport.unwrap_or(before.transport);
                if before.closed_at.is_none() {
                    ensure_free(conn, &address, transport, Some(id)).await?;
                }
                sqlx::query(UPDATE)
                    .bind(change.name.unwrap_or(before.name))
                    .bind(address.host)
                    .bind(i64::from(address.port))
                    .bind(transport.as_str())
                    .bind(change.zone.unwrap_or(before.zone))
                    .bind(change.interval.unwrap_or(before.interval).map(seconds))
                    .bind(
                        change
                            .connect_timeout
                            .unwrap_or(before.connect_timeout)
                            .map(millis),
                    )
                    .bind(change.enabled.unwrap_or(before.enabled))
                    .bind(change.live.unwrap_or(before.live).as_str())
                    .bind(correct_over(
                        change.clock_policy.unwrap_or(before.clock_policy),
                    ))
                    .bind(change.code_page.unwrap_or(before.code_page))
                    .bind(change.site.unwrap_or(before.site))
                    .bind(change.order16.unwrap_or(before.order16).as_str())
                    .bind(id.0)
                    .execute(&mut *conn)
                    .await?;
                if let Some(key) = change.comm_key {
                    sqlx::query(SET_KEY)
                        .bind(seal(&sealer, key.as_ref())?)
                        .bind(id.0)
                        .execute(&mut *conn)
                        .await?;
                }
                if is_elsewhere {
                    look_again(conn, now).await?;
                }
                fetch(conn, id, &sealer).await
            })
        })
        .await
    }

    /// `NotFound` when there is no such terminal, or it is closed.
    pub async fn set_default_terminal(&self, id: TerminalId) -> Result<()> {
        const CLEAR: &str = "UPDATE terminals SET is_default = 0 WHERE is_default = 1 AND id <> ?";
        const SET: &str = "UPDATE terminals SET is_default = 1 WHERE id = ? AND closed_at IS NULL";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(CLEAR).bind(id.0).execute(&mut *conn).await?;
                let set = sqlx::query(SET).bind(id.0).execute(conn).await?;
                if set.rows_affected() == 0 {
                    Err(unknown(id))
                } else {
                    Ok(())
                }
            })
        })
        .await
    }

    /// Takes a terminal out of use; what came from it stays. Closing twice changes nothing.
    pub async fn close_terminal(&self, id: TerminalId, now: Timestamp) -> Result<()> {
        const CLOSE: &str =
            "UPDATE terminals SET closed_at = COALESCE(closed_at, ?), is_default = 0 WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let closed = sqlx::query(CLOSE)
                    .bind(now.as_millisecond())
                    .bind(id.0)
                    .execute(conn)
                    .await?;
                if closed.rows_affected() == 0 {
                    Err(unknown(id))
                } else {
                    Ok(())
                }
            })
        })
        .await
    }
}

pub(crate) async fn fetch(
    conn: &mut SqliteConnection,
    id: TerminalId,
    sealer: &Sealer,
) -> Result<Terminal> {
    let row: Option<TerminalRow> = sqlx::query_as(BY_ID)
        .bind(id.0)
        .fetch_optional(conn)
        .await?;
    row.ok_or_else(|| unknown(id))?.into_terminal(sealer)
}

/// Two open terminals cannot be at one address.
pub(crate) async fn ensure_free(
    conn: &mut SqliteConnection,
    address: &Address,
    transport: Transport,
    except: Option<TerminalId>,
) -> Result<()> {
    const TAKEN: &str = "SELECT name FROM terminals
        WHERE host = ? AND port = ? AND transport = ? AND closed_at IS NULL AND id IS NOT ?";
    let taken: Option<String> = sqlx::query_scalar(TAKEN)
        .bind(&address.host)
        .bind(i64::from(address.port))
        .bind(transport.as_str())
        .bind(except.map(|id| id.0))
        .fetch_optional(conn)
        .await?;
    match taken {
        Some(name) => Err(StoreError::conflict(format!(
            "a terminal is registered at {address} ({}) already, under the name {name:?}; change or remove that one",
            transport.as_str()
        ))),
        None => Ok(()),
    }
}

pub(crate) fn unknown(id: TerminalId) -> StoreError {
    StoreError::not_found(format!("no terminal is registered under number {id}"))
}

fn find(terminals: Vec<Terminal>, wanted: &str) -> Result<Option<Terminal>> {
    let has_number = |terminal: &Terminal| terminal.id.to_string() == wanted;
    let has_serial = |terminal: &Terminal| {
        terminal.serial.as_deref() == Some(wanted) || terminal.identity.as_deref() == Some(wanted)
    };
    let address: Option<Address> = wanted.parse().ok();
    let has_address = |terminal: &Terminal| {
        address.as_ref().is_some_and(|wanted| {
            terminal.address.port == wanted.port
                && terminal.address.host.eq_ignore_ascii_case(&wanted.host)
        })
    };
    let (open, closed): (Vec<_>, Vec<_>) = terminals
        .into_iter()
        .partition(|terminal| terminal.closed_at.is_none());
    let position =
        |among: &[Terminal], is_it: &dyn Fn(&Terminal) -> bool| among.iter().position(is_it);
    let in_open = [
        &has_number as &dyn Fn(&Terminal) -> bool,
        &has_serial,
        &has_address,
    ]
    .into_iter()
    .find_map(|is_it| position(&open, is_it));
    if let Some(index) = in_open {
        return Ok(open.into_iter().nth(index));
    }
    if let Some(terminal) = at_host(open, wanted)? {
        return Ok(Some(terminal));
    }
    let index = position(&closed, &has_number).or_else(|| position(&closed, &has_serial));
    Ok(index.and_then(|index| closed.into_iter().nth(index)))
}

/// Several terminals may be behind one host, each at a port of its own.
fn at_host(open: Vec<Terminal>, host: &str) -> Result<Option<Terminal>> {
    let mut there: Vec<Terminal> = open
        .into_iter()
        .filter(|terminal| terminal.address.host.eq_ignore_ascii_case(host))
        .collect();
    if there.len() > 1 && there.iter().all(|terminal| !terminal.is_default) {
        let addresses: Vec<_> = there
            .iter()
            .map(|terminal| terminal.address.to_string())
            .collect();
        return Err(StoreError::conflict(format!(
            "several terminals are at {host}; say which one: {}",
            addresses.join(", ")
        )));
    }
    there.sort_by_key(|terminal| !terminal.is_default);
    Ok(there.into_iter().next())
}

pub(crate) fn seal(sealer: &Sealer, key: Option<&Secret<u32>>) -> Result<Option<Vec<u8>>> {
    key.map(|key| sealer.seal_comm_key(key)).transpose()
}

fn correct_over(policy: ClockPolicy) -> Option<i64> {
    match policy {
        ClockPolicy::Measure => None,
        ClockPolicy::Correct { over_secs } => Some(i64::from(over_secs)),
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

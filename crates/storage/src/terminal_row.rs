//! A row of `terminals` made a [`Terminal`].

use std::time::Duration;

use domain::{
    Address, ClockPolicy, LiveMode, StateVerifyOrder, Terminal, TerminalHealth, TerminalId,
    TerminalInfo, Transport,
};

use crate::{
    Result, Sealer, StoreError,
    columns::{moment, moment_opt, narrow},
};

#[derive(sqlx::FromRow)]
pub(crate) struct TerminalRow {
    id: i64,
    identity: Option<String>,
    serial: Option<String>,
    name: String,
    host: String,
    port: i64,
    transport: String,
    comm_key: Option<Vec<u8>>,
    zone: Option<String>,
    interval_secs: Option<i64>,
    connect_timeout_ms: Option<i64>,
    enabled: bool,
    live: String,
    correct_clock_secs: Option<i64>,
    code_page: Option<String>,
    site: Option<String>,
    order16: String,
    is_default: bool,
    registered_at: i64,
    closed_at: Option<i64>,
    replaced_by: Option<i64>,
    model: Option<String>,
    platform: Option<String>,
    firmware: Option<String>,
    mac: Option<String>,
    user_row_size: Option<i64>,
    row_layout: Option<String>,
    counters: Option<Vec<u8>>,
    users_says: Option<i64>,
    punches_says: Option<i64>,
    punches_capacity: Option<i64>,
    learned: String,
    clock_offset_secs: Option<i64>,
    users_read_at: Option<i64>,
    punches_read_at: Option<i64>,
    last_contact_at: Option<i64>,
    last_error_code: Option<String>,
    last_error: Option<String>,
    last_error_at: Option<i64>,
}

/// A statement over all columns of [`TerminalRow`].
macro_rules! select_terminals {
    ($rest:literal) => {
        concat!(
            "SELECT id, identity, serial, name, host, port, transport, comm_key, zone, interval_secs,
                connect_timeout_ms, enabled, live, correct_clock_secs, code_page, site, order16, is_default, registered_at, closed_at, replaced_by, model, platform,
                firmware, mac, user_row_size, row_layout, counters, users_says, punches_says, punches_capacity, learned,
                clock_offset_secs, users_read_at, punches_read_at, last_contact_at, last_error_code, last_error,
                last_error_at
            FROM terminals ",
            $rest
        )
    };
}
pub(crate) use select_terminals;

impl TerminalRow {
    pub(crate) fn into_terminal(self, sealer: &Sealer) -> Result<Terminal> {
        // One that was sealed with another key is told at the start (`sealed_otherwise`), not at every read.
        let comm_key = self
            .comm_key
            .as_deref()
            .and_then(|sealed| sealer.open_comm_key(sealed));
        let info = TerminalInfo {
            model: self.model,
            platform: self.platform,
            firmware: self.firmware,
            mac: self.mac,
            user_row_size: number(self.user_row_size, "terminals.user_row_size")?,
            row_layout: self.row_layout,
            counters: self.counters,
            users_says: number(self.users_says, "terminals.users_says")?,
            punches_says: number(self.punches_says, "terminals.punches_says")?,
            punches_capacity: number(self.punches_capacity, "terminals.punches_capacity")?,
            learned: serde_json::from_str(&self.learned)
                .map_err(|_| StoreError::damaged("terminals.learned cannot be read"))?,
        };
        let health = TerminalHealth {
            last_contact_at: moment_opt(self.last_contact_at)?,
            users_read_at: moment_opt(self.users_read_at)?,
            punches_read_at: moment_opt(self.punches_read_at)?,
            clock_offset_secs: self.clock_offset_secs,
            last_error_code: self.last_error_code,
            last_error: self.last_error,
            last_error_at: moment_opt(self.last_error_at)?,
        };
        Ok(Terminal {
            id: TerminalId(self.id),
            identity: self.identity,
            serial: self.serial,
            name: self.name,
            address: Address {
                host: self.host,
                port: narrow(self.port, "terminals.port")?,
            },
            transport: match self.transport.as_str() {
                "tcp" => Transport::Tcp,
                "udp" => Transport::Udp,
                other => return Err(StoreError::damaged(format!("{other:?} is no transport"))),
            },
            comm_key,
            zone: self.zone,
            interval: number(self.interval_secs, "terminals.interval_secs")?
                .map(Duration::from_secs),
            connect_timeout: number(self.connect_timeout_ms, "terminals.connect_timeout_ms")?
                .map(Duration::from_millis),
            enabled: self.enabled,
            live: match self.live.as_str() {
                "off" => LiveMode::Off,
                _ => LiveMode::Auto,
            },
            clock_policy: match self.correct_clock_secs {
                Some(secs) => ClockPolicy::Correct {
                    over_secs: narrow(secs, "terminals.correct_clock_secs")?,
                },
                None => ClockPolicy::Measure,
            },
            code_page: self.code_page,
            site: self.site,
            order16: match self.order16.as_str() {
                "verify_first" => StateVerifyOrder::VerifyFirst,
                _ => StateVerifyOrder::StateFirst,
            },
            is_default: self.is_default,
            registered_at: moment(self.registered_at)?,
            closed_at: moment_opt(self.closed_at)?,
            replaced_by: self.replaced_by.map(TerminalId),
            info,
            health,
        })
    }
}

fn number<T: TryFrom<i64>>(value: Option<i64>, column: &str) -> Result<Option<T>> {
    value.map(|value| narrow(value, column)).transpose()
}

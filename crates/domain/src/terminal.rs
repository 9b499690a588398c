use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ClockPolicy, LiveMode, Secret, StateVerifyOrder, TerminalId};

/// How the port-4370 protocol is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    #[default]
    Tcp,
    Udp,
}

impl Transport {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Host name or IP address, and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    pub host: String,
    pub port: u16,
}

/// The text is no address of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no address of a terminal; give a host name or an IP address, with :port where it is not 4370"
)]
pub struct AddressError(String);

impl Address {
    pub const DEFAULT_PORT: u16 = 4370;

    pub fn new(host: impl Into<String>, port: u16) -> Result<Self, AddressError> {
        let host = host.into();
        let host = host
            .trim()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let is_ip = host.parse::<std::net::IpAddr>().is_ok();
        let is_name = !host.is_empty()
            && host.len() <= 253
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
        if port == 0 || !(is_ip || is_name) {
            return Err(AddressError(format!("{host}:{port}")));
        }
        Ok(Self { host, port })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    /// `192.168.1.20`, `gate.example:4370`, `[fe80::1]:4370`, `::1`
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let wrong = || AddressError(text.to_owned());
        if text.parse::<std::net::Ipv6Addr>().is_ok() {
            return Self::new(text, Self::DEFAULT_PORT);
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                Self::new(host, port.parse().map_err(|_| wrong())?).map_err(|_| wrong())
            }
            Some(_) | None => Self::new(text, Self::DEFAULT_PORT).map_err(|_| wrong()),
        }
    }
}

/// How a caller names a terminal: `?device=` takes the row number, the serial number or the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalSelector(String);

impl TerminalSelector {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().trim().to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A terminal as registered here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    pub id: TerminalId,
    /// Serial number, or an id minted once for a terminal that has none; `None` before the first contact.
    pub identity: Option<String>,
    pub serial: Option<String>,
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
    /// The place where it stands; filters of destinations name it.
    pub site: Option<String>,
    pub live: LiveMode,
    pub clock_policy: ClockPolicy,
    /// Label of the encoding of names (`windows-1256`); `None`: found out from the names themselves.
    pub code_page: Option<String>,
    pub order16: StateVerifyOrder,
    pub is_default: bool,
    pub registered_at: Timestamp,
    /// Removed, or replaced by another terminal at its address.
    pub closed_at: Option<Timestamp>,
    pub replaced_by: Option<TerminalId>,
    pub info: TerminalInfo,
    pub health: TerminalHealth,
}

/// What a terminal says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TerminalInfo {
    pub model: Option<String>,
    pub platform: Option<String>,
    pub firmware: Option<String>,
    pub mac: Option<String>,
    /// 28 or 72, as the terminal itself sends users.
    pub user_row_size: Option<u16>,
    /// Name of the attendance row layout that the last full read found.
    pub row_layout: Option<String>,
    /// The last answer to `GET_FREE_SIZES` whose tables were read, byte for byte.
    pub counters: Option<Vec<u8>>,
    pub users_says: Option<u32>,
    pub punches_says: Option<u32>,
    pub punches_capacity: Option<u32>,
    /// Peculiarities that were found out, by their name (`no_offset_reads`), each with what is known of it.
    pub learned: BTreeMap<String, String>,
}

/// When a terminal was last spoken to, and how that went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TerminalHealth {
    /// The last time it answered.
    pub last_contact_at: Option<Timestamp>,
    pub users_read_at: Option<Timestamp>,
    pub punches_read_at: Option<Timestamp>,
    /// Terminal clock minus server clock.
    pub clock_offset_secs: Option<i64>,
    /// `None` when the last contact went well.
    pub last_error_code: Option<String>,
    pub last_error: Option<String>,
    pub last_error_at: Option<Timestamp>,
}

use std::{fmt, time::Duration};

use zk_wire::CommKey;

/// Where a terminal is and how to talk to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name or an address.
    pub host: String,
    /// 4370 on most terminals.
    pub port: u16,
    /// TCP unless the terminal is an old one.
    pub transport: Transport,
    /// `None` where none is configured; key 0 is tried then if the terminal asks.
    pub comm_key: Option<CommKey>,
    /// How long each step may take.
    pub timeouts: Timeouts,
}

/// Most terminals answer on both; old ones on UDP only, a few on TCP only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One connection.
    Tcp,
    /// Datagrams, which are asked for again where they get lost.
    Udp,
}

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// From the first look-up of the name to the answer to CONNECT, with all attempts.
    pub connect: Duration,
    /// A reply, and each further packet of one.
    pub reply: Duration,
    /// The answer to what some terminals never answer, such as the question for the counters. When none comes, the
    /// terminal does not say, and the session goes on.
    pub brief: Duration,
    /// The answer to the request to prepare a table: a full or busy terminal needs long to build it.
    pub prepare: Duration,
    /// One whole table.
    pub table: Duration,
    /// The answer to EXIT; nothing depends on it.
    pub exit: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            reply: Duration::from_secs(10),
            brief: Duration::from_secs(3),
            prepare: Duration::from_mins(1),
            table: Duration::from_mins(15),
            exit: Duration::from_secs(1),
        }
    }
}

impl Target {
    /// A terminal over TCP, without key, with the usual timeouts.
    pub fn tcp(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            transport: Transport::Tcp,
            comm_key: None,
            timeouts: Timeouts::default(),
        }
    }

    /// A terminal over UDP, without key, with the usual timeouts.
    pub fn udp(host: impl Into<String>, port: u16) -> Self {
        Self {
            transport: Transport::Udp,
            ..Self::tcp(host, port)
        }
    }

    /// Host and port as people write them.
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        })
    }
}

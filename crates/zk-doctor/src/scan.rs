//! Finds terminals on a network without disturbing it: few connections at a time, each address once, and only whoever
//! answers is asked what it is.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};
use zk_client::{Error, Session, Step, Target, Timeouts, Transport};
use zk_wire::CommKey;

use crate::{Ranges, lookalike::Lookalike, recorder::Recorder, report::Device};

/// How to scan.
#[derive(Debug, Clone, Copy)]
pub struct ScanOptions {
    /// 4370 on most terminals.
    pub port: u16,
    /// Tried at terminals that ask for one.
    pub key: Option<CommKey>,
    /// How long an address may take to answer, over TCP and again over UDP.
    pub timeout: Duration,
    /// Addresses at a time.
    pub at_once: usize,
    /// New addresses a second.
    pub per_second: u32,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            port: 4370,
            key: None,
            timeout: Duration::from_secs(1),
            at_once: 32,
            per_second: 100,
        }
    }
}

/// Something that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Where.
    pub address: Ipv4Addr,
    /// `tcp` or `udp`.
    pub transport: &'static str,
    /// What it says of itself; nothing where a key is needed or it is no terminal.
    #[serde(flatten)]
    pub device: Device,
    /// Whether it asks for a communication key.
    pub key: KeyState,
    /// Why there is no more to say: it is busy, or no terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// What a terminal said to the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It asks for none.
    NotNeeded,
    /// It took the one that was given.
    Taken,
    /// It asks for one, and none was given.
    Needed,
    /// It does not take the one that was given.
    Wrong,
    /// It did not come to that.
    Unknown,
}

/// What came of one address.
enum Told {
    Found(Box<Found>),
    Nobody,
}

/// Looks at each address; `on_found` gets whoever answers, `on_progress` how many addresses were looked at.
///
/// [`Ranges::check`] is the caller's to ask.
pub async fn scan(
    ranges: &Ranges,
    options: ScanOptions,
    mut on_found: impl FnMut(Found),
    mut on_progress: impl FnMut(u64),
) {
    let at_once = options.at_once.max(1);
    let mut pace = interval(Duration::from_secs(1) / options.per_second.max(1));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut addresses = ranges.iter().fuse();
    let mut visits = FuturesUnordered::new();
    let (mut done, mut left) = (0, true);
    while left || !visits.is_empty() {
        tokio::select! {
            _ = pace.tick(), if left && visits.len() < at_once => match addresses.next() {
                Some(address) => visits.push(visit(address, options)),
                None => left = false,
            },
            Some(told) = visits.next() => {
                done += 1;
                on_progress(done);
                if let Told::Found(found) = told {
                    on_found(*found);
                }
            }
        }
    }
}

async fn visit(address: Ipv4Addr, options: ScanOptions) -> Told {
    match meet(address, options, Transport::Tcp).await {
        Told::Nobody => meet(address, options, Transport::Udp).await,
        found @ Told::Found(_) => found,
    }
}

async fn meet(address: Ipv4Addr, options: ScanOptions, transport: Transport) -> Told {
    let target = Target {
        transport,
        comm_key: options.key,
        timeouts: Timeouts {
            connect: options.timeout,
            reply: options.timeout * 3,
            ..Timeouts::default()
        },
        ..Target::tcp(address.to_string(), options.port)
    };
    let recorder = Arc::new(Recorder::new(false));
    let mut found = Found {
        address,
        transport: match transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        },
        device: Device::default(),
        key: KeyState::Unknown,
        remark: None,
    };
    match Session::connect_tapped(&target, recorder.clone()).await {
        Ok(mut session) => {
            found.key = if recorder.asked_for_key() && options.key.is_some() {
                KeyState::Taken
            } else {
                KeyState::NotNeeded
            };
            if let Ok(told) = session.device_info().await {
                found.device = Device {
                    serial: told.serial,
                    model: told.name,
                    vendor: told.vendor,
                    platform: told.platform,
                    firmware: told.firmware,
                };
            }
            session.close().await;
        }
        Err(Error::KeyNeeded { .. }) => found.key = KeyState::Needed,
        Err(Error::WrongKey { .. }) => found.key = KeyState::Wrong,
        Err(Error::Busy { .. }) => {
            found.remark =
                Some("takes the connection and does not talk: busy, or push only".to_owned());
        }
        Err(Error::OtherProtocol { .. }) => {
            let lookalike = recorder
                .noise()
                .map_or(Lookalike::Unknown, |first| Lookalike::of(&first));
            found.remark = Some(format!("no terminal of this family: {}", lookalike.what()));
        }
        Err(Error::Refused { code, .. }) => {
            found.remark = Some(format!("refuses a session (answer {code})"));
        }
        Err(
            Error::NothingListens { .. }
            | Error::NotReachable { .. }
            | Error::Timeout {
                step: Step::Connect | Step::Greeting,
                ..
            },
        ) => return Told::Nobody,
        Err(other) => found.remark = Some(other.to_string()),
    }
    Told::Found(Box::new(found))
}

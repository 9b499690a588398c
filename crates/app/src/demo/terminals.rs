//! The demo's terminals and the people who punch on them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context as _;
use domain::{Address, Clock as _, Terminal, Transport};
use jiff::tz::TimeZone;
use storage::{NewTerminal, Store};
use zk_terminal::{Contents, Handle, LocalClock, TerminalConfig, VirtualTerminal};
use zk_wire::{CommKey, RowLayout, UserFormat};

use crate::clock::SystemClock;

/// One of the demo's terminals; together they show TCP and UDP, a key, and three row formats.
struct Make {
    name: &'static str,
    serial: &'static str,
    model: &'static str,
    transport: Transport,
    comm_key: Option<u32>,
    user_format: UserFormat,
    record_format: RowLayout,
    users: usize,
    records: usize,
    punch_every: Duration,
}

const MAKES: [Make; 3] = [
    Make {
        name: "Main gate",
        serial: "DEMO0000001",
        model: "SpeedFace-V5L",
        transport: Transport::Tcp,
        comm_key: None,
        user_format: UserFormat::B72,
        record_format: RowLayout::R49,
        users: 40,
        records: 400,
        punch_every: Duration::from_secs(4),
    },
    Make {
        name: "Workshop",
        serial: "DEMO0000002",
        model: "iFace702",
        transport: Transport::Tcp,
        comm_key: Some(4321),
        user_format: UserFormat::B72,
        record_format: RowLayout::R40,
        users: 25,
        records: 250,
        punch_every: Duration::from_secs(7),
    },
    Make {
        name: "Warehouse",
        serial: "DEMO0000003",
        model: "MA300",
        transport: Transport::Udp,
        comm_key: None,
        user_format: UserFormat::B28,
        record_format: RowLayout::R16,
        users: 15,
        records: 150,
        punch_every: Duration::from_secs(11),
    },
];

/// The running terminals.
pub(super) struct Fleet(Vec<(&'static Make, Handle)>);

impl Fleet {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let zone = TimeZone::system();
        let clock = LocalClock::new(move || zone.to_datetime(SystemClock.now()));
        let mut running = Vec::with_capacity(MAKES.len());
        for (seed, make) in (1..).zip(&MAKES) {
            let config = TerminalConfig {
                serial: make.serial.to_owned(),
                name: make.model.to_owned(),
                comm_key: make.comm_key.map(CommKey::new),
                user_format: make.user_format,
                record_format: make.record_format,
                punch_every: Some(make.punch_every),
                seed,
                ..TerminalConfig::default()
            };
            let contents = Contents::generate(make.users, make.records, seed, clock.now());
            let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let handle = VirtualTerminal::start(listen, config, contents, clock.clone())
                .await
                .with_context(|| format!("start the virtual terminal {}", make.name))?;
            running.push((make, handle));
        }
        Ok(Self(running))
    }

    /// Registers the terminals. In a kept folder they may be known from an earlier demo, at other ports: those
    /// registrations move.
    pub(super) async fn register(&self, store: &Store) -> anyhow::Result<()> {
        let now = SystemClock.now();
        for (make, handle) in &self.0 {
            let address = Address::new(handle.address().ip().to_string(), handle.address().port())?;
            let terminals = store
                .terminals()
                .await
                .context("look for the demo's terminals")?;
            let known = terminals
                .into_iter()
                .find(|terminal| terminal.closed_at.is_none() && make.is(terminal));
            let done = match known {
                Some(known) => store
                    .readdress_terminal(known.id, &address, make.transport, now)
                    .await
                    .map(drop),
                None => store
                    .register_terminal(make.registration(address), now)
                    .await
                    .map(drop),
            };
            done.with_context(|| format!("register the terminal {}", make.name))?;
        }
        Ok(())
    }

    /// One line each, for people.
    pub(super) fn described(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(make, handle)| {
            format!(
                "{} at {} ({})",
                make.name,
                handle.address(),
                make.transport.as_str().to_uppercase()
            )
        })
    }

    pub(super) async fn stop(self) {
        for (_, handle) in self.0 {
            handle.stop().await;
        }
    }
}

impl Make {
    /// By its serial number, or, where the last demo ended before it was read, by its name.
    fn is(&self, terminal: &Terminal) -> bool {
        match &terminal.identity {
            Some(identity) => identity == self.serial,
            None => terminal.name == self.name,
        }
    }

    fn registration(&self, address: Address) -> NewTerminal {
        NewTerminal {
            name: self.name.to_owned(),
            address,
            transport: self.transport,
            comm_key: self.comm_key.map(domain::Secret::new),
            zone: None,
            interval: None,
            connect_timeout: None,
            enabled: true,
            live: domain::LiveMode::default(),
            clock_policy: domain::ClockPolicy::default(),
            code_page: None,
            order16: domain::StateVerifyOrder::default(),
        }
    }
}

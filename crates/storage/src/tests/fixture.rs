//! A ledger in a temporary folder, and the terminals, punches and destinations that tests put into it.

use std::ops::Deref;

use domain::{
    Destination, LocalTime, NewPunch, Pin, PunchState, RecordId, Source, Terminal, TimeFlag,
    Transport,
};
use jiff::{Timestamp, tz::TimeZone};
use tempfile::TempDir;

use crate::{AttemptKind, AttemptStart, ExportChange, Intake, NewTerminal, Sealer, Store, Weight};

pub(super) struct Ledger {
    store: Store,
    pub(super) dir: TempDir,
}

impl Ledger {
    pub(super) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Sealer::new([7; 32])).await.unwrap();
        Self { store, dir }
    }

    /// Another store on the same file, as another process has it.
    pub(super) async fn beside(&self) -> Store {
        Store::open(self.dir.path(), Sealer::new([7; 32]))
            .await
            .unwrap()
    }

    pub(super) async fn first_terminal(&self) -> Terminal {
        self.terminal_at("10.0.0.1", "SN1").await
    }

    pub(super) async fn terminal_at(&self, address: &str, serial: &str) -> Terminal {
        let id = self
            .register_terminal(new_terminal(address), at(0))
            .await
            .unwrap()
            .id;
        self.identify_terminal(id, serial, Some(serial), at(0))
            .await
            .unwrap();
        self.store.terminal(id).await.unwrap().unwrap()
    }

    /// The default destination, sending everything from 2026 on.
    pub(super) async fn default_receiver(&self) -> Destination {
        let change = ExportChange {
            url: Some(Some("http://receiver.example/punches".to_owned())),
            auto_export: Some(true),
            start_from: Some(local("2026-01-01 00:00:00")),
            ..ExportChange::default()
        };
        self.save_export_settings(change, at(0), local("2026-11-23 00:00:00"))
            .await
            .unwrap()
            .destination
    }

    /// A destination and so many punches of terminal SN1 that wait for it.
    pub(super) async fn with_waiting(count: usize) -> (Self, Terminal, Destination) {
        let ledger = Self::new().await;
        let terminal = ledger.first_terminal().await;
        let destination = ledger.default_receiver().await;
        ledger
            .ingest(Intake::of(terminal.id, minutes(count)), at(1))
            .await
            .unwrap();
        (ledger, terminal, destination)
    }

    /// Changes the ledger in a way that the program itself does not.
    pub(super) async fn alter(&self, statement: &'static str) {
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(statement).execute(conn).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    }

    /// One number that a statement gives.
    pub(super) async fn number(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement)
            .fetch_one(self.reader())
            .await
            .unwrap()
    }

    /// One text that a statement gives.
    pub(super) async fn text(&self, statement: &'static str) -> String {
        let text: Option<String> = sqlx::query_scalar(statement)
            .fetch_one(self.reader())
            .await
            .unwrap();
        text.unwrap_or_default()
    }
}

impl Deref for Ledger {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// So many seconds after the tests' beginning.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_420_800 + seconds).unwrap()
}

pub(super) fn local(text: &str) -> LocalTime {
    text.parse().unwrap()
}

pub(super) fn new_terminal(address: &str) -> NewTerminal {
    NewTerminal {
        name: format!("at {address}"),
        address: address.parse().unwrap(),
        transport: Transport::Tcp,
        comm_key: None,
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

/// What every attempt of these tests begins with.
pub(super) fn begun() -> AttemptStart {
    AttemptStart {
        kind: AttemptKind::Delivery,
        records: 1,
        body: None,
    }
}

/// A check-in on terminal SN1.
pub(super) fn punch(pin: &str, time: &str) -> NewPunch {
    punch_at("SN1", pin, time, 0)
}

pub(super) fn punch_at(serial: &str, pin: &str, time: &str, state: u8) -> NewPunch {
    let (pin, local_time, state) = (Pin::new(pin).unwrap(), local(time), PunchState::new(state));
    let resolved = local_time.resolve(&TimeZone::UTC).unwrap();
    NewPunch {
        record_id: RecordId::derive(serial, &pin, local_time, state),
        person_name: format!("Person {pin}"),
        local_time,
        state,
        verify: 1,
        work_code: 7,
        zone: "UTC".to_owned(),
        instant: resolved.instant,
        flag: resolved.flag,
        source: Source::Pull,
        raw: format!("{pin} {local_time} {}", state.code()).into_bytes(),
        pin,
    }
}

pub(super) fn implausible(punch: NewPunch) -> NewPunch {
    NewPunch {
        flag: TimeFlag::Implausible,
        ..punch
    }
}

/// So many check-ins of persons 1 to 3 in turn, a minute apart, from 2026-11-23 00:00:00 on.
pub(super) fn minutes(count: usize) -> Vec<NewPunch> {
    let start = local("2026-11-23 00:00:00").civil();
    (0..count)
        .map(|index| {
            let minutes = i64::try_from(index).unwrap();
            let time = LocalTime::from_civil(start + jiff::SignedDuration::from_mins(minutes));
            punch(&(1 + index % 3).to_string(), &time.to_string())
        })
        .collect()
}

//! A ledger, a receiver and a worker between them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use std::{sync::Arc, time::Duration};

use delivery::{Delivery, DeliverySettings, OutboundPolicy};
use domain::{
    Address, Destination, DestinationId, LocalTime, NewPunch, Pin, PunchState, RecordId, Source,
    TerminalId, TimeFlag, Transport,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use storage::{ExportChange, Intake, NewTerminal, Notice, OutboxCounts, Sealer, Store};
use tempfile::TempDir;
use test_kit::{
    HandClock,
    receiver::{Receiver, Request},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct Bench {
    pub(crate) receiver: Receiver,
    pub(crate) store: Store,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) terminal: TerminalId,
    pub(crate) settings: DeliverySettings,
    running: Option<Running>,
    punched: i64,
    dir: TempDir,
}

struct Running {
    delivery: Delivery,
    tracker: TaskTracker,
    stop: CancellationToken,
}

pub(crate) fn local(time: &str) -> LocalTime {
    time.parse().unwrap()
}

pub(crate) fn loopback() -> OutboundPolicy {
    OutboundPolicy {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
    }
}

pub(crate) async fn open_store(dir: &std::path::Path) -> Store {
    Store::open(dir, Sealer::new([7; 32])).await.unwrap()
}

impl Bench {
    /// Everything is set up, nothing runs yet. It is 2026-11-23 08:00:00, the server's zone is two hours ahead.
    pub(crate) async fn new() -> Self {
        let receiver = Receiver::start().await;
        let dir = TempDir::new().unwrap();
        let store = open_store(dir.path()).await;
        let clock = Arc::new(HandClock::at("2026-11-23T08:00:00Z".parse().unwrap()));
        let settings = DeliverySettings {
            timeout: Duration::from_secs(10),
            policy: loopback(),
            jitter_seed: 1,
            zone: TimeZone::get("Africa/Cairo").unwrap(),
        };
        let mut bench = Self {
            receiver,
            store,
            clock,
            terminal: TerminalId(0),
            settings,
            running: None,
            punched: 0,
            dir,
        };
        bench.terminal = bench.register("192.168.37.10", "SN1").await;
        let url = bench.receiver.url();
        bench
            .save(ExportChange {
                url: Some(Some(url)),
                auto_export: Some(true),
                start_from: Some("2020-01-01 00:00:00".parse().unwrap()),
                ..ExportChange::default()
            })
            .await;
        bench
    }

    /// As [`Bench::new`], running.
    pub(crate) async fn running() -> Self {
        let mut bench = Self::new().await;
        bench.start();
        bench
    }

    pub(crate) async fn register(&self, host: &str, serial: &str) -> TerminalId {
        let now = self.now();
        let new = NewTerminal {
            name: serial.to_owned(),
            address: Address::new(host, 4370).unwrap(),
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
        };
        let terminal = self.store.register_terminal(new, now).await.unwrap();
        self.store
            .identify_terminal(terminal.id, serial, Some(serial), now)
            .await
            .unwrap();
        terminal.id
    }

    pub(crate) fn start(&mut self) {
        let tracker = TaskTracker::new();
        let stop = CancellationToken::new();
        let delivery = Delivery::start(
            self.settings.clone(),
            self.store.clone(),
            Arc::<HandClock>::clone(&self.clock),
            &tracker,
            stop.clone(),
        )
        .unwrap();
        self.running = Some(Running {
            delivery,
            tracker,
            stop,
        });
    }

    /// Asks the tasks to end; [`Bench::stopped`] waits for it.
    pub(crate) fn stop(&self) {
        let running = self.running.as_ref().unwrap();
        running.stop.cancel();
        running.tracker.close();
    }

    pub(crate) async fn stopped(&mut self) {
        self.stop();
        let running = self.running.take().unwrap();
        within(running.tracker.wait(), "the tasks to end").await;
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        &self.running.as_ref().unwrap().delivery
    }

    /// The folder of the ledger.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub(crate) fn now(&self) -> Timestamp {
        domain::Clock::now(self.clock.as_ref())
    }

    /// Stores a punch a person, in this order, a second apart.
    pub(crate) async fn punch(&mut self, pins: &[&str]) {
        self.punch_at(self.terminal, pins).await;
    }

    pub(crate) async fn punch_at(&mut self, terminal: TerminalId, pins: &[&str]) {
        let first: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
        let punches = pins
            .iter()
            .map(|pin| {
                let instant = first + SignedDuration::from_secs(self.punched);
                self.punched += 1;
                punch(terminal, pin, instant)
            })
            .collect();
        self.store
            .ingest(Intake::of(terminal, punches), self.now())
            .await
            .unwrap();
        self.wake();
    }

    /// So many punches of as many people, "1" to "n".
    pub(crate) async fn punch_people(&mut self, count: usize) {
        let pins: Vec<String> = (1..=count).map(|pin| pin.to_string()).collect();
        let pins: Vec<&str> = pins.iter().map(String::as_str).collect();
        self.punch(&pins).await;
    }

    pub(crate) fn wake(&self) {
        if let Some(running) = &self.running {
            running.delivery.wake();
        }
    }

    /// Turns the clock.
    pub(crate) fn turn(&self, secs: i64) {
        self.clock.turn(SignedDuration::from_secs(secs));
        self.wake();
    }

    pub(crate) async fn save(&self, change: ExportChange) {
        let start = "2020-01-01 00:00:00".parse().unwrap();
        self.store
            .save_export_settings(change, self.now(), start)
            .await
            .unwrap();
        self.wake();
    }

    pub(crate) async fn destination(&self) -> Destination {
        self.store.default_destination().await.unwrap().unwrap()
    }

    pub(crate) async fn counts(&self) -> OutboxCounts {
        self.store
            .outbox_counts(self.destination().await.id)
            .await
            .unwrap()
    }

    pub(crate) async fn notices(&self) -> Vec<Notice> {
        self.store.notices(None, 100).await.unwrap()
    }

    /// Waits until people are told of this, which is after what it tells of; gives all codes so far, oldest first.
    pub(crate) async fn told(&self, code: &str) -> Vec<String> {
        let look = async {
            loop {
                let told = self.notices().await;
                if told.iter().any(|notice| notice.code == code) {
                    return told.into_iter().rev().map(|notice| notice.code).collect();
                }
                tokio::task::yield_now().await;
            }
        };
        within(look, code).await
    }

    /// Waits until the outcomes of so many attempts are committed, and gives the requests.
    pub(crate) async fn settled(&self, attempts: u64) -> Vec<Request> {
        let mut progress = self.delivery().progress();
        let settled = progress.wait_for(|count| *count >= attempts);
        let waited = tokio::time::timeout(PATIENCE, settled).await;
        if waited.is_err() {
            let (destination, counts) = (self.destination().await, self.counts().await);
            panic!("waited in vain for {attempts} attempts: {counts:?} {destination:?}");
        }
        self.receiver.requests()
    }

    /// Waits until the store shows something.
    pub(crate) async fn until(
        &self,
        what: &str,
        is_so: impl Fn(&Destination, &OutboxCounts) -> bool,
    ) {
        let mut progress = self.delivery().progress();
        let look = async {
            loop {
                progress.mark_unchanged();
                if is_so(&self.destination().await, &self.counts().await) {
                    return;
                }
                // Also on what is committed between attempts.
                let _ = tokio::time::timeout(Duration::from_millis(20), progress.changed()).await;
            }
        };
        within(look, what).await;
    }

    /// Waits until something is so, also what no attempt tells of.
    pub(crate) async fn eventually(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let look = async {
            while !is_so().await {
                let mut progress = self.delivery().progress();
                let _ = tokio::time::timeout(Duration::from_millis(20), progress.changed()).await;
            }
        };
        within(look, what).await;
    }

    /// Waits until nothing of a destination waits any more.
    pub(crate) async fn until_settled(&self, id: DestinationId) -> OutboxCounts {
        self.eventually("nothing to wait", async || {
            let counts = self.store.outbox_counts(id).await.unwrap();
            counts.waiting + counts.batched == 0
        })
        .await;
        self.store.outbox_counts(id).await.unwrap()
    }

    /// Lets time pass whenever nothing happens by itself, until nothing waits any more.
    pub(crate) async fn deliver_all(&self) {
        self.drive("everything to be delivered", |counts| {
            counts.waiting + counts.batched == 0
        })
        .await;
    }

    /// Lets time pass whenever nothing happens by itself, until the store shows something.
    pub(crate) async fn drive(&self, what: &str, is_so: impl Fn(&OutboxCounts) -> bool) {
        let mut progress = self.delivery().progress();
        let drive = async {
            loop {
                progress.mark_unchanged();
                if is_so(&self.counts().await) {
                    return;
                }
                let quiet = Duration::from_millis(40);
                if tokio::time::timeout(quiet, progress.changed())
                    .await
                    .is_err()
                {
                    self.turn(400);
                }
            }
        };
        within(drive, what).await;
    }
}

pub(crate) async fn within<T>(future: impl Future<Output = T>, what: &str) -> T {
    let waited = tokio::time::timeout(PATIENCE, future).await;
    assert!(waited.is_ok(), "waited in vain for {what}");
    waited.unwrap()
}

fn punch(terminal: TerminalId, pin: &str, instant: Timestamp) -> NewPunch {
    let local_time = LocalTime::at(instant, &TimeZone::UTC);
    let pin = Pin::new(pin).unwrap();
    let state = PunchState::new(0);
    NewPunch {
        record_id: RecordId::derive(&format!("SN{terminal}"), &pin, local_time, state),
        pin: pin.clone(),
        local_time,
        state,
        verify: 1,
        work_code: 0,
        zone: "UTC".to_owned(),
        instant,
        flag: TimeFlag::Ok,
        source: Source::Pull,
        person_name: format!("Person {pin}"),
        raw: format!("{terminal} {pin} {local_time}").into_bytes(),
    }
}

//! A collector with a ledger of its own, and terminals to read.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    time::Duration,
};

use collector::{Collector, CollectorSettings, ConnectRequest, TerminalStatus};
use domain::{Address, Clock, LiveMode, Punch, Terminal, TerminalId, Transport};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use storage::{NewTerminal, PunchFilter, RunKind, SyncRun};
use test_kit::{HandClock, TempLedger, terminal_at};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use zk_terminal::{Contents, Handle, LocalClock, TerminalConfig, VirtualTerminal};

/// Longer than anything here takes, also on a machine that is busy with other tests.
const DEADLINE: Duration = Duration::from_mins(1);
/// Between two contacts, unless a test is about that.
pub(crate) const OFTEN: Duration = Duration::from_millis(50);
/// So that only what a test asks for happens.
pub(crate) const SELDOM: Duration = Duration::from_hours(1);

pub(crate) struct World {
    pub(crate) ledger: TempLedger,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) collector: Collector,
    /// Times that the collector said that punches were stored.
    pub(crate) wakes: Arc<AtomicU64>,
    interval: Duration,
    tasks: TaskTracker,
    stop: CancellationToken,
}

pub(crate) fn now() -> Timestamp {
    "2026-11-23T08:30:00Z".parse().unwrap()
}

fn wall_clock() -> DateTime {
    "2026-11-23T08:30:00".parse().unwrap()
}

impl World {
    pub(crate) async fn new(interval: Duration) -> Self {
        Self::with(TempLedger::new().await, interval).await
    }

    /// A collector that finds terminals registered.
    pub(crate) async fn with(ledger: TempLedger, interval: Duration) -> Self {
        let clock = Arc::new(HandClock::at(now()));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let wakes = Arc::new(AtomicU64::new(0));
        let collector = start(&ledger, &clock, &wakes, interval, &tasks, &stop).await;
        Self {
            ledger,
            clock,
            collector,
            wakes,
            interval,
            tasks,
            stop,
        }
    }

    /// Stops the collector as the program does.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        let stopped = tokio::time::timeout(DEADLINE, self.tasks.wait()).await;
        stopped.expect("the collector stops");
    }

    /// Stops it, and starts another one on the same ledger.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.ledger.restart().await;
        (self.tasks, self.stop) = (TaskTracker::new(), CancellationToken::new());
        self.collector = start(
            &self.ledger,
            &self.clock,
            &self.wakes,
            self.interval,
            &self.tasks,
            &self.stop,
        )
        .await;
    }

    pub(crate) fn begin_to_stop(&self) {
        self.stop.cancel();
    }

    /// Registers a terminal by its address, as people do.
    pub(crate) async fn register(&self, address: SocketAddr) -> TerminalId {
        self.register_as(terminal_at(&address.to_string())).await
    }

    pub(crate) async fn register_as(&self, new: NewTerminal) -> TerminalId {
        let terminal = self
            .ledger
            .register_terminal(new, self.clock.now())
            .await
            .unwrap();
        self.collector.reload();
        terminal.id
    }

    /// Registers a terminal that is only polled.
    pub(crate) async fn register_polled(&self, address: SocketAddr) -> TerminalId {
        let live = LiveMode::Off;
        self.register_as(NewTerminal {
            live,
            ..terminal_at(&address.to_string())
        })
        .await
    }

    /// Has the terminal contacted now, and waits for the end of that.
    pub(crate) async fn contact(&self, id: TerminalId, gate: &Handle) {
        let before = gate.activity().counter_reads;
        self.collector.sync_now(id);
        until("a contact", async || {
            gate.activity().counter_reads > before && !self.status(id).busy
        })
        .await;
    }

    /// How the reads went that were written down, the newest first.
    pub(crate) async fn reads(&self, id: TerminalId) -> Vec<SyncRun> {
        let runs = self.ledger.sync_runs(Some(id), None, 100).await.unwrap();
        let is_read = |run: &SyncRun| run.kind == RunKind::Punches;
        runs.into_iter().filter(is_read).collect()
    }

    /// Codes of what people were told, the newest first.
    pub(crate) async fn notices(&self) -> Vec<String> {
        let notices = self.ledger.notices(None, 50).await.unwrap();
        notices.into_iter().map(|notice| notice.code).collect()
    }

    pub(crate) async fn terminal(&self, id: TerminalId) -> Terminal {
        self.ledger.terminal(id).await.unwrap().unwrap()
    }

    pub(crate) fn status(&self, id: TerminalId) -> TerminalStatus {
        self.collector.status(id).unwrap_or_default()
    }

    pub(crate) async fn count(&self, id: TerminalId) -> u64 {
        self.ledger.count_punches(&of(id)).await.unwrap()
    }

    /// In the order of local time.
    pub(crate) async fn punches(&self, id: TerminalId) -> Vec<Punch> {
        self.ledger.punches(&of(id), None, 200_000).await.unwrap()
    }

    /// Waits until the ledger holds so many punches of the terminal.
    pub(crate) async fn holds(&self, id: TerminalId, punches: u64) {
        until(&format!("{punches} punches of terminal {id}"), async || {
            self.count(id).await == punches
        })
        .await;
    }

    /// Waits for a state of a terminal as the collector shows it.
    pub(crate) async fn shows(
        &self,
        id: TerminalId,
        what: &str,
        is_so: impl Fn(&TerminalStatus) -> bool,
    ) {
        until(what, async || is_so(&self.status(id))).await;
    }

    pub(crate) async fn has_failed(&self, id: TerminalId, code: &str) {
        self.shows(id, code, |status| {
            status.health.last_error_code.as_deref() == Some(code)
        })
        .await;
    }
}

async fn start(
    ledger: &TempLedger,
    clock: &Arc<HandClock>,
    wakes: &Arc<AtomicU64>,
    interval: Duration,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Collector {
    let settings = CollectorSettings {
        interval,
        connect_timeout: Duration::from_secs(5),
        zone: TimeZone::UTC,
        zone_name: "UTC".to_owned(),
        copies: ledger.dir().join("log-copies"),
        mint: || "0123456789abcdef".to_owned(),
    };
    let wakes = Arc::clone(wakes);
    let wake = Arc::new(move || {
        wakes.fetch_add(1, Ordering::SeqCst);
    });
    let (store, clock) = (ledger.store(), Arc::clone(clock) as Arc<dyn Clock>);
    Collector::start(settings, store, clock, wake, tasks, stop.clone())
        .await
        .unwrap()
}

/// Waits for a condition; a test that waits in vain says for what.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Lets so much time pass at once, as far as waits are concerned.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

fn of(id: TerminalId) -> PunchFilter {
    PunchFilter {
        terminal: Some(id),
        ..PunchFilter::default()
    }
}

/// What both the ledger and the terminal know of a punch.
pub(crate) type Seen = BTreeSet<(String, String, u8)>;

pub(crate) fn in_ledger(punches: &[Punch]) -> Seen {
    punches
        .iter()
        .map(|punch| {
            (
                punch.pin.to_string(),
                punch.local_time.to_string(),
                punch.state.code(),
            )
        })
        .collect()
}

pub(crate) fn in_terminal(terminal: &Handle) -> Seen {
    terminal
        .punches()
        .into_iter()
        .map(|punch| {
            (
                punch.pin,
                punch.time.to_string().replace('T', " "),
                punch.state,
            )
        })
        .collect()
}

/// An address of its own where the loopback network has more than one: nobody takes its port while it is away.
pub(crate) fn somewhere() -> SocketAddr {
    static TERMINALS: AtomicU16 = AtomicU16::new(0);
    if !cfg!(target_os = "linux") {
        return ([127, 0, 0, 1], 0).into();
    }
    let [high, low] = TERMINALS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let process = u8::try_from(std::process::id() % 200).unwrap() + 50;
    ([127, process, high, low], 0).into()
}

pub(crate) fn address(terminal: &Handle) -> Address {
    terminal.address().to_string().parse().unwrap()
}

pub(crate) fn config(serial: &str) -> TerminalConfig {
    TerminalConfig {
        serial: serial.to_owned(),
        ..TerminalConfig::default()
    }
}

pub(crate) fn contents(users: usize, punches: usize) -> Contents {
    Contents::generate(users, punches, 7, wall_clock())
}

/// Its clock stands still, at the collector's time.
pub(crate) async fn terminal(config: TerminalConfig, contents: Contents) -> Handle {
    terminal_on(somewhere(), config, contents).await
}

pub(crate) async fn terminal_on(
    address: SocketAddr,
    config: TerminalConfig,
    contents: Contents,
) -> Handle {
    let clock = LocalClock::stopped_at(wall_clock());
    VirtualTerminal::start(address, config, contents, clock)
        .await
        .unwrap()
}

pub(crate) fn connect_to(terminal: &Handle) -> ConnectRequest {
    ConnectRequest {
        address: address(terminal),
        transport: Transport::Tcp,
        comm_key: None,
        timeout: None,
        name: None,
    }
}

//! How quick a queue fills and drains on this machine, with nothing behind it and behind what was delivered before:
//! `cargo bench -p delivery --bench drain -- [PUNCHES] [BATCH] [--behind DELIVERED]`.
//!
//! Ten terminals with a hundred people each, who punch four times a day, are read ten thousand punches at a time, as whole
//! logs are. Punches are stored and queued while nothing is sent; then the worker sends them to a receiver in this
//! process. With `--behind` as many are stored and delivered as it says, and the same is measured once more on top of them.
//! `cargo xtask figures` runs this and judges it.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers that says what it saw"
)]

use std::{sync::Arc, time::Duration};

use delivery::{Delivery, DeliverySettings, OutboundPolicy};
use domain::{
    Clock, DestinationId, LocalTime, Mode, NewPunch, Pin, PunchState, RecordId, Source, TerminalId,
    TimeFlag,
};
use jiff::{Timestamp, tz::TimeZone};
use storage::{DestinationChange, Intake, NewDestination, Sealer, Store};
use test_kit::terminal_at;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const TERMINALS: usize = 10;
const PEOPLE_OF_TERMINAL: usize = 100;
const PUNCHES_A_DAY: usize = 4;
/// Punches that are told as they happen, each stored by itself.
const SINGLES: usize = 200;
/// What is put behind goes in larger batches, as it is not measured.
const FILLING_BATCH: u32 = 2_000;
/// Punches that wait while more are put behind, at most.
const FILLING_QUEUE: u64 = 200_000;
const PATIENCE: Duration = Duration::from_mins(2);

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

struct Wish {
    punches: usize,
    batch: u32,
    behind: usize,
}

/// A second is the unit of all but the memory, which is in megabytes.
struct Figures {
    queued: f64,
    singles: f64,
    drained: f64,
    memory: f64,
}

struct Bench {
    store: Store,
    delivery: Delivery,
    destination: DestinationId,
    log: Log,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let wish = wish();
    let folder = tempfile::tempdir_in(".").expect("a folder");
    let store = Store::open(folder.path(), Sealer::new([7; 32]))
        .await
        .expect("a ledger");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    tracker.spawn(stop.clone().run_until_cancelled_owned(receive(listener)));
    let mut bench = Bench {
        destination: destination(&store, format!("http://{address}/")).await,
        log: Log::new(&store).await,
        delivery: start(&store, &tracker, &stop),
        store,
    };
    let empty = bench.measure(&wish).await;
    println!("{}", empty.row("with nothing behind"));
    if wish.behind > 0 {
        let began = Instant::now();
        bench.deliver_until(wish.behind).await;
        println!(
            "{} delivered, after {:.0} s more",
            wish.behind,
            began.elapsed().as_secs_f64()
        );
        let behind = bench.measure(&wish).await;
        println!("{}", behind.row(&format!("behind {}", wish.behind)));
        println!("{}", behind.to(&empty).row("ratio"));
    }
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    bench.store.close().await.expect("it closes");
}

fn wish() -> Wish {
    let mut wish = Wish {
        punches: 1_000_000,
        batch: 500,
        behind: 0,
    };
    let mut arguments = std::env::args().skip(1);
    let mut place = 0;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--behind" => {
                let number = arguments.next().and_then(|text| text.parse().ok());
                wish.behind = number.expect("a number after --behind");
            }
            number => {
                match place {
                    0 => wish.punches = number.parse().expect("a number of punches"),
                    _ => wish.batch = number.parse().expect("a size of batches"),
                }
                place += 1;
            }
        }
    }
    wish
}

fn start(store: &Store, tracker: &TaskTracker, stop: &CancellationToken) -> Delivery {
    let settings = DeliverySettings {
        timeout: Duration::from_secs(30),
        policy: OutboundPolicy {
            allow: vec!["127.0.0.0/8".parse().expect("a network")],
        },
        jitter_seed: 1,
        zone: TimeZone::UTC,
    };
    let (clock, stop) = (Arc::new(SystemClock), stop.clone());
    Delivery::start(settings, store.clone(), clock, tracker, stop).expect("it starts")
}

async fn destination(store: &Store, url: String) -> DestinationId {
    let start = "2000-01-01 00:00:00".parse().expect("a time");
    let new = NewDestination {
        mode: Mode::Paused,
        ..NewDestination::plain("drain", url, start)
    };
    let made = store.create_destination(new, Timestamp::now()).await;
    made.expect("a new name").id
}

impl Bench {
    /// Fills the queue while nothing is sent, then drains it.
    async fn measure(&mut self, wish: &Wish) -> Figures {
        self.pause(wish.batch).await;
        let began = Instant::now();
        for _ in 0..SINGLES {
            self.log.store_next(&self.store, 1).await;
        }
        let singles = rate(SINGLES, began);
        let began = Instant::now();
        let mut left = wish.punches.saturating_sub(SINGLES);
        while left > 0 {
            left -= self
                .log
                .store_next(&self.store, left.min(Intake::AT_ONCE))
                .await;
        }
        let queued = rate(wish.punches.saturating_sub(SINGLES), began);
        forget_peak();
        let began = Instant::now();
        self.go_on().await;
        self.wait_for(0).await;
        Figures {
            queued,
            singles,
            drained: rate(wish.punches, began),
            memory: peak(),
        }
    }

    /// Has so many punches delivered in all.
    async fn deliver_until(&mut self, total: usize) {
        self.pause(FILLING_BATCH).await;
        self.go_on().await;
        while self.log.told < total {
            let some = Intake::AT_ONCE.min(total - self.log.told);
            self.log.store_next(&self.store, some).await;
            self.delivery.wake();
            self.wait_for(FILLING_QUEUE).await;
        }
        self.wait_for(0).await;
    }

    async fn pause(&self, batch: u32) {
        let change = DestinationChange {
            mode: Some(Mode::Paused),
            batch_size: Some(batch),
            ..DestinationChange::default()
        };
        let (store, id) = (&self.store, self.destination);
        let saved = store.update_destination(id, change, Timestamp::now()).await;
        saved.expect("the ledger takes it");
        self.delivery.wake();
    }

    async fn go_on(&self) {
        let resumed = self.delivery.resume(self.destination).await;
        resumed.expect("the ledger takes it");
    }

    /// Until no more than so many punches are left to be delivered.
    async fn wait_for(&self, left: u64) {
        let mut progress = self.delivery.progress();
        let (mut before, mut since) = (0, Instant::now());
        loop {
            let destination = self.store.destination(self.destination).await;
            let destination = destination.expect("an answer").expect("it is there");
            let error = &destination.last_error;
            assert!(error.is_none(), "{error:?}");
            let delivered = destination.delivered_count;
            if delivered + left >= self.log.told as u64 {
                return;
            }
            if delivered > before {
                (before, since) = (delivered, Instant::now());
            }
            assert!(since.elapsed() < PATIENCE, "nothing moves any more");
            let _ = tokio::time::timeout(Duration::from_secs(1), progress.changed()).await;
        }
    }
}

/// What the terminals have in their logs, told bit by bit.
struct Log {
    terminals: Vec<TerminalId>,
    /// Punches told in all.
    told: usize,
    /// Of each terminal.
    told_of: Vec<usize>,
}

impl Log {
    async fn new(store: &Store) -> Self {
        let mut terminals = Vec::new();
        for number in 0..TERMINALS {
            let new = terminal_at(&format!("10.0.0.{}", number + 1));
            let made = store.register_terminal(new, Timestamp::now()).await;
            let id = made.expect("a free address").id;
            let serial = serial(number);
            let now = Timestamp::now();
            let known = store
                .identify_terminal(id, &serial, Some(&serial), now)
                .await;
            known.expect("a new serial number");
            terminals.push(id);
        }
        Self {
            terminals,
            told: 0,
            told_of: vec![0; TERMINALS],
        }
    }

    /// Stores so many punches of the terminal that is the furthest behind; gives how many they were.
    async fn store_next(&mut self, store: &Store, count: usize) -> usize {
        let terminal = (0..TERMINALS)
            .min_by_key(|number| self.told_of[*number])
            .unwrap_or(0);
        let from = self.told_of[terminal];
        let punches = (from..from + count).map(|index| punch(terminal, index));
        let intake = Intake::of(self.terminals[terminal], punches.collect());
        let done = store.ingest(intake, Timestamp::now()).await;
        let stored = done.expect("the ledger takes punches").stored;
        assert_eq!(stored, count as u64, "each is another");
        self.told_of[terminal] += count;
        self.told += count;
        count
    }
}

fn serial(terminal: usize) -> String {
    format!("BENCH{terminal}")
}

/// The punch at this place of a terminal's log, as a row of 40 bytes.
fn punch(terminal: usize, index: usize) -> NewPunch {
    const FIRST_DAY: i64 = 1_546_300_800;
    let whole = |number: usize| i64::try_from(number).expect("a number");
    let person = index % PEOPLE_OF_TERMINAL;
    let turn = index / PEOPLE_OF_TERMINAL;
    let day = whole(turn / PUNCHES_A_DAY) * 86_400;
    let hour = 7 * 3_600 + whole(turn % PUNCHES_A_DAY) * 3 * 3_600;
    let second = FIRST_DAY + day + hour + whole(person * 7 + terminal);
    let instant = Timestamp::from_second(second).expect("a moment");
    let local_time = LocalTime::at(instant, &TimeZone::UTC);
    let number = 1 + terminal * PEOPLE_OF_TERMINAL + person;
    let pin = Pin::new(number.to_string()).expect("a PIN");
    let state = PunchState::new(u8::from(turn % 2 == 1));
    let mut raw = vec![0; 40];
    raw[..2].copy_from_slice(&u16::try_from(number).expect("a slot").to_le_bytes());
    raw[2..2 + pin.as_str().len()].copy_from_slice(pin.as_str().as_bytes());
    raw[26] = 1;
    raw[27..31].copy_from_slice(&u32::try_from(second).expect("a time").to_le_bytes());
    raw[31] = state.code();
    NewPunch {
        record_id: RecordId::derive(&serial(terminal), &pin, local_time, state),
        person_name: format!("Person {pin}"),
        raw,
        pin,
        local_time,
        state,
        verify: 1,
        work_code: 0,
        zone: "UTC".to_owned(),
        instant,
        flag: TimeFlag::Ok,
        source: Source::Pull,
    }
}

impl Figures {
    fn row(&self, name: &str) -> String {
        format!(
            "figures {name}: stored and queued {:.2}, one at a time {:.2}, drained {:.2}, memory {:.2}",
            self.queued, self.singles, self.drained, self.memory
        )
    }

    /// How many times `other` this is.
    fn to(&self, other: &Self) -> Self {
        Self {
            queued: self.queued / other.queued,
            singles: self.singles / other.singles,
            drained: self.drained / other.drained,
            memory: self.memory / other.memory,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
fn rate(count: usize, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}

/// Takes everything.
async fn receive(listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        connections.spawn(answer(stream));
    }
}

async fn answer(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    let mut body = Vec::new();
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            match stream.read_line(&mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        body.resize(length, 0);
        if stream.read_exact(&mut body).await.is_err() {
            return;
        }
        let said = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        if stream.get_mut().write_all(said).await.is_err() {
            return;
        }
    }
}

/// From now on only.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Megabytes.
#[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    kilobytes
        .and_then(|text| text.parse::<u64>().ok())
        .unwrap_or(0) as f64
        / 1_024.0
}

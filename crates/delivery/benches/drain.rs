//! How quick a queue drains to a receiver on this machine: `cargo bench -p delivery -- [PUNCHES] [BATCH] [FOLDER]`.
//!
//! Punches of 1,000 people in turn are stored first, while nothing is sent; then the worker runs, and each hundred
//! thousand is measured by itself. A folder that holds a ledger already is gone on with, and kept.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers that says what it saw"
)]

use std::{path::PathBuf, sync::Arc, time::Duration};

use delivery::{Delivery, DeliverySettings, OutboundPolicy};
use domain::{
    Clock, LocalTime, Mode, NewPunch, Pin, PunchState, RecordId, Source, Terminal, TimeFlag,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use storage::{DestinationChange, Intake, NewDestination, Sealer, Store};
use test_kit::terminal_at;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const ROUND: u64 = 100_000;
const PEOPLE: usize = 1_000;
const NAME: &str = "drain";

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|each| !each.starts_with("--"))
        .collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse().ok());
    let punches: usize = number(0).unwrap_or(1_000_000);
    let batch: usize = number(1).unwrap_or(500);
    let temporary = tempfile::tempdir_in(".").expect("a folder");
    let folder = arguments
        .get(2)
        .map_or(temporary.path().to_owned(), PathBuf::from);
    let store = Store::open(&folder, Sealer::new([7; 32]))
        .await
        .expect("a ledger");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    tracker.spawn(stop.clone().run_until_cancelled_owned(receive(listener)));
    let terminal = terminal(&store).await;
    let id = destination(&store, format!("http://{address}/"), batch).await;
    fill(&store, &terminal, punches).await;
    let before = store.outbox_counts(id).await.expect("an answer").delivered;
    let settings = DeliverySettings {
        timeout: Duration::from_secs(30),
        policy: OutboundPolicy {
            allow: vec!["127.0.0.0/8".parse().expect("a network")],
        },
        jitter_seed: 1,
        zone: TimeZone::UTC,
    };
    let delivery = Delivery::start(
        settings,
        store.clone(),
        Arc::new(SystemClock),
        &tracker,
        stop.clone(),
    )
    .expect("it starts");
    forget_peak();
    delivery.resume(id).await.expect("the ledger takes it");
    let expected = store.outbox_counts(id).await.expect("an answer").waiting;
    watch(&store, &delivery, id, before, expected).await;
    println!("peak memory from the start of delivery on: {} MB", peak());
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    store.close().await.expect("it closes");
}

async fn watch(
    store: &Store,
    delivery: &Delivery,
    id: domain::DestinationId,
    before: u64,
    expected: u64,
) {
    let mut progress = delivery.progress();
    let (start, mut round_start, mut round) = (Instant::now(), Instant::now(), 0);
    loop {
        let _ = tokio::time::timeout(Duration::from_secs(5), progress.changed()).await;
        let destination = store
            .destination(id)
            .await
            .expect("an answer")
            .expect("it is there");
        assert!(
            destination.last_error.is_none(),
            "{:?}",
            destination.last_error
        );
        let delivered = destination.delivered_count - before;
        if delivered >= (round + 1) * ROUND {
            round += 1;
            println!(
                "{:>9} delivered: {:>7.0} a second",
                delivered,
                rate(ROUND, round_start)
            );
            round_start = Instant::now();
        }
        if delivered >= expected {
            println!("{delivered} in all: {:.0} a second", rate(delivered, start));
            return;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
fn rate(count: u64, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}

async fn terminal(store: &Store) -> Terminal {
    if let Some(known) = store.default_terminal().await.expect("an answer") {
        return known;
    }
    let made = store
        .register_terminal(terminal_at("10.0.0.1"), Timestamp::now())
        .await
        .expect("a free address");
    store
        .identify_terminal(made.id, "BENCH1", Some("BENCH1"), Timestamp::now())
        .await
        .expect("a new serial number");
    made
}

async fn destination(store: &Store, url: String, batch: usize) -> domain::DestinationId {
    let known = store.destinations().await.expect("an answer");
    if let Some(known) = known.into_iter().find(|each| each.name == NAME) {
        let change = DestinationChange {
            url: Some(Some(url)),
            mode: Some(Mode::Paused),
            batch_size: u32::try_from(batch).ok(),
            ..DestinationChange::default()
        };
        let saved = store
            .update_destination(known.id, change, Timestamp::now())
            .await;
        return saved.expect("the ledger takes it").destination.id;
    }
    let new = NewDestination {
        mode: Mode::Paused,
        batch_size: u32::try_from(batch).expect("a batch size"),
        ..NewDestination::plain(NAME, url, "2000-01-01 00:00:00".parse().expect("a time"))
    };
    let made = store.create_destination(new, Timestamp::now()).await;
    made.expect("a new name").id
}

async fn fill(store: &Store, terminal: &Terminal, punches: usize) {
    let start = Instant::now();
    let from = usize::try_from(
        store
            .punch_totals()
            .await
            .expect("an answer")
            .iter()
            .map(|each| each.count)
            .sum::<u64>(),
    )
    .expect("a number");
    let mut made = (from..from + punches).map(punch);
    loop {
        let some: Vec<_> = made.by_ref().take(Intake::AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        store
            .ingest(Intake::of(terminal.id, some), Timestamp::now())
            .await
            .expect("the ledger takes punches");
    }
    println!(
        "{punches} stored and queued on top of {from}: {:.0} a second",
        rate(u64::try_from(punches).unwrap_or(0), start)
    );
}

fn punch(index: usize) -> NewPunch {
    let first: Timestamp = "2001-01-01T00:00:00Z".parse().expect("a time");
    let instant = first + SignedDuration::from_secs(i64::try_from(index).expect("a number"));
    let local_time = LocalTime::at(instant, &TimeZone::UTC);
    let pin = Pin::new((1 + index % PEOPLE).to_string()).expect("a PIN");
    let state = PunchState::new(0);
    NewPunch {
        record_id: RecordId::derive("BENCH1", &pin, local_time, state),
        person_name: format!("Person {pin}"),
        raw: format!("{pin} {local_time}").into_bytes(),
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

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    kilobytes
        .and_then(|text| text.parse().ok())
        .unwrap_or(0_u64)
        / 1_024
}

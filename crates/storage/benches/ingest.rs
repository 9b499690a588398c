//! How quick the ledger takes punches in and gives them back:
//! `cargo bench -p storage -- [PUNCHES] [DESTINATIONS] [TERMINALS]`.
//!
//! Punches come as a large log brings them, 1,000 people in turn, and each hundred thousand is measured by itself. Several
//! terminals, all of whose logs go over the same months, are read one after the other, as a fleet is for the first time.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool for developers that says what it saw"
)]

use std::{fmt::Write as _, time::Duration};

use domain::{
    Address, ClockPolicy, LiveMode, LocalTime, NewPunch, Pin, PunchState, RecordId, Source,
    StateVerifyOrder, TerminalId, TimeFlag, Transport,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use storage::{Intake, NewDestination, NewTerminal, PunchCursor, PunchFilter, Sealer, Store};
use tokio::time::Instant;

const ROUND: usize = 100_000;
const PEOPLE: usize = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut numbers = std::env::args().filter_map(|arg| arg.parse().ok());
    let punches: usize = numbers.next().unwrap_or(3 * ROUND);
    let destinations = numbers.next().unwrap_or(1);
    let dir = tempfile::tempdir_in(".").expect("a folder");
    let store = Store::open(dir.path(), Sealer::new([7; 32]))
        .await
        .expect("a ledger");
    let terminals = numbers.next().unwrap_or(1).max(1);
    let logs = Logs {
        terminals: set_up(&store, destinations, terminals).await,
        length: punches.div_ceil(terminals),
    };
    for from in (0..punches).step_by(ROUND) {
        let mut round = format!("{ROUND:>9} on top of {from:>9}:");
        let log: Vec<_> = (from..from + ROUND)
            .map(|index| logs.punch(index))
            .collect();
        let look_up = async {
            for (terminal, punches) in by_terminal(&log) {
                let raws = punches.iter().map(|(_, punch)| punch.raw.clone()).collect();
                let known = store.known_rows(terminal, raws).await;
                assert!(known.expect("an answer").iter().all(|known| !known));
            }
        };
        measure(&mut round, "look up", look_up).await;
        let intakes: Vec<_> = by_terminal(&log)
            .flat_map(|(terminal, punches)| {
                punches.chunks(Intake::AT_ONCE).map(move |some| {
                    let some = some.iter().map(|(_, punch)| punch.clone()).collect();
                    Intake::of(terminal, some)
                })
            })
            .collect();
        drop(log);
        let take = async {
            for intake in intakes {
                let done = store.ingest(intake, moment()).await;
                done.expect("the ledger takes punches");
            }
        };
        measure(&mut round, "store", take).await;
        println!("{round}");
    }
    read(&store, &logs, punches).await;
    println!("{}", file_sizes(dir.path()));
    tokio::time::sleep(Duration::from_secs(6)).await;
    println!("    a while later: memory {}", memory("VmRSS:"));
    store.close().await.expect("it closes");
}

/// What terminals have in their logs, one log after the other.
struct Logs {
    terminals: Vec<TerminalId>,
    /// Of each of them.
    length: usize,
}

fn by_terminal(
    log: &[(TerminalId, NewPunch)],
) -> impl Iterator<Item = (TerminalId, &[(TerminalId, NewPunch)])> {
    log.chunk_by(|one, other| one.0 == other.0)
        .filter_map(|chunk| Some((chunk.first()?.0, chunk)))
}

async fn read(store: &Store, logs: &Logs, punches: usize) {
    let mut line = String::from("    reads:");
    let filter = PunchFilter::default();
    let one = PunchFilter {
        people: vec!["100500".to_owned()],
        ..PunchFilter::default()
    };
    let log: Vec<_> = (0..ROUND).map(|index| logs.punch(index)).collect();
    let look_up = async {
        for (terminal, punches) in by_terminal(&log) {
            let raws = punches.iter().map(|(_, punch)| punch.raw.clone()).collect();
            let known = store.known_rows(terminal, raws).await;
            assert!(known.expect("an answer").iter().all(|known| *known));
        }
    };
    measure(&mut line, "known", look_up).await;
    let page = measure(
        &mut line,
        "latest",
        store.latest_punches(&filter, None, 100),
    )
    .await;
    assert_eq!(page.expect("a page").len(), 100);
    let page = measure(&mut line, "a person", store.latest_punches(&one, None, 100)).await;
    assert_eq!(page.expect("a page").len(), 100.min(punches / PEOPLE));
    let count = measure(&mut line, "count", store.count_punches(&filter)).await;
    assert_eq!(count.expect("a count"), punches as u64);
    let all = async {
        let (mut seen, mut after) = (0, None);
        loop {
            let page = store.punches(&filter, after, 5_000).await.expect("a page");
            let Some(last) = page.last() else { return seen };
            after = Some(PunchCursor::from(last));
            seen += page.len();
        }
    };
    assert_eq!(measure(&mut line, "everything", all).await, punches);
    println!("{line}");
}

async fn measure<T>(line: &mut String, what: &str, work: impl Future<Output = T>) -> T {
    let (cpu, written, start) = (cpu(), written(), Instant::now());
    let done = work.await;
    let wall = start.elapsed();
    let written = written_since(written);
    let _ = write!(
        line,
        "  {what} {:.3} s ({:.3} s CPU{written})",
        wall.as_secs_f64(),
        cpu_since(cpu).as_secs_f64()
    );
    done
}

async fn set_up(store: &Store, destinations: usize, terminals: usize) -> Vec<TerminalId> {
    for number in 0..destinations {
        let start = "2000-01-01 00:00:00".parse().expect("a time");
        let new =
            NewDestination::plain(format!("Number {number}"), "http://receiver.example", start);
        let made = store.create_destination(new, moment()).await;
        made.expect("a new name");
    }
    let mut made = Vec::new();
    for number in 1..=terminals {
        let terminal = NewTerminal {
            name: format!("Gate {number}"),
            address: Address::new(format!("10.0.{}.{}", number / 250, number % 250), 4370)
                .expect("an address"),
            transport: Transport::Tcp,
            comm_key: None,
            zone: None,
            interval: None,
            connect_timeout: None,
            enabled: true,
            live: LiveMode::Auto,
            clock_policy: ClockPolicy::Measure,
            code_page: None,
            order16: StateVerifyOrder::StateFirst,
        };
        let terminal = store.register_terminal(terminal, moment()).await;
        made.push(terminal.expect("a terminal").id);
    }
    made
}

fn moment() -> Timestamp {
    Timestamp::from_second(1_795_420_800).expect("a moment")
}

impl Logs {
    /// A punch every ten seconds where there is one terminal, as often more seldom as there are more.
    fn punch(&self, index: usize) -> (TerminalId, NewPunch) {
        let number = (index / self.length).min(self.terminals.len() - 1);
        let within = index - number * self.length;
        let seconds = within * 10 * self.terminals.len() + number;
        (self.terminals[number], punch(number, within, seconds))
    }
}

/// As a row of 40 bytes.
fn punch(terminal: usize, index: usize, seconds: usize) -> NewPunch {
    let seconds = i64::try_from(seconds).unwrap_or(0);
    let instant =
        moment() - SignedDuration::from_secs(400_000_000) + SignedDuration::from_secs(seconds);
    let local_time = LocalTime::at(instant, &TimeZone::UTC);
    let person = index * 7 % PEOPLE;
    let pin = Pin::new((100_000 + person).to_string()).expect("a PIN");
    let state = PunchState::new(u8::from(index % 2 == 1));
    let mut raw = Vec::with_capacity(40);
    raw.extend(u16::try_from(person).unwrap_or(0).to_le_bytes());
    raw.extend(pin.as_str().as_bytes());
    raw.resize(26, 0);
    raw.push(1);
    raw.extend(
        u32::try_from(instant.as_second())
            .unwrap_or(0)
            .to_le_bytes(),
    );
    raw.push(state.code());
    raw.resize(40, 0);
    NewPunch {
        record_id: RecordId::derive(&format!("CJDE{terminal}"), &pin, local_time, state),
        person_name: format!("Person Number {person}"),
        pin,
        local_time,
        state,
        verify: 1,
        work_code: 0,
        zone: "Asia/Baghdad".to_owned(),
        instant,
        flag: TimeFlag::Ok,
        source: Source::Pull,
        raw,
    }
}

/// What this process computed so far; zero where the system does not say.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn cpu_since(before: Duration) -> Duration {
    cpu().saturating_sub(before)
}

/// Bytes that this process wrote so far.
fn written() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    io.lines()
        .find_map(|line| line.strip_prefix("wchar: "))
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or(0)
}

fn written_since(before: u64) -> String {
    match written().saturating_sub(before) / 1_000_000 {
        0 => String::new(),
        megabytes => format!(", {megabytes} MB written"),
    }
}

fn file_sizes(dir: &std::path::Path) -> String {
    let size =
        |name: &str| std::fs::metadata(dir.join(name)).map_or(0, |file| file.len() / 1_000_000);
    format!(
        "    ledger {} MB, write-ahead log {} MB, memory {}, at most {}",
        size(storage::FILE),
        size("ledger.db-wal"),
        memory("VmRSS:"),
        memory("VmHWM:")
    )
}

/// A line of what the system says of this process's memory.
fn memory(what: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|line| line.strip_prefix(what));
    found.unwrap_or_default().trim().to_owned()
}

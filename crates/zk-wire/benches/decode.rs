//! What a row of a log costs, from bytes of the wire to a punch: `cargo bench -p zk-wire -- [ROWS]`.
//!
//! The log comes in pieces of 64 KiB, as a terminal hands it out, and of each piece every row is read, once as it is and
//! once with its user id made a text. The quickest of the rounds counts: whatever else runs only adds to the others.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers that says what it saw"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use zk_wire::{LogSplitter, PunchRow, RowLayout, WireTime};

const ROUNDS: usize = 20;
const PIECE: usize = 64 * 1024;

fn main() {
    let rows = std::env::args().find_map(|arg| arg.parse().ok());
    let rows: u32 = rows.unwrap_or(100_000);
    for layout in [RowLayout::R40, RowLayout::R16, RowLayout::A8] {
        let log = log(layout, rows);
        let as_it_is = quickest(|| read(&log, rows, |_| ()));
        let with_text = quickest(|| read(&log, rows, |row| drop(black_box(row.who.to_string()))));
        let each = |took: Duration| took.as_nanos() / u128::from(rows.max(1));
        println!(
            "{rows} rows of layout {layout}: {} ns a row, {} ns with its user id as a text",
            each(as_it_is),
            each(with_text)
        );
    }
}

fn log(layout: RowLayout, rows: u32) -> Vec<u8> {
    let mut log = Vec::new();
    for number in 0..rows {
        let person = u16::try_from(number % 1_000).expect("it is small") + 1;
        let (minute, second) = (number / 60 % 60, number % 60);
        let parts = [8, minute, second].map(|part| u8::try_from(part).expect("it is small"));
        let time = WireTime::new(2026, 11, 23, parts[0], parts[1], parts[2]).expect("a time");
        let punch = PunchRow {
            uid: person,
            pin: person.to_string(),
            time,
            state: 0,
            verify: 1,
            work_code: 0,
        };
        layout.encode(&punch, &mut log);
    }
    log
}

fn read(log: &[u8], rows: u32, mut each: impl FnMut(&zk_wire::AttendanceRow)) {
    let mut splitter = LogSplitter::new(log.len(), Some(rows));
    let mut seen = 0;
    for piece in log.chunks(PIECE) {
        let Some(some) = splitter.push(piece) else {
            continue;
        };
        for row in some.iter() {
            each(black_box(&row.read().expect("a punch")));
            seen += 1;
        }
    }
    assert!(
        splitter.is_complete() && seen == rows,
        "{seen} rows were read"
    );
}

fn quickest(mut once: impl FnMut()) -> Duration {
    let round = || {
        let began = Instant::now();
        once();
        began.elapsed()
    };
    std::iter::repeat_with(round)
        .take(ROUNDS)
        .min()
        .unwrap_or_default()
}

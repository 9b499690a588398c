use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::civil::date;
use zk_wire::{Packet, RowLayout};

use crate::{
    clock::LocalClock,
    config::TerminalConfig,
    contents::{Contents, Punch},
    frame::{Bend, Frame},
    log::{Log, StartLog},
    reply::Reply,
    rope::Rope,
    shared::Shared,
};

fn reply(payload: Vec<u8>) -> Reply {
    Reply {
        command: 1_501,
        session: 3,
        number: 65_534,
        payload: payload.into(),
    }
}

#[test]
fn packets_are_the_bytes_that_zk_wire_makes() {
    for length in (0..40).chain([1_024, 65_471, 65_472]) {
        for fill in [0, 1, 0x7f, 0xff] {
            let reply = reply(vec![fill; length]);
            let packet = Packet {
                command: reply.command,
                session: reply.session,
                reply: reply.number,
                payload: reply.payload.to_vec(),
            };
            let frame = Frame::new(reply, Bend::default());
            let bytes = [frame.beginning().concat(), frame.payload.to_vec()].concat();
            assert_eq!(bytes, packet.to_frame(), "{length} bytes of {fill}");
            let mut datagram = vec![9];
            frame.write_datagram(&mut datagram);
            assert_eq!(datagram, packet.to_datagram());
        }
    }
}

fn punch(second: i8) -> Punch {
    Punch {
        uid: 1,
        pin: "1001".to_owned(),
        time: date(2026, 11, 23).at(8, 0, second, 0),
        state: 0,
        verify: 1,
        work_code: 0,
    }
}

fn log(record_format: RowLayout, record_capacity: u32, start: Vec<Punch>) -> Log {
    let config = TerminalConfig {
        record_format,
        record_capacity,
        ..TerminalConfig::default()
    };
    let start = StartLog::new(record_format, Arc::new(start));
    Log::new(&config, Arc::new(start))
}

fn table(log: &mut Log) -> Bytes {
    let table = log.table();
    table.slice(0..table.len())
}

#[test]
fn a_full_log_keeps_the_newest_rows_in_order() {
    for started_with in [0, 3, 7, 30] {
        let start = (0..started_with).map(punch).collect();
        let mut full = log(RowLayout::R16, 7, start);
        let mut fresh = log(RowLayout::R16, 7, vec![]);
        for second in started_with..60 {
            full.append(punch(second));
        }
        for second in 53..60 {
            fresh.append(punch(second));
        }
        assert_eq!(table(&mut full), table(&mut fresh));
        assert_eq!(full.len(), 7);
        assert!(full.punches().eq(fresh.punches()));
    }
}

#[test]
fn a_log_without_room_stays_empty() {
    let mut log = log(RowLayout::R40, 0, vec![punch(0)]);
    assert!(!log.append(punch(1)));
    assert_eq!(table(&mut log), Bytes::from_static(&[0; 4]));
}

#[test]
fn what_a_log_starts_with_is_handed_out_without_a_copy() {
    let mut log = log(RowLayout::R40, 10, vec![punch(1), punch(2)]);
    let (first, second) = (log.table(), log.table());
    assert_eq!(first.slice(4..84).as_ptr(), second.slice(4..84).as_ptr());
    log.append(punch(3));
    assert_eq!(
        log.table().slice(4..84).as_ptr(),
        first.slice(4..84).as_ptr()
    );
    assert_eq!(log.table().len(), first.len() + 40);
}

#[test]
fn a_rope_gives_the_bytes_of_any_range() {
    let mut rope = Rope::default();
    for piece in [b"ab".as_slice(), b"", b"cdef", b"g"] {
        rope.push(Bytes::copy_from_slice(piece));
    }
    let whole = b"abcdefg";
    for start in 0..=7 {
        for end in start..=9 {
            assert_eq!(rope.slice(start..end), whole[start..end.min(7)]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_terminal_disabled_for_a_time_enables_itself() {
    let now = date(2026, 11, 23).at(8, 0, 0, 0);
    let shared = Shared::new(
        TerminalConfig::default(),
        &Contents::generate(3, 0, 1, now).into(),
        LocalClock::stopped_at(now),
        ([127, 0, 0, 1], 4370).into(),
    )
    .unwrap();
    shared.state().disable_for(Duration::from_secs(30));
    tokio::time::advance(Duration::from_secs(29)).await;
    assert_eq!(shared.punch_random(), None);
    tokio::time::advance(Duration::from_secs(2)).await;
    assert!(shared.punch_random().is_some());
    shared.state().disable_for(Duration::ZERO);
    tokio::time::advance(Duration::from_hours(99)).await;
    assert_eq!(shared.punch_random(), None);
}

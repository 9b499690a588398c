use std::time::Duration;

use bytes::Bytes;
use jiff::civil::date;
use zk_wire::{Packet, RowLayout};

use crate::{
    clock::LocalClock, config::TerminalConfig, contents::Contents, contents::Punch, log::Log,
    reply::Reply, shared::Shared,
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
            let frame = [reply.head().as_slice(), &reply.payload].concat();
            assert_eq!(frame, packet.to_frame(), "{length} bytes of {fill}");
            let mut datagram = vec![9];
            reply.write_datagram(&mut datagram);
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

#[test]
fn a_full_log_keeps_the_newest_rows_in_order() {
    let (mut full, mut fresh) = (Log::new(RowLayout::R16, 7), Log::new(RowLayout::R16, 7));
    for second in 0..60 {
        full.append(punch(second));
    }
    for second in 53..60 {
        fresh.append(punch(second));
    }
    assert_eq!(full.table(), fresh.table());
    assert_eq!(full.len(), 7);
}

#[test]
fn a_log_without_room_stays_empty() {
    let mut log = Log::new(RowLayout::R40, 0);
    log.append(punch(1));
    assert_eq!(log.table(), Bytes::from_static(&[0; 4]));
}

#[test]
fn an_unchanged_table_is_handed_out_without_a_copy() {
    let mut log = Log::new(RowLayout::R40, 10);
    log.append(punch(1));
    let (first, second) = (log.table(), log.table());
    assert_eq!(first.as_ptr(), second.as_ptr());
    log.append(punch(2));
    assert_eq!(log.table().len(), first.len() + 40);
}

#[tokio::test(start_paused = true)]
async fn a_terminal_disabled_for_a_time_enables_itself() {
    let now = date(2026, 11, 23).at(8, 0, 0, 0);
    let shared = Shared::new(
        TerminalConfig::default(),
        Contents::generate(3, 0, 1, now),
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

//! Events, short commands and parts of the log, with the virtual terminal.

use std::time::Duration;

use zk_client::{
    DoorState, Error, LiveAnswer, Session, Target, TerminalState, Timeouts, Transport,
};
use zk_terminal::{
    Contents, Effect, EventLength, EventsBegin, Handle, LiveEvent, LiveShape, LocalClock,
    OffsetReads, Registration, TerminalConfig, VirtualTerminal,
};
use zk_wire::{Event, RowLayout, Who, code};

use crate::virtual_terminal::{RECORDS, now, start, target};

const SOON: Duration = Duration::from_secs(30);
const NOTHING: Duration = Duration::from_millis(50);

async fn live(terminal: &Handle, transport: Transport) -> Session {
    let mut session = Session::connect(&target(terminal, transport))
        .await
        .unwrap();
    assert!(session.start_live().await.unwrap().agrees());
    session
}

/// Somebody punches, and the client hears of it.
async fn punch(terminal: &Handle, session: &mut Session) {
    let punch = terminal.punch_random().unwrap();
    let event = session.next_event(SOON).await.unwrap();
    let Some(Event::Attendance(Ok(told))) = event else {
        panic!("{event:?}");
    };
    match told.who {
        Who::Pin(pin) => assert_eq!(pin.as_str(), punch.pin),
        Who::Slot(slot) => assert_eq!(slot, punch.uid),
    }
    assert_eq!((told.state, told.verify), (punch.state, punch.verify));
    assert_eq!(
        told.time.to_string(),
        punch.time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    );
}

/// Waits until what the terminal counts is what it should be.
async fn soon(condition: impl Fn() -> bool) {
    tokio::time::timeout(SOON, async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it never became so");
}

#[tokio::test]
async fn punches_are_told_by_every_kind_of_terminal() {
    for record_format in [RowLayout::A8, RowLayout::R16, RowLayout::R40] {
        for length in [
            EventLength::AsLog,
            EventLength::Bytes(10),
            EventLength::Bytes(14),
            EventLength::Bytes(36),
            EventLength::Bytes(37),
            EventLength::Bytes(52),
        ] {
            for transport in [Transport::Tcp, Transport::Udp] {
                let terminal = start(TerminalConfig {
                    record_format,
                    live: LiveShape {
                        length,
                        begins: EventsBegin::WhenEnabled,
                        unacknowledged: Some(1),
                        ..LiveShape::default()
                    },
                    ..TerminalConfig::default()
                })
                .await;
                let mut session = live(&terminal, transport).await;
                for _ in 0..5 {
                    punch(&terminal, &mut session).await;
                    soon(|| terminal.activity().events_unacknowledged() == 0).await;
                }
                let activity = terminal.activity();
                assert_eq!((activity.events_sent, activity.events_withheld), (5, 0));
                session.close().await;
                terminal.stop().await;
            }
        }
    }
}

#[tokio::test]
async fn an_event_in_a_form_that_nobody_knows_stops_nothing() {
    let terminal = start(TerminalConfig {
        live: LiveShape {
            length: EventLength::Bytes(19),
            unacknowledged: Some(1),
            ..LiveShape::default()
        },
        ..TerminalConfig::default()
    })
    .await;
    let mut session = live(&terminal, Transport::Tcp).await;
    terminal.punch_random().unwrap();
    let event = session.next_event(SOON).await.unwrap();
    assert!(
        matches!(event, Some(Event::Attendance(Err(_)))),
        "{event:?}"
    );
    terminal.set_live(LiveShape::default());
    punch(&terminal, &mut session).await;
    session.close().await;
    terminal.stop().await;
}

#[tokio::test]
async fn only_what_is_worth_it_is_told() {
    let terminal = start(TerminalConfig::default()).await;
    let mut session = live(&terminal, Transport::Tcp).await;
    terminal.tell(LiveEvent::Finger);
    terminal.tell(LiveEvent::FingerScore(100));
    terminal.tell(LiveEvent::Button(3));
    terminal.tell(LiveEvent::Alarm(vec![0x37, 0, 0, 0]));
    terminal.tell(LiveEvent::EnrollUser(7));
    let first = session.next_event(SOON).await.unwrap().unwrap();
    let second = session.next_event(SOON).await.unwrap().unwrap();
    assert_eq!(session.next_event(NOTHING).await.unwrap(), None);
    for event in [first, second] {
        assert!(!matches!(event, Event::Attendance(_)), "{event:?}");
    }
    session.close().await;
    terminal.stop().await;
}

#[tokio::test]
async fn a_terminal_that_tells_nothing_is_used_all_the_same() {
    for (code, answer) in [
        (code::ACK_ERROR, LiveAnswer::Refuses(code::ACK_ERROR)),
        (code::ACK_UNKNOWN, LiveAnswer::Unknown),
    ] {
        let terminal = start(TerminalConfig {
            live: LiveShape {
                registration: Registration::Refused(code),
                ..LiveShape::default()
            },
            ..TerminalConfig::default()
        })
        .await;
        let mut session = Session::connect(&target(&terminal, Transport::Tcp))
            .await
            .unwrap();
        assert_eq!(session.start_live().await.unwrap(), answer);
        session.clock().await.unwrap().unwrap();
        session.close().await;
        terminal.stop().await;
    }
}

#[tokio::test]
async fn a_silent_death_is_found_by_the_probe_and_the_next_session_hears_again() {
    let terminal = start(TerminalConfig::default()).await;
    for transport in [Transport::Tcp, Transport::Udp] {
        let timeouts = Timeouts {
            reply: Duration::from_millis(1_500),
            exit: Duration::from_millis(100),
            ..Timeouts::default()
        };
        let mut session = Session::connect(&Target {
            timeouts,
            ..target(&terminal, transport)
        })
        .await
        .unwrap();
        assert!(session.start_live().await.unwrap().agrees());
        punch(&terminal, &mut session).await;
        terminal.die_silently();
        terminal.punch_random().unwrap();
        assert_eq!(session.next_event(NOTHING).await.unwrap(), None);
        let error = session.probe().await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{error}");
        session.close().await;
        let mut session = live(&terminal, transport).await;
        punch(&terminal, &mut session).await;
        session.close().await;
    }
    terminal.stop().await;
}

#[tokio::test]
async fn punches_during_a_read_of_the_log_are_told_after_it() {
    let terminal = start(TerminalConfig::default()).await;
    let mut session = live(&terminal, Transport::Tcp).await;
    let before = terminal.punches();
    let mut log = session.attendance(None).await.unwrap();
    let (mut rows, mut told) = (0, Vec::new());
    while let Some(more) = log.next_rows().await.unwrap() {
        rows += more.len();
        told.extend(terminal.punch_random());
    }
    log.finish().await;
    assert_eq!(rows, before.len());
    assert!(!told.is_empty());
    for punch in told {
        let event = session.next_event(SOON).await.unwrap();
        let Some(Event::Attendance(Ok(event))) = event else {
            panic!("{event:?}");
        };
        assert_eq!(event.who.to_string(), punch.pin);
    }
    session.close().await;
    terminal.stop().await;
}

#[tokio::test]
async fn the_last_rows_are_read_at_a_cost_that_does_not_go_by_the_length_of_the_log() {
    let mut costs = Vec::new();
    for records in [1_000, 20_000] {
        let terminal = VirtualTerminal::start(
            ([127, 0, 0, 1], 0).into(),
            TerminalConfig::default(),
            Contents::generate(50, records, 7, now()),
            LocalClock::stopped_at(now()),
        )
        .await
        .unwrap();
        let mut session = Session::connect(&target(&terminal, Transport::Tcp))
            .await
            .unwrap();
        terminal.reset_traffic();
        let mut log = session.prepare_log().await.unwrap();
        assert_eq!(log.bytes(), records * 40);
        let end = log.bytes() - 14 * 40..log.bytes();
        let rows = session.read_log(&mut log, end).await.unwrap();
        assert_eq!(rows.len(), 14 * 40);
        session.free_log(log).await;
        let traffic = terminal.reset_traffic();
        costs.push((traffic.round_trips(), traffic.bytes_in, traffic.bytes_out));
        let last = RowLayout::R40.decode(&rows[13 * 40..]).unwrap();
        let punch = terminal.punches().pop().unwrap();
        assert_eq!(last.who.to_string(), punch.pin);
        session.close().await;
        terminal.stop().await;
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0].0, 4, "prepare, its head, the rows, free");
}

#[tokio::test]
async fn a_firmware_that_cannot_read_at_an_offset_is_found_out_and_read_whole() {
    for offset_reads in [
        OffsetReads::Refused(code::ACK_ERROR),
        OffsetReads::Refused(code::ACK_UNKNOWN),
        OffsetReads::IgnoresOffset,
        OffsetReads::ShortAnswer,
    ] {
        for transport in [Transport::Tcp, Transport::Udp] {
            let terminal = start(TerminalConfig {
                offset_reads,
                ..TerminalConfig::default()
            })
            .await;
            let mut session = Session::connect(&target(&terminal, transport))
                .await
                .unwrap();
            let mut log = session.prepare_log().await.unwrap();
            let end = log.bytes() - 400..log.bytes();
            let error = session.read_log(&mut log, end).await.unwrap_err();
            assert!(
                matches!(error, Error::OffsetRefused { .. }),
                "{offset_reads:?} over {transport}: {error}"
            );
            session.free_log(log).await;
            for known in [true, false] {
                let log = if known {
                    session.attendance_in_one_piece(None).await
                } else {
                    session.attendance(None).await
                };
                let mut log = log.unwrap();
                let mut pins = Vec::new();
                while let Some(rows) = log.next_rows().await.unwrap() {
                    pins.extend(rows.iter().map(|row| row.read().unwrap().who.to_string()));
                }
                assert_eq!(log.bytes(), Some(RECORDS * 40));
                assert_eq!(log.finish().await.rows, RECORDS as u64);
                assert!(
                    pins.iter()
                        .eq(terminal.punches().iter().map(|punch| &punch.pin)),
                    "{offset_reads:?} over {transport}: {} rows, {known}",
                    pins.len()
                );
            }
            session.close().await;
            terminal.stop().await;
        }
    }
}

#[tokio::test]
async fn short_commands_are_done_and_the_door_shuts_again() {
    let terminal = start(TerminalConfig::default()).await;
    for transport in [Transport::Tcp, Transport::Udp] {
        let mut session = Session::connect(&target(&terminal, transport))
            .await
            .unwrap();
        let before = terminal.effects().len();
        assert_eq!(session.door_state().await.unwrap(), Some(DoorState::Closed));
        session.unlock(Duration::from_millis(500)).await.unwrap();
        assert_eq!(session.door_state().await.unwrap(), Some(DoorState::Open));
        session.play_voice(10).await.unwrap();
        session.write_lcd(2, b"Back at 9").await.unwrap();
        session.clear_lcd().await.unwrap();
        assert_eq!(
            terminal.effects()[before..],
            [
                Effect::Unlocked(Duration::from_millis(500)),
                Effect::Played(10),
                Effect::Written {
                    line: 2,
                    text: b"Back at 9".to_vec()
                },
                Effect::DisplayCleared,
            ]
        );
        tokio::time::timeout(SOON, async {
            while session.door_state().await.unwrap() == Some(DoorState::Open) {}
        })
        .await
        .expect("the door stays open");
        session.close().await;
    }
    terminal.stop().await;
}

#[tokio::test]
async fn a_terminal_is_disabled_for_a_while_and_never_left_so() {
    let terminal = start(TerminalConfig::default()).await;
    let mut session = Session::connect(&target(&terminal, Transport::Tcp))
        .await
        .unwrap();
    session.disable(SOON).await.unwrap();
    assert!(terminal.is_disabled());
    assert_eq!(session.state().await.unwrap(), Some(TerminalState::Busy));
    session.close().await;
    assert!(!terminal.is_disabled());

    // Cut off while disabled: the next session enables it.
    let mut session = Session::connect(&target(&terminal, Transport::Tcp))
        .await
        .unwrap();
    session.disable(SOON).await.unwrap();
    terminal.cut_connections();
    session.clock().await.unwrap_err();
    session.close().await;
    assert!(terminal.is_disabled());
    let mut session = Session::connect(&target(&terminal, Transport::Tcp))
        .await
        .unwrap();
    session.enable().await.unwrap();
    assert!(!terminal.is_disabled());
    session.close().await;
    terminal.stop().await;
}

#[tokio::test]
async fn a_log_is_cleared_and_counted() {
    let terminal = start(TerminalConfig::default()).await;
    let mut session = Session::connect(&target(&terminal, Transport::Udp))
        .await
        .unwrap();
    let cleared = session.clear_log().await.unwrap();
    assert!(cleared.is_acknowledged);
    assert_eq!(cleared.left.unwrap().records(), Some(0));
    assert_eq!((terminal.punch_count(), terminal.activity().clears), (0, 1));
    let operations = session.operations().await.unwrap();
    assert_eq!(
        operations.rows.last().and_then(zk_wire::OperationRow::name),
        Some("attendance log cleared")
    );
    session.close().await;
    terminal.stop().await;
}

//! Events as they happen: each is acknowledged, none is lost, and what is no event goes on meanwhile.

use std::time::Duration;

use zk_client::{Error, LiveAnswer, Session, Target, Timeouts};
use zk_wire::{Event, Who, code};

use crate::{
    peer::{
        self, ACK_ERROR, ACK_OK, CANCEL_CAPTURE, ENABLE, EVENT, FREE_DATA, GET_TIME, Peer, Playing,
        SESSION, START_VERIFY, STATE,
    },
    tables::{all, announce, asked, log, piece, read},
};

/// Fact sheet, section 16: 100234, face, check-out, 2026-11-23 17:05:09.
const PUNCH_32: &str = "3130303233340000000000000000000000000000000000000f011a0b17110509";
const PUNCH_12: &str = "8a8701000f011a0b17110509";
const PUNCH_10: &str = "07000f011a0b17110509";
const CLOCK: [u8; 4] = [0x88, 0x55, 0x85, 0x33];
const SOON: Duration = Duration::from_secs(30);

/// The payload of somebody else's punch.
fn punch(pin: u32) -> Vec<u8> {
    let mut payload = peer::bytes(PUNCH_12);
    payload[..4].copy_from_slice(&pin.to_le_bytes());
    payload
}

fn hasty(terminal: &Playing) -> Target {
    let timeouts = Timeouts {
        reply: Duration::from_millis(1_500),
        brief: Duration::from_millis(500),
        exit: Duration::from_millis(100),
        ..Timeouts::default()
    };
    Target {
        timeouts,
        ..terminal.target()
    }
}

/// What comes before the registration.
async fn make_ready(peer: &mut Peer) {
    peer.greet().await;
    peer.hear(STATE).await;
    peer.say(ACK_OK, 0, &[]).await;
    peer.acknowledge(CANCEL_CAPTURE).await;
    peer.acknowledge(START_VERIFY).await;
    peer.acknowledge(ENABLE).await;
}

async fn go_live(peer: &mut Peer) {
    make_ready(peer).await;
    peer.acknowledge(EVENT).await;
}

async fn live_session(terminal: &Playing) -> Session {
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    assert!(session.start_live().await.unwrap().agrees());
    session
}

/// By user id, or `#` and the slot.
fn who(event: Option<Event>) -> String {
    match event.expect("an event is there") {
        Event::Attendance(Ok(punch)) => match punch.who {
            Who::Pin(pin) => pin.as_str().to_owned(),
            Who::Slot(slot) => format!("#{slot}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn punches_in_every_length_are_told_and_acknowledged() {
    let (long, short) = (peer::bytes(PUNCH_32), peer::bytes(PUNCH_10));
    let with = |payload: &[u8], more: usize| [payload, &vec![0xaa; more]].concat();
    let payloads = [
        short.clone(),
        peer::bytes(PUNCH_12),
        with(&short, 4),
        long.clone(),
        with(&long, 4),
        with(&long, 5),
        with(&long, 20),
        with(&long, 100),
    ];
    let expected = ["#7", "100234", "#7"]
        .into_iter()
        .chain(["100234"; 5])
        .collect::<Vec<_>>();
    let script = payloads.clone();
    for transport in [peer::tcp_with, peer::udp_with] {
        let payloads = script.clone();
        let terminal = transport(Box::new(move |mut peer: Peer| {
            Box::pin(async move {
                go_live(&mut peer).await;
                for payload in payloads {
                    peer.tell(code::event::ATTENDANCE, &payload).await;
                }
                peer.part().await;
            })
        }))
        .await;
        let mut session = live_session(&terminal).await;
        for expected in &expected {
            let event = session.next_event(SOON).await.unwrap();
            let Some(Event::Attendance(Ok(punch))) = &event else {
                panic!("{event:?}");
            };
            assert_eq!((punch.verify, punch.state), (15, 1));
            assert_eq!(punch.time.to_string(), "2026-11-23 17:05:09");
            assert_eq!(who(event), *expected);
        }
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn several_punches_of_one_packet_are_told_one_after_the_other() {
    let terminal = peer::tcp(|mut peer| async move {
        go_live(&mut peer).await;
        let together: Vec<u8> = (1..=3).flat_map(punch).collect();
        peer.tell(code::event::ATTENDANCE, &together).await;
        peer.part().await;
    })
    .await;
    let mut session = live_session(&terminal).await;
    for expected in ["1", "2", "3"] {
        assert_eq!(who(session.next_event(SOON).await.unwrap()), expected);
    }
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn an_event_of_unknown_length_is_acknowledged_and_the_next_one_is_told() {
    let terminal = peer::tcp(|mut peer| async move {
        go_live(&mut peer).await;
        for length in [0, 1, 9, 11, 13, 31] {
            peer.tell(code::event::ATTENDANCE, &vec![7; length]).await;
        }
        peer.tell(0x4000, &[1, 2, 3]).await;
        peer.tell(code::event::ATTENDANCE, &peer::bytes(PUNCH_12))
            .await;
        peer.part().await;
    })
    .await;
    let mut session = live_session(&terminal).await;
    for _ in 0..6 {
        let event = session.next_event(SOON).await.unwrap();
        assert!(
            matches!(event, Some(Event::Attendance(Err(_)))),
            "{event:?}"
        );
    }
    session.next_event(SOON).await.unwrap().unwrap();
    assert_eq!(who(session.next_event(SOON).await.unwrap()), "100234");
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn events_inside_other_answers_are_kept_in_their_order() {
    let terminal = peer::tcp(|mut peer| async move {
        make_ready(&mut peer).await;
        // Before the answer to the registration itself.
        peer.hear(EVENT).await;
        let registered = peer.answer(ACK_OK, SESSION, &[]);
        peer.tell(1, &punch(1)).await;
        peer.say_bytes(&registered).await;
        // Between the announcement of a piece and its data, and in their middle.
        let table = log(1_000);
        announce(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        let frames = piece(&peer, &table[range], 1_008);
        peer.say_bytes(&frames[0]).await;
        peer.tell(1, &punch(2)).await;
        peer.say_bytes(&frames[1..9].concat()).await;
        peer.tell(1, &punch(3)).await;
        peer.say_bytes(&frames[9..].concat()).await;
        peer.acknowledge(FREE_DATA).await;
        // Before the answer to a short command, and right behind it.
        peer.hear(GET_TIME).await;
        let clock = peer.answer(ACK_OK, SESSION, &CLOCK);
        let events = [4, 5].map(|pin| peer::frame(EVENT, 1, 0, &punch(pin)));
        peer.say_bytes(&[&events[0], &clock[..], &events[1]].concat())
            .await;
        peer.hear_event_acknowledged().await;
        peer.hear_event_acknowledged().await;
        peer.part().await;
    })
    .await;
    let mut session = live_session(&terminal).await;
    assert_eq!(read(&mut session).await.unwrap(), all(1_000));
    session.clock().await.unwrap().unwrap();
    for expected in ["1", "2", "3", "4", "5"] {
        assert_eq!(who(session.next_event(SOON).await.unwrap()), expected);
    }
    assert_eq!(session.next_event(Duration::ZERO).await.unwrap(), None);
    assert_eq!(session.events_lost(), 0);
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn nothing_is_lost_when_waiting_for_an_event_is_given_up_again_and_again() {
    let terminal = peer::tcp(|mut peer| async move {
        go_live(&mut peer).await;
        for pin in 1..=20 {
            for byte in peer::frame(EVENT, 1, 0, &punch(pin)) {
                peer.say_bytes(&[byte]).await;
                tokio::task::yield_now().await;
            }
        }
        for _ in 1..=20 {
            peer.hear_event_acknowledged().await;
        }
        peer.part().await;
    })
    .await;
    let mut session = live_session(&terminal).await;
    let mut told = Vec::new();
    let mut given_up = 0;
    while told.len() < 20 {
        tokio::select! {
            biased;
            event = session.next_event(SOON) => told.push(who(event.unwrap())),
            () = tokio::task::yield_now() => given_up += 1,
        }
    }
    assert!(given_up > 20, "given up {given_up} times");
    let expected = (1..=20).map(|pin| pin.to_string()).collect::<Vec<_>>();
    assert_eq!(told, expected);
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn events_that_nobody_takes_are_bounded_and_counted() {
    let terminal = peer::tcp(|mut peer| async move {
        go_live(&mut peer).await;
        peer.hear(GET_TIME).await;
        let clock = peer.answer(ACK_OK, SESSION, &CLOCK);
        for pin in 1..=600 {
            peer.tell(1, &punch(pin)).await;
        }
        // Absurdly long.
        peer.tell(0x4000, &vec![7; 100_000]).await;
        peer.say_bytes(&clock).await;
        peer.part().await;
    })
    .await;
    let mut session = live_session(&terminal).await;
    session.clock().await.unwrap().unwrap();
    assert_eq!(session.events_lost(), 600 - 512 + 1);
    assert_eq!(who(session.next_event(SOON).await.unwrap()), "89");
    let mut left = 0;
    while session.next_event(Duration::ZERO).await.unwrap().is_some() {
        left += 1;
    }
    assert_eq!(left, 511);
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn an_end_that_nobody_tells_is_found_by_the_probe() {
    let terminal = peer::tcp(|mut peer| async move {
        go_live(&mut peer).await;
        peer.tell(1, &punch(1)).await;
        // From here on it hears, and says nothing.
        peer.hear(GET_TIME).await;
        peer.hear(peer::EXIT).await;
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    assert!(session.start_live().await.unwrap().agrees());
    assert_eq!(who(session.next_event(SOON).await.unwrap()), "1");
    let silent = session.next_event(Duration::from_millis(50)).await;
    assert_eq!(silent.unwrap(), None);
    let begun = tokio::time::Instant::now();
    let error = session.probe().await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(8));
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn an_end_with_a_word_is_found_while_waiting_after_the_last_event_was_taken() {
    let terminal = peer::tcp(|mut peer| async move {
        go_live(&mut peer).await;
        peer.hear(GET_TIME).await;
        let clock = peer.answer(ACK_OK, SESSION, &CLOCK);
        peer.tell(1, &punch(1)).await;
        peer.say_bytes(&clock).await;
    })
    .await;
    let mut session = live_session(&terminal).await;
    session.probe().await.unwrap();
    terminal.over().await;
    assert_eq!(who(session.next_event(SOON).await.unwrap()), "1");
    let error = session.next_event(SOON).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionLost { .. }), "{error}");
    session.close().await;
}

#[tokio::test]
async fn a_terminal_that_tells_no_events_says_so_or_nothing() {
    let refuses = peer::tcp(|mut peer| async move {
        make_ready(&mut peer).await;
        peer.hear(EVENT).await;
        peer.say(ACK_ERROR, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let ignores = peer::tcp(|mut peer| async move {
        make_ready(&mut peer).await;
        peer.hear(EVENT).await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_OK, SESSION, &CLOCK).await;
        peer.part().await;
    })
    .await;
    for (terminal, answer) in [
        (refuses, LiveAnswer::Refuses(ACK_ERROR)),
        (ignores, LiveAnswer::Silent),
    ] {
        let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
        assert_eq!(session.start_live().await.unwrap(), answer);
        session.close().await;
        terminal.over().await;
    }
    let dies = peer::tcp(|mut peer| async move {
        make_ready(&mut peer).await;
        peer.hear(EVENT).await;
        peer.hear(GET_TIME).await;
        peer.hear(peer::EXIT).await;
    })
    .await;
    let mut session = Session::connect(&hasty(&dies)).await.unwrap();
    let error = session.start_live().await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    session.close().await;
    dies.over().await;
}

#[tokio::test]
async fn whoever_is_enrolling_is_not_disturbed() {
    for state in [1, 3, 5] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            peer.hear(STATE).await;
            peer.say(ACK_OK, state, &[]).await;
            peer.acknowledge(ENABLE).await;
            peer.acknowledge(EVENT).await;
            peer.part().await;
        })
        .await;
        let session = live_session(&terminal).await;
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn the_registration_is_the_vectors() {
    let terminal = peer::tcp(|mut peer| async move {
        make_ready(&mut peer).await;
        // 5050827d0c000000f401c1eb34121600ffff0000
        assert_eq!(peer.acknowledge(EVENT).await.payload, [0xff, 0xff, 0, 0]);
        assert_eq!(peer.acknowledge(EVENT).await.payload, [0; 4]);
        // Whoever did not hear that it is over.
        peer.tell(1, &punch(1)).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    assert!(session.start_live_for(0xffff).await.unwrap().agrees());
    session.stop_live().await.unwrap();
    let after = session.next_event(Duration::from_millis(50)).await;
    assert_eq!(after.unwrap(), None);
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn an_event_before_the_session_is_open_does_no_harm() {
    for transport in [peer::tcp_with, peer::udp_with] {
        let terminal = transport(Box::new(|mut peer| {
            Box::pin(async move {
                peer.hear(peer::CONNECT).await;
                let welcome = peer.answer(ACK_OK, SESSION, &[]);
                peer.say_frame(&peer::frame(EVENT, 1, 0, &punch(1))).await;
                // There is no session yet.
                assert_eq!(peer.hear(ACK_OK).await.session, 0);
                peer.say_frame(&welcome).await;
                peer.part().await;
            })
        }))
        .await;
        let session = Session::connect(&terminal.target()).await.unwrap();
        session.close().await;
        terminal.over().await;
    }
}

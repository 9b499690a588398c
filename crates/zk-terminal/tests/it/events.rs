//! Live events, and people who punch.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::SignedDuration;
use rstest::rstest;
use zk_terminal::{
    Contents, EventLength, EventsBegin, Listeners, LiveEvent, LiveShape, LocalClock, Registration,
    TerminalConfig, VirtualTerminal,
};
use zk_wire::{Event, Who, code};

use crate::raw::{Over, Raw, hex, known_punch, now, start_with, until};

#[tokio::test]
async fn only_registered_clients_hear_of_punches() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut deaf = Raw::open(&terminal, Over::Tcp).await;
    let mut listening = Raw::open(&terminal, Over::Tcp).await;
    terminal.punch(known_punch());
    listening.ask(code::REG_EVENT, &1_u32.to_le_bytes()).await;
    let punch = terminal.punch_by("1002", 1).unwrap();
    let event = listening.packet().await;
    let Some(Event::Attendance(Ok(told))) = Event::decode(&event) else {
        panic!("no punch: {event:?}")
    };
    assert_eq!((told.who.to_string(), told.state), (punch.pin, 1));
    assert_eq!(deaf.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
    listening.ask(code::REG_EVENT, &0_u32.to_le_bytes()).await;
    terminal.punch(known_punch());
    assert_eq!(
        listening.ask(code::GET_TIME, &[]).await.command,
        code::ACK_OK
    );
    assert_eq!(terminal.activity().events_sent, 1);
}

#[tokio::test]
async fn nobody_punches_twice_in_one_second() {
    let terminal = start_with(TerminalConfig::default(), 5, 20).await;
    let who: HashSet<_> = std::iter::from_fn(|| terminal.punch_random())
        .map(|punch| (punch.pin, punch.state))
        .collect();
    assert_eq!(who.len(), 5);
    assert!(who.iter().all(|(_, state)| *state == 0));
    assert_eq!(terminal.punches().len(), 25);
    assert_eq!(terminal.punch_by("nobody", 0), None);
}

#[tokio::test]
async fn people_punch_at_the_given_rate() {
    let config = TerminalConfig {
        punch_every: Some(Duration::from_millis(5)),
        ..TerminalConfig::default()
    };
    // A second goes by at each look.
    let seconds = AtomicI64::new(0);
    let clock = LocalClock::new(move || {
        now().saturating_add(SignedDuration::from_secs(
            seconds.fetch_add(1, Ordering::Relaxed),
        ))
    });
    let contents = Contents::generate(3, 0, 7, now());
    let terminal = VirtualTerminal::start(([127, 0, 0, 1], 0).into(), config, contents, clock)
        .await
        .unwrap();
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    client.ask(code::REG_EVENT, &1_u32.to_le_bytes()).await;
    for _ in 0..3 {
        let event = client.packet().await;
        assert!(matches!(
            Event::decode(&event),
            Some(Event::Attendance(Ok(_)))
        ));
    }
    assert!(terminal.punches().len() >= 3);
}

async fn hears(client: &mut Raw) -> Vec<u16> {
    let kinds = client.meanwhile().await;
    kinds.into_iter().map(|packet| packet.session).collect()
}

async fn listen(client: &mut Raw) -> u16 {
    client
        .ask(code::REG_EVENT, &0xffff_u32.to_le_bytes())
        .await
        .command
}

fn live(live: LiveShape) -> TerminalConfig {
    TerminalConfig {
        live,
        ..TerminalConfig::default()
    }
}

#[rstest]
#[case(10, "slot 7")]
#[case(14, "slot 7")]
#[case(12, "100234")]
#[case(32, "100234")]
#[case(36, "100234")]
#[case(37, "100234")]
#[case(52, "100234")]
#[tokio::test]
async fn events_are_as_long_as_the_firmware_makes_them(#[case] bytes: usize, #[case] who: &str) {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    terminal.set_live(LiveShape {
        length: EventLength::Bytes(bytes),
        ..LiveShape::default()
    });
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(listen(&mut client).await, code::ACK_OK);
    terminal.punch(known_punch());
    let event = client.packet().await;
    assert_eq!(event.payload.len(), bytes);
    let Some(Event::Attendance(Ok(punch))) = Event::decode(&event) else {
        panic!("no punch: {event:?}")
    };
    let named = match punch.who {
        Who::Slot(slot) => format!("slot {slot}"),
        Who::Pin(pin) => pin.to_string(),
    };
    assert_eq!((named.as_str(), punch.verify, punch.state), (who, 1, 0));
    assert_eq!(punch.time.to_string(), "2026-11-23 08:30:00");
}

#[tokio::test]
async fn a_terminal_may_tell_nothing_until_it_is_enabled() {
    let terminal = start_with(
        live(LiveShape {
            begins: EventsBegin::WhenEnabled,
            ..LiveShape::default()
        }),
        5,
        0,
    )
    .await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    listen(&mut client).await;
    terminal.punch(known_punch());
    assert!(hears(&mut client).await.is_empty());
    client.ask(code::ENABLE_DEVICE, &[]).await;
    terminal.punch(known_punch());
    assert_eq!(hears(&mut client).await, [code::event::ATTENDANCE]);
}

#[tokio::test]
async fn a_terminal_may_refuse_to_tell() {
    let terminal = start_with(
        live(LiveShape {
            registration: Registration::Refused(code::ACK_ERROR),
            ..LiveShape::default()
        }),
        5,
        0,
    )
    .await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(listen(&mut client).await, code::ACK_ERROR);
    terminal.punch(known_punch());
    assert!(hears(&mut client).await.is_empty());
}

#[tokio::test]
async fn a_terminal_may_tell_only_one_client() {
    let terminal = start_with(
        live(LiveShape {
            listeners: Listeners::Newest,
            ..LiveShape::default()
        }),
        5,
        0,
    )
    .await;
    let mut first = Raw::open(&terminal, Over::Tcp).await;
    let mut second = Raw::open(&terminal, Over::Udp).await;
    listen(&mut first).await;
    assert_eq!(listen(&mut second).await, code::ACK_OK);
    terminal.punch(known_punch());
    assert_eq!(hears(&mut second).await.len(), 1);
    assert!(hears(&mut first).await.is_empty());

    terminal.set_live(LiveShape {
        listeners: Listeners::First,
        ..LiveShape::default()
    });
    assert_eq!(listen(&mut first).await, code::ACK_ERROR);
    second.ask(code::EXIT, &[]).await;
    assert_eq!(listen(&mut first).await, code::ACK_OK);
}

#[tokio::test]
async fn events_end_where_too_many_stay_without_acknowledgement() {
    let terminal = start_with(
        live(LiveShape {
            unacknowledged: Some(2),
            ..LiveShape::default()
        }),
        5,
        0,
    )
    .await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    listen(&mut client).await;
    for _ in 0..3 {
        terminal.punch(known_punch());
    }
    assert_eq!(hears(&mut client).await.len(), 2);
    until(|| terminal.activity().events_withheld == 1).await;
    assert_eq!(terminal.activity().events_unacknowledged(), 2);
    client.tell(code::ACK_OK, &[]).await;
    client.number -= 1;
    until(|| terminal.activity().events_acknowledged == 1).await;
    terminal.punch(known_punch());
    assert_eq!(hears(&mut client).await.len(), 1);
}

#[tokio::test]
async fn other_things_are_told_of_in_their_own_form() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    listen(&mut client).await;
    let finger = LiveEvent::EnrollFinger {
        pin: "1001".to_owned(),
        finger: 6,
        size: 0x200,
        result: 0,
    };
    for (event, kind, payload) in [
        (LiveEvent::Finger, 2, vec![]),
        (LiveEvent::EnrollUser(3), 4, vec![3, 0]),
        (finger, 8, b"\0\0\0\x021001\0\0\0\0\0\x06".to_vec()),
        (LiveEvent::Button(2), 16, vec![2]),
        (LiveEvent::Unlock, 32, vec![]),
        (LiveEvent::Verify(Some(2)), 128, vec![2, 0, 0, 0, 1]),
        (LiveEvent::Verify(None), 128, vec![255, 255, 255, 255, 0]),
        (
            LiveEvent::Alarm(vec![0x37, 0, 0, 0]),
            512,
            vec![0x37, 0, 0, 0],
        ),
    ] {
        terminal.tell(event);
        let packet = client.packet().await;
        assert_eq!(
            (packet.command, packet.session, packet.payload),
            (code::REG_EVENT, kind, payload)
        );
    }
    // As a real terminal sent it.
    terminal.tell(LiveEvent::FingerScore(100));
    assert_eq!(
        hex(&client.frame().await),
        "5050827d09000000f401a7fc0001000064"
    );
}

#[tokio::test]
async fn a_terminal_that_dies_silently_says_nothing_more_and_closes_nothing() {
    for over in [Over::Tcp, Over::Udp] {
        let config = TerminalConfig {
            max_connections: 1,
            ..TerminalConfig::default()
        };
        let terminal = start_with(config, 5, 0).await;
        let mut client = Raw::open(&terminal, over).await;
        listen(&mut client).await;
        terminal.die_silently();
        client.tell(code::GET_TIME, &[]).await;
        terminal.punch(known_punch());
        let mut other = loop {
            // The place of the dead one is free as soon as its task saw that it is.
            let mut other = Raw::new(&terminal, Over::Tcp).await;
            if other.try_connect().await {
                break other;
            }
        };
        assert_eq!(listen(&mut other).await, code::ACK_OK);
        terminal.punch(known_punch());
        assert_eq!(hears(&mut other).await.len(), 1);
        assert!(client.is_silent());
    }
}

#[tokio::test]
async fn all_connections_can_be_cut() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let mut datagrams = Raw::open(&terminal, Over::Udp).await;
    terminal.cut_connections();
    assert_eq!(client.until_closed().await, []);
    until(|| terminal.activity().ended_without_exit == 2).await;
    assert_eq!(
        datagrams.ask(code::GET_TIME, &[]).await.command,
        code::ACK_UNAUTH
    );
    Raw::open(&terminal, Over::Tcp).await;
}

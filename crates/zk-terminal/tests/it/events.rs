//! Live events, and people who punch.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::SignedDuration;
use zk_terminal::{Contents, LocalClock, TerminalConfig, VirtualTerminal};
use zk_wire::{Event, code};

use crate::raw::{Over, Raw, known_punch, now, start_with};

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

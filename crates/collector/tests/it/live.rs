//! Punches as the terminal tells them.

use std::{sync::atomic::Ordering, time::Duration};

use collector::LiveState;
use domain::{LiveMode, Source, TerminalId};
use rstest::rstest;
use storage::{NewTerminal, TerminalChange};
use test_kit::terminal_at;
use tokio::time::Instant;
use zk_terminal::{
    EventLength, Faults, Handle, Listeners, LiveShape, Registration, Silence, TerminalConfig,
};
use zk_wire::{RowLayout, UserFormat, code};

use crate::world::{
    OFTEN, SELDOM, World, config, contents, in_ledger, in_terminal, pass, terminal, until,
};

/// A terminal whose log was read and that tells its punches.
async fn listening(make: TerminalConfig) -> (World, Handle, TerminalId) {
    let gate = terminal(make, contents(5, 300)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    is_live(&world, id).await;
    (world, gate, id)
}

async fn is_live(world: &World, id: TerminalId) {
    world
        .shows(id, "an open session", |status| {
            matches!(status.live, LiveState::On { .. }) && !status.busy
        })
        .await;
}

async fn waits(world: &World, id: TerminalId, because: &str) {
    world
        .shows(id, because, |status| match &status.live {
            LiveState::Waiting { reason } => reason.contains(because),
            LiveState::Off | LiveState::On { .. } => false,
        })
        .await;
}

#[rstest]
#[tokio::test]
async fn a_punch_is_stored_at_once_in_each_form_of_event(
    #[values(
        EventLength::AsLog,
        EventLength::Bytes(12),
        EventLength::Bytes(36),
        EventLength::Bytes(37),
        EventLength::Bytes(52)
    )]
    length: EventLength,
) {
    let live = LiveShape {
        length,
        ..LiveShape::default()
    };
    let (world, gate, id) = listening(TerminalConfig {
        live,
        ..config("A1")
    })
    .await;
    let wakes = world.wakes.load(Ordering::SeqCst);
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
    until("that delivery was woken", async || {
        world.wakes.load(Ordering::SeqCst) == wakes + 1
    })
    .await;
    let punches = world.punches(id).await;
    let punch = punches.last().unwrap();
    assert_eq!((punch.source, punch.pin.as_str()), (Source::Live, "1001"));
    assert_eq!(punch.person_name, gate.users()[0].name);
}

#[rstest]
#[case::by_slot(RowLayout::A8, UserFormat::B28)]
#[case::by_number(RowLayout::R16, UserFormat::B28)]
#[tokio::test]
async fn punches_in_quick_succession_on_an_old_terminal_do_not_wait_for_stillness(
    #[case] record_format: RowLayout,
    #[case] user_format: UserFormat,
) {
    let (world, gate, id) = listening(TerminalConfig {
        record_format,
        user_format,
        ..config("A1")
    })
    .await;
    let told = Instant::now();
    for (count, pin) in (301..).zip(["1001", "1002", "1003", "1004", "1005"]) {
        gate.punch_by(pin, 1).unwrap();
        world.holds(id, count).await;
    }
    // After each the log is read; what an event tells whole is looked up there after two seconds of stillness.
    let took = told.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[tokio::test]
async fn the_log_is_asked_about_what_was_told_and_nothing_is_stored_twice() {
    let (world, gate, id) = listening(config("A1")).await;
    let reads = gate.activity().record_reads;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
    until("the read of the end of the log", async || {
        gate.activity().record_reads > reads
    })
    .await;
    world.shows(id, "its end", |status| !status.busy).await;
    assert_eq!(world.count(id).await, 301);
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
    let run = &world.reads(id).await[0];
    assert_eq!((run.seen, run.stored, run.stored_before), (1, 0, 1));
}

#[tokio::test]
async fn an_event_that_looks_like_a_known_punch_has_the_log_read_all_the_same() {
    let (world, gate, id) = listening(config("A1")).await;
    gate.set_faults(Faults {
        silence: Silence::Events,
        ..Faults::default()
    });
    gate.punch_by("1001", 0).unwrap();
    world.contact(id, &gate).await;
    world.holds(id, 301).await;
    gate.set_faults(Faults::default());
    // In the same second.
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 302).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[tokio::test]
async fn a_punch_by_somebody_just_enrolled_has_their_name() {
    let (world, gate, id) = listening(config("A1")).await;
    let new = zk_terminal::User {
        uid: 900,
        pin: "777".to_owned(),
        name: "Neu".to_owned(),
        ..gate.users()[0].clone()
    };
    gate.add_user(&new).unwrap();
    gate.punch_by("777", 0).unwrap();
    world.holds(id, 301).await;
    let punches = world.punches(id).await;
    assert_eq!(punches.last().unwrap().person_name, "Neu");
}

#[tokio::test]
async fn one_session_serves_contacts_commands_and_events() {
    let gate = terminal(
        TerminalConfig {
            max_connections: 1,
            ..config("A1")
        },
        contents(5, 300),
    )
    .await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    is_live(&world, id).await;
    let contacts = gate.activity().counter_reads;
    until("contacts", async || {
        gate.activity().counter_reads > contacts + 5
    })
    .await;
    world
        .collector
        .unlock(id, Duration::from_secs(2))
        .await
        .unwrap();
    world.collector.play_voice(id, 10).await.unwrap();
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
    let did = gate.activity();
    assert_eq!((did.sessions, did.turned_away, did.unlocks), (1, 0, 1));
    world.stop().await;
    assert_eq!(gate.activity().exits, 1);
}

#[tokio::test]
async fn a_terminal_set_to_off_is_free_between_contacts() {
    let gate = terminal(config("A1"), contents(5, 300)).await;
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    world.holds(id, 300).await;
    until("the end of the session", async || {
        gate.activity().exits == gate.activity().sessions
    })
    .await;
    assert_eq!(world.status(id).live, LiveState::Off);
    let on = TerminalChange {
        live: Some(LiveMode::Auto),
        ..TerminalChange::default()
    };
    world
        .ledger
        .update_terminal(id, on, crate::world::now())
        .await
        .unwrap();
    world.collector.reload();
    is_live(&world, id).await;
    let off = TerminalChange {
        live: Some(LiveMode::Off),
        ..TerminalChange::default()
    };
    world
        .ledger
        .update_terminal(id, off, crate::world::now())
        .await
        .unwrap();
    world.collector.reload();
    until("the end of the session", async || {
        gate.activity().exits == gate.activity().sessions
    })
    .await;
    assert_eq!(world.status(id).live, LiveState::Off);
}

#[tokio::test]
async fn a_terminal_that_refuses_to_tell_is_polled_and_says_why() {
    let live = LiveShape {
        registration: Registration::Refused(code::ACK_ERROR),
        ..LiveShape::default()
    };
    let gate = terminal(
        TerminalConfig {
            live,
            ..config("A1")
        },
        contents(5, 300),
    )
    .await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    waits(&world, id, "refuses to tell punches").await;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
    let traffic = gate.traffic();
    assert_eq!(traffic.of(code::REG_EVENT).packets_in, 1);
}

#[tokio::test]
async fn a_terminal_that_agrees_and_tells_nothing_is_polled_and_says_why() {
    let gate = terminal(config("A1"), contents(5, 300)).await;
    gate.set_faults(Faults {
        silence: Silence::Events,
        ..Faults::default()
    });
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    for more in 1..=4 {
        gate.punch_random().unwrap();
        world.holds(id, 300 + more).await;
    }
    waits(&world, id, "told none").await;
}

#[tokio::test]
async fn a_terminal_that_refused_while_somebody_was_at_its_menu_tells_soon_after() {
    let live = LiveShape {
        registration: Registration::Refused(code::ACK_ERROR),
        ..LiveShape::default()
    };
    let make = TerminalConfig {
        live,
        ..config("A1")
    };
    let gate = terminal(make, contents(5, 300)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    waits(&world, id, "refuses to tell punches").await;
    gate.set_live(LiveShape::default());
    pass(Duration::from_secs(61)).await;
    world.collector.sync_now(id);
    is_live(&world, id).await;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
    assert_eq!(world.punches(id).await.last().unwrap().source, Source::Live);
}

#[tokio::test]
async fn a_terminal_that_told_nothing_for_a_while_is_asked_again_soon() {
    let gate = terminal(config("A1"), contents(5, 300)).await;
    gate.set_faults(Faults {
        silence: Silence::Events,
        ..Faults::default()
    });
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    is_live(&world, id).await;
    for (pin, more) in [("1002", 1), ("1003", 2), ("1004", 3)] {
        gate.punch_by(pin, 1).unwrap();
        world.contact(id, &gate).await;
        world.holds(id, 300 + more).await;
    }
    waits(&world, id, "told none").await;
    gate.set_faults(Faults::default());
    pass(Duration::from_secs(61)).await;
    world.collector.sync_now(id);
    is_live(&world, id).await;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 304).await;
    assert_eq!(world.punches(id).await.last().unwrap().source, Source::Live);
}

#[tokio::test]
async fn a_terminal_that_does_not_know_how_to_tell_is_asked_once_a_day_at_most() {
    let live = LiveShape {
        registration: Registration::Refused(code::ACK_UNKNOWN),
        ..LiveShape::default()
    };
    let make = TerminalConfig {
        live,
        ..config("A1")
    };
    let gate = terminal(make, contents(5, 300)).await;
    let mut world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    waits(&world, id, "does not know how to tell punches").await;
    world.restart().await;
    world
        .shows(id, "a good contact", |status| {
            status.connected && !status.busy
        })
        .await;
    pass(Duration::from_mins(30)).await;
    world.contact(id, &gate).await;
    assert_eq!(gate.traffic().of(code::REG_EVENT).packets_in, 1);
    gate.set_live(LiveShape::default());
    pass(Duration::from_hours(24)).await;
    world.collector.sync_now(id);
    is_live(&world, id).await;
    assert!(
        !world
            .terminal(id)
            .await
            .info
            .learned
            .contains_key("no_live")
    );
}

#[tokio::test]
async fn a_silent_death_is_found_by_the_sign_of_life_and_made_good() {
    let (world, gate, id) = listening(config("A1")).await;
    gate.die_silently();
    // Nobody tells of this one.
    gate.punch_by("1001", 1).unwrap();
    pass(Duration::from_secs(59)).await;
    assert_eq!(gate.activity().sessions, 1);
    until("another session", async || {
        pass(Duration::from_secs(1)).await;
        gate.activity().sessions == 2
    })
    .await;
    world.holds(id, 301).await;
    is_live(&world, id).await;
    gate.punch_by("1002", 1).unwrap();
    world.holds(id, 302).await;
    assert_eq!(world.punches(id).await.last().unwrap().source, Source::Live);
    assert_eq!(world.status(id).consecutive_failures, 0);
}

#[tokio::test]
async fn an_open_session_in_which_nothing_happens_is_asked_for_a_sign_of_life_each_minute() {
    let (_world, gate, _id) = listening(config("A1")).await;
    for probes in 1..=3 {
        gate.reset_traffic();
        pass(Duration::from_secs(61)).await;
        until("a sign of life", async || {
            gate.traffic().of(code::GET_TIME).packets_out == 1
        })
        .await;
        assert_eq!(gate.activity().sessions, 1, "after {probes}");
    }
}

#[tokio::test]
async fn after_a_broken_session_the_log_is_read_and_punches_are_told_again() {
    let (world, gate, id) = listening(config("A1")).await;
    gate.set_faults(Faults {
        silence: Silence::Events,
        ..Faults::default()
    });
    gate.punch_by("1001", 1).unwrap();
    gate.set_faults(Faults::default());
    gate.cut_connections();
    world.holds(id, 301).await;
    is_live(&world, id).await;
    gate.punch_by("1002", 1).unwrap();
    world.holds(id, 302).await;
    assert_eq!(world.punches(id).await.last().unwrap().source, Source::Live);
}

#[tokio::test]
async fn a_terminal_that_ends_open_sessions_is_polled_and_says_why() {
    let (world, gate, id) = listening(config("A1")).await;
    for ended in 1..=3 {
        gate.cut_connections();
        until("another session", async || gate.activity().sessions > ended).await;
        if ended < 3 {
            is_live(&world, id).await;
        }
    }
    waits(&world, id, "ends sessions that stay open").await;
}

#[tokio::test]
async fn a_terminal_that_went_silent_is_connected_anew() {
    let (world, gate, id) = listening(config("A1")).await;
    gate.die_silently();
    // A contact finds out; between contacts a sign of life is asked for.
    world.collector.sync_now(id);
    until("another session", async || gate.activity().sessions == 2).await;
    is_live(&world, id).await;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
    assert_eq!(world.status(id).consecutive_failures, 0);
}

#[tokio::test]
async fn another_terminal_at_the_address_of_an_open_session_is_told_apart() {
    let (world, gate, id) = listening(config("A1")).await;
    gate.replace_with("B2", contents(5, 20)).unwrap();
    until("the successor", async || {
        world
            .ledger
            .terminal_by_identity("B2")
            .await
            .unwrap()
            .is_some()
    })
    .await;
    let successor = world
        .ledger
        .terminal_by_identity("B2")
        .await
        .unwrap()
        .unwrap();
    world.holds(successor.id, 20).await;
    assert_eq!(world.count(id).await, 300);
}

#[tokio::test]
async fn punches_are_told_over_udp_too() {
    let gate = terminal(config("A1"), contents(5, 300)).await;
    let world = World::new(SELDOM).await;
    let id = world
        .register_as(NewTerminal {
            transport: domain::Transport::Udp,
            ..terminal_at(&gate.address().to_string())
        })
        .await;
    world.holds(id, 300).await;
    is_live(&world, id).await;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
    assert_eq!(world.punches(id).await.last().unwrap().source, Source::Live);
}

#[tokio::test]
async fn a_stop_ends_an_open_session_with_exit() {
    let (world, gate, _) = listening(config("A1")).await;
    let asked = Instant::now();
    world.stop().await;
    assert!(
        asked.elapsed() < Duration::from_secs(20),
        "{:?}",
        asked.elapsed()
    );
    let did = gate.activity();
    assert_eq!((did.exits, did.ended_without_exit), (1, 0));
}

#[tokio::test]
async fn a_terminal_that_tells_another_program_instead_is_asked_anew() {
    let live = LiveShape {
        listeners: Listeners::Newest,
        ..LiveShape::default()
    };
    let gate = terminal(
        TerminalConfig {
            live,
            ..config("A1")
        },
        contents(5, 300),
    )
    .await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    is_live(&world, id).await;
    gate.punch_random().unwrap();
    world.holds(id, 301).await;
    let address = gate.address();
    let target = zk_client::Target::tcp(address.ip().to_string(), address.port());
    let mut other = zk_client::Session::connect(&target).await.unwrap();
    assert!(other.start_live().await.unwrap().agrees());
    other.close().await;
    let sessions = gate.activity().sessions;
    until("another session", async || {
        // One after the other is only found by a poll.
        if world.count(id).await == gate.punches().len() as u64 {
            gate.punch_random();
        }
        gate.activity().sessions > sessions
    })
    .await;
    is_live(&world, id).await;
}

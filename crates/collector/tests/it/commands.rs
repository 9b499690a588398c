use std::time::Duration;

use collector::{CommandError, Deleted, Saved, SavedUser, UserChange};
use domain::{Pin, Secret, TerminalId};
use jiff::SignedDuration;
use rstest::rstest;
use storage::{NewTerminal, TerminalChange};
use test_kit::terminal_at;
use zk_terminal::{Contents, Handle, TerminalConfig, User};
use zk_wire::{RowLayout, UserFormat};

use crate::world::{OFTEN, SELDOM, World, address, config, contents, terminal, until};

fn pin(text: &str) -> Pin {
    Pin::new(text).unwrap()
}

fn named(text: &str, name: &str) -> UserChange {
    UserChange {
        pin: pin(text),
        name: Some(name.to_owned()),
        privilege: None,
        password: None,
        card: None,
        group: None,
    }
}

fn user(terminal: &Handle, pin: &str) -> Option<User> {
    terminal.users().into_iter().find(|user| user.pin == pin)
}

fn is(result: &Result<SavedUser, CommandError>, saved: Saved) -> bool {
    matches!(result, Ok(user) if user.saved == saved)
}

/// A terminal that was read once and then is left alone.
async fn known(world: &World, gate: &Handle) -> TerminalId {
    let id = world.register(gate.address()).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    id
}

#[rstest]
#[case::small(UserFormat::B28, RowLayout::R16)]
#[case::large(UserFormat::B72, RowLayout::R40)]
#[tokio::test]
async fn users_are_added_changed_in_place_and_deleted(
    #[case] user_format: UserFormat,
    #[case] record_format: RowLayout,
) {
    let make = TerminalConfig {
        user_format,
        record_format,
        ..config("A1")
    };
    let gate = terminal(make, contents(4, 10)).await;
    let world = World::new(SELDOM).await;
    let id = known(&world, &gate).await;

    let new = UserChange {
        password: Some(Secret::new("1234".to_owned())),
        card: Some(4_711),
        ..named("555", "Bo")
    };
    assert_eq!(
        world.collector.save_user(id, new).await.unwrap().saved,
        Saved::Added
    );
    let added = user(&gate, "555").unwrap();
    assert_eq!((added.name.as_str(), added.card), ("Bo", 4_711));
    let people = world.ledger.enrolments(id).await.unwrap();
    assert!(
        people
            .iter()
            .any(|person| person.pin == pin("555") && person.has_password)
    );

    let saved = world
        .collector
        .save_user(id, named("555", "Bob"))
        .await
        .unwrap();
    assert_eq!(saved.saved, Saved::Updated);
    let changed = user(&gate, "555").unwrap();
    assert_eq!(
        changed,
        User {
            name: "Bob".to_owned(),
            ..added
        }
    );
    let saved = world
        .collector
        .save_user(id, named("555", "Bob"))
        .await
        .unwrap();
    assert_eq!(saved.saved, Saved::Unchanged);

    assert_eq!(
        world
            .collector
            .delete_user(id, pin("555"), false)
            .await
            .unwrap(),
        Deleted::Gone
    );
    assert_eq!(user(&gate, "555"), None);
    let people = world.ledger.enrolments(id).await.unwrap();
    assert!(people.iter().all(|person| person.pin != pin("555")));
    let again = world
        .collector
        .delete_user(id, pin("555"), false)
        .await
        .unwrap();
    assert_eq!(again, Deleted::WasAbsent);
}

#[tokio::test]
async fn many_users_are_saved_in_one_conversation_and_one_bad_one_stops_nobody() {
    let gate = terminal(config("A1"), contents(2, 10)).await;
    let world = World::new(SELDOM).await;
    let id = known(&world, &gate).await;
    let sessions = gate.activity().sessions;
    let changes = vec![
        named("501", "One"),
        UserChange {
            group: Some("east".to_owned()),
            ..named("502", "Two")
        },
        named("503", "Three"),
    ];
    let results = world
        .collector
        .save_users(id, changes, false)
        .await
        .unwrap();
    assert!(is(&results[0], Saved::Added) && is(&results[2], Saved::Added));
    assert!(
        matches!(&results[1], Err(CommandError::Invalid { reason }) if reason.contains("group_id"))
    );
    assert!(gate.activity().sessions <= sessions + 1);
    assert_eq!(gate.users().len(), 4);
}

#[tokio::test]
async fn many_users_are_read_back_together() {
    let gate = terminal(config("A1"), contents(2, 10)).await;
    let world = World::new(SELDOM).await;
    let id = known(&world, &gate).await;
    let before = gate.activity().user_reads;
    let mut changes: Vec<UserChange> = (1..=150)
        .map(|number| named(&format!("9{number:03}"), "New"))
        .collect();
    changes.push(named("9150", "Newer"));
    let results = world
        .collector
        .save_users(id, changes, false)
        .await
        .unwrap();
    assert!(
        results[..150].iter().all(|result| is(result, Saved::Added))
            && is(&results[150], Saved::Updated),
        "{results:?}"
    );
    assert_eq!(gate.users().len(), 152);
    assert_eq!(user(&gate, "9150").unwrap().name, "Newer");
    // Before, after the many, after the one that comes twice, and for the ledger.
    assert_eq!(gate.activity().user_reads, before + 4);
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let gate = terminal(config("A1"), contents(2, 10)).await;
    let world = World::new(SELDOM).await;
    let id = known(&world, &gate).await;
    let changes = vec![named("501", "One"), named("501", "Two")];
    let results = world.collector.save_users(id, changes, true).await.unwrap();
    assert!(
        is(&results[0], Saved::Added) && is(&results[1], Saved::Updated),
        "{results:?}"
    );
    assert_eq!(gate.activity().user_writes, 0);
}

#[tokio::test]
async fn the_last_administrator_stays_unless_forced() {
    let mut held = contents(3, 10);
    for (index, user) in held.users.iter_mut().enumerate() {
        user.privilege = if index == 0 { 14 } else { 0 };
    }
    let admin = pin(&held.users[0].pin);
    let gate = terminal(config("A1"), held).await;
    let world = World::new(SELDOM).await;
    let id = known(&world, &gate).await;
    let answer = world.collector.delete_user(id, admin.clone(), false).await;
    assert!(
        matches!(answer, Err(CommandError::LastAdmin { .. })),
        "{answer:?}"
    );
    assert_eq!(gate.users().len(), 3);
    assert_eq!(
        world.collector.delete_user(id, admin, true).await.unwrap(),
        Deleted::Gone
    );
    assert_eq!(gate.users().len(), 2);
}

#[tokio::test]
async fn the_first_user_of_an_empty_terminal_is_saved() {
    let gate = terminal(config("A1"), Contents::default()).await;
    let world = World::new(SELDOM).await;
    let id = known(&world, &gate).await;
    let saved = world
        .collector
        .save_user(id, named("1", "Ana"))
        .await
        .unwrap();
    assert_eq!(saved.saved, Saved::Added);
    assert_eq!(user(&gate, "1").unwrap().uid, 1);
}

#[tokio::test]
async fn a_full_terminal_refuses_one_more_user() {
    let make = TerminalConfig {
        user_capacity: 2,
        ..config("A1")
    };
    let gate = terminal(make, contents(2, 10)).await;
    let world = World::new(SELDOM).await;
    let id = known(&world, &gate).await;
    let answer = world.collector.save_user(id, named("501", "One")).await;
    assert!(
        matches!(answer, Err(CommandError::Refused { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_clock_is_set_to_the_wall_clock_of_the_terminals_zone() {
    let make = TerminalConfig {
        clock_offset: SignedDuration::from_hours(5),
        ..config("A1")
    };
    let gate = terminal(make, contents(2, 10)).await;
    let world = World::new(SELDOM).await;
    let zone = Some("Asia/Kolkata".to_owned());
    let id = world
        .register_as(NewTerminal {
            zone,
            ..terminal_at(&gate.address().to_string())
        })
        .await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    assert_eq!(world.status(id).health.clock_offset_secs, Some(-30 * 60));
    world.collector.set_clock(id).await.unwrap();
    assert_eq!(gate.time().to_string(), "2026-11-23T14:00:00");
    assert_eq!(world.status(id).health.clock_offset_secs, Some(0));
}

#[tokio::test]
async fn a_restart_is_asked_for_once() {
    let gate = terminal(config("A1"), contents(2, 10)).await;
    let world = World::new(SELDOM).await;
    let id = known(&world, &gate).await;
    world.collector.restart(id).await.unwrap();
    assert_eq!(gate.activity().restarts, 1);
}

#[tokio::test]
async fn a_terminal_that_is_off_is_not_polled_but_takes_commands() {
    let gate = terminal(config("A1"), contents(2, 10)).await;
    let world = World::new(OFTEN).await;
    let off = NewTerminal {
        enabled: false,
        ..terminal_at(&gate.address().to_string())
    };
    let id = world.register_as(off).await;
    until("its task", async || world.collector.status(id).is_some()).await;
    world.collector.sync_now(id);
    let saved = world
        .collector
        .save_user(id, named("501", "One"))
        .await
        .unwrap();
    assert_eq!(saved.saved, Saved::Added);
    assert_eq!(gate.activity().sessions, 1);
    assert_eq!(world.status(id).next_poll_at, None);

    let on = TerminalChange {
        enabled: Some(true),
        ..TerminalChange::default()
    };
    world
        .ledger
        .update_terminal(id, on, crate::world::now())
        .await
        .unwrap();
    world.collector.reload();
    world.holds(id, 10).await;
}

#[tokio::test]
async fn a_terminal_whose_address_is_changed_is_read_there() {
    let wrong = terminal(config("A1"), contents(2, 10)).await;
    let right = terminal(config("A1"), contents(2, 10)).await;
    right.punch_by("1001", 0).unwrap();
    let world = World::new(SELDOM).await;
    let id = world.register(wrong.address()).await;
    world.holds(id, 10).await;
    let moved = TerminalChange {
        address: Some(address(&right)),
        ..TerminalChange::default()
    };
    world
        .ledger
        .update_terminal(id, moved, crate::world::now())
        .await
        .unwrap();
    world.collector.reload();
    world.holds(id, 11).await;
}

#[tokio::test]
async fn changes_of_settings_never_open_a_second_connection() {
    let make = TerminalConfig {
        max_connections: 1,
        ..config("A1")
    };
    let gate = terminal(make, contents(20, 3_000)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    for millis in 0..20 {
        let change = TerminalChange {
            connect_timeout: Some(Some(Duration::from_millis(5_000 + millis))),
            ..TerminalChange::default()
        };
        world
            .ledger
            .update_terminal(id, change, crate::world::now())
            .await
            .unwrap();
        world.collector.reload();
        let sessions = gate.activity().sessions;
        until("the next session", async || {
            gate.activity().sessions > sessions
        })
        .await;
    }
    world.holds(id, 3_000).await;
    world.stop().await;
    let did = gate.activity();
    assert_eq!(did.turned_away, 0);
    assert_eq!((did.exits, did.ended_without_exit), (did.sessions, 0));
}

#[tokio::test]
async fn a_terminal_that_is_removed_and_registered_again_never_has_two_connections() {
    let make = TerminalConfig {
        max_connections: 1,
        ..config("A1")
    };
    let gate = terminal(make, contents(20, 20_000)).await;
    let world = World::new(SELDOM).await;
    let first = world.register(gate.address()).await;
    until("the read of the log", async || {
        gate.activity().record_reads > 0
    })
    .await;
    world
        .ledger
        .close_terminal(first, crate::world::now())
        .await
        .unwrap();
    world.collector.reload();
    let second = world.register(gate.address()).await;
    // It is the same terminal, so the first registration is in use again.
    world.holds(first, 20_000).await;
    assert!(world.terminal(second).await.closed_at.is_some());
    assert_eq!(gate.activity().turned_away, 0);
}

#[tokio::test]
async fn commands_to_a_terminal_that_is_not_registered_are_told_so() {
    let world = World::new(SELDOM).await;
    let answer = world.collector.set_clock(TerminalId(77)).await;
    assert!(
        matches!(answer, Err(CommandError::UnknownTerminal)),
        "{answer:?}"
    );
}

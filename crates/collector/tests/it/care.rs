//! Care for the terminal: its clock, its door, its display, and that people can punch.

use std::time::Duration;

use collector::{CommandError, DoorState};
use domain::{ClockPolicy, TerminalId};
use jiff::SignedDuration;
use rstest::rstest;
use storage::TerminalChange;
use zk_terminal::{Door, Effect, Faults, Handle, Refusal};
use zk_wire::code;

use crate::world::{SELDOM, World, config, contents, terminal, until};

async fn known() -> (World, Handle, TerminalId) {
    let gate = terminal(config("A1"), contents(5, 300)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    world
        .shows(id, "a good contact", |status| {
            status.connected && !status.busy
        })
        .await;
    (world, gate, id)
}

/// Also sets a timeout, which has the terminal connected anew: then the policy holds.
async fn with_policy(world: &World, gate: &Handle, id: TerminalId, policy: ClockPolicy) {
    let change = TerminalChange {
        clock_policy: Some(policy),
        connect_timeout: Some(Some(Duration::from_secs(7))),
        ..TerminalChange::default()
    };
    let sessions = gate.activity().sessions;
    world
        .ledger
        .update_terminal(id, change, crate::world::now())
        .await
        .unwrap();
    world.collector.reload();
    until("another session", async || {
        gate.activity().sessions > sessions && !world.status(id).busy
    })
    .await;
}

fn count(codes: &[String], wanted: &str) -> usize {
    codes.iter().filter(|code| *code == wanted).count()
}

#[tokio::test]
async fn a_clock_that_goes_wrong_is_shown_and_told_once() {
    let (world, gate, id) = known().await;
    gate.set_clock_offset(SignedDuration::from_mins(-7));
    world.contact(id, &gate).await;
    assert_eq!(world.status(id).health.clock_offset_secs, Some(-420));
    world.contact(id, &gate).await;
    let notices = world.ledger.notices(None, 10).await.unwrap();
    let told: Vec<_> = notices
        .iter()
        .filter(|notice| notice.code == "clock_wrong")
        .collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("7 minutes slow"), "{}", told[0].text);
    // It was only measured.
    assert_eq!(world.status(id).health.clock_offset_secs, Some(-420));
}

#[tokio::test]
async fn a_clock_is_set_by_its_policy_once_an_hour_at_most() {
    let (world, gate, id) = known().await;
    with_policy(&world, &gate, id, ClockPolicy::Correct { over_secs: 30 }).await;
    let off_by = async |secs: i64| {
        gate.set_clock_offset(SignedDuration::from_secs(secs));
        world.contact(id, &gate).await;
        world.status(id).health.clock_offset_secs
    };
    assert_eq!(off_by(20).await, Some(20));
    assert_eq!(off_by(50).await, Some(0));
    assert_eq!(off_by(-90).await, Some(-90));
    world.clock.turn(SignedDuration::from_mins(61));
    // Our clock went on by an hour, the virtual one did not.
    world.contact(id, &gate).await;
    assert_eq!(world.status(id).health.clock_offset_secs, Some(0));
    assert_eq!(count(&world.notices().await, "clock_set"), 2);
}

#[tokio::test]
async fn a_terminal_whose_clock_cannot_be_set_is_read_all_the_same() {
    let (world, gate, id) = known().await;
    gate.set_faults(Faults {
        refusal: Some(Refusal {
            command: code::SET_TIME,
            code: code::ACK_ERROR,
        }),
        ..Faults::default()
    });
    gate.set_clock_offset(SignedDuration::from_hours(2));
    with_policy(&world, &gate, id, ClockPolicy::Correct { over_secs: 30 }).await;
    gate.punch_by("1001", 1).unwrap();
    world.contact(id, &gate).await;
    world.holds(id, 301).await;
    assert_eq!(world.status(id).consecutive_failures, 0);
    let answer = world.collector.set_clock(id).await;
    assert!(
        matches!(answer, Err(CommandError::Refused { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn operators_open_the_door_play_a_sound_and_write_on_the_display() {
    let (world, gate, id) = known().await;
    let collector = &world.collector;
    collector.unlock(id, Duration::from_secs(3)).await.unwrap();
    collector.play_voice(id, 10).await.unwrap();
    collector
        .write_lcd(id, 1, "Grüß Gott".to_owned())
        .await
        .unwrap();
    collector.clear_lcd(id).await.unwrap();
    let done = gate.effects();
    assert_eq!(
        done,
        [
            Effect::Unlocked(Duration::from_secs(3)),
            Effect::Played(10),
            Effect::Written {
                line: 1,
                text: "Grüß Gott".as_bytes().to_vec()
            },
            Effect::DisplayCleared,
        ]
    );
    gate.set_door(Door::Open);
    let now = collector.terminal_state(id).await.unwrap();
    assert_eq!(now.door, Some(DoorState::Open));
    assert_eq!(now.clock_offset_secs, Some(0));
    let answer = collector.unlock(id, Duration::from_hours(1)).await;
    assert!(
        matches!(answer, Err(CommandError::Invalid { .. })),
        "{answer:?}"
    );
}

#[rstest]
#[case::by_a_person(true)]
#[case::at_the_next_contact(false)]
#[tokio::test]
async fn a_terminal_that_was_left_disabled_is_enabled_again(#[case] by_a_person: bool) {
    let (world, gate, id) = known().await;
    disable(&gate).await;
    assert!(gate.is_disabled());
    if by_a_person {
        world.collector.enable(id).await.unwrap();
    } else {
        let mut info = world.terminal(id).await.info;
        // As a program leaves it that was ended in the middle of a write.
        info.learned
            .insert("disabled_by_us".to_owned(), "for a write".to_owned());
        world.stop().await;
        world.ledger.save_terminal_info(id, &info).await.unwrap();
        let ledger = world.ledger;
        let world = World::with(ledger, SELDOM).await;
        until("that people can punch", async || !gate.is_disabled()).await;
        until("that it is written down", async || {
            let learned = world.terminal(id).await.info.learned;
            !learned.contains_key("disabled_by_us")
        })
        .await;
    }
    assert!(!gate.is_disabled());
}

/// As another program does.
async fn disable(gate: &Handle) {
    use zk_client::{Session, Target};
    let address = gate.address();
    let target = Target::tcp(address.ip().to_string(), address.port());
    let mut session = Session::connect(&target).await.unwrap();
    session.disable(Duration::from_hours(1)).await.unwrap();
    // Its connection breaks before it enables the terminal again.
    gate.cut_connections();
    drop(session);
}

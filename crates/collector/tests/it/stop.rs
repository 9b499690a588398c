use std::time::Duration;

use collector::CommandError;
use domain::Pin;
use tokio::time::Instant;
use zk_terminal::{Faults, Stall};

use crate::world::{OFTEN, SELDOM, World, config, contents, terminal, until};

#[tokio::test]
async fn a_stop_in_the_middle_of_a_table_is_quick_and_says_exit() {
    let gate = terminal(config("A1"), contents(20, 20_000)).await;
    let lasting = Duration::from_millis(1_500);
    gate.set_faults(Faults {
        stall: Some(Stall {
            after: 200_000,
            lasting,
        }),
        ..Faults::default()
    });
    let world = World::new(OFTEN).await;
    world.register(gate.address()).await;
    until("the read of the log", async || {
        gate.activity().record_reads > 0
    })
    .await;
    let asked = Instant::now();
    world.stop().await;
    assert!(
        asked.elapsed() < Duration::from_secs(20),
        "{:?}",
        asked.elapsed()
    );
    until("the end of the session", async || {
        let did = gate.activity();
        did.exits + did.ended_without_exit == did.sessions
    })
    .await;
    assert_eq!(gate.activity().ended_without_exit, 0);
}

#[tokio::test]
async fn a_stop_between_contacts_is_immediate() {
    let gate = terminal(config("A1"), contents(3, 30)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    let asked = Instant::now();
    world.stop().await;
    assert!(
        asked.elapsed() < Duration::from_secs(20),
        "{:?}",
        asked.elapsed()
    );
}

#[tokio::test]
async fn commands_after_the_stop_are_told_so() {
    let gate = terminal(config("A1"), contents(3, 30)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    world.begin_to_stop();
    let answer = world
        .collector
        .delete_user(id, Pin::new("1001").unwrap(), true)
        .await;
    assert!(
        matches!(answer, Err(CommandError::ShuttingDown)),
        "{answer:?}"
    );
    assert_eq!(gate.users().len(), 3);
}

#[tokio::test]
async fn what_contacts_learned_is_written_at_the_stop() {
    let gate = terminal(config("A1"), contents(3, 30)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 30).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    world.stop().await;
    let health = world.terminal(id).await.health;
    assert!(health.last_contact_at.is_some() && health.punches_read_at.is_some());
    assert_eq!(health.clock_offset_secs, Some(0));
}

//! Long reads: they go on after they broke off, and let short commands and events through.

use std::time::Duration;

use domain::Source;
use zk_terminal::{AnswerShape, Faults, TerminalConfig};

use crate::world::{SELDOM, World, config, contents, in_ledger, in_terminal, terminal, until};

/// Old firmware that takes its time for a long log.
fn slow() -> TerminalConfig {
    TerminalConfig {
        answers: AnswerShape {
            tcp_packet: 1_008,
            ..AnswerShape::default()
        },
        packet_pause: Duration::from_millis(4),
        ..config("A1")
    }
}

#[tokio::test]
async fn a_read_that_broke_off_goes_on_where_it_was() {
    let gate = terminal(config("A1"), contents(20, 20_000)).await;
    gate.set_faults(Faults {
        cut_after: Some(700_000),
        ..Faults::default()
    });
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    world.has_failed(id, "connection_lost").await;
    assert_eq!(world.count(id).await, 0);
    // Somebody punches meanwhile.
    gate.punch_by("1001", 0).unwrap();
    let before = gate.activity().table_bytes;
    world.collector.sync_now(id);
    world.holds(id, 20_001).await;
    let again = gate.activity().table_bytes - before;
    assert!(again < 250_000, "{again} bytes were read again");
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[tokio::test]
async fn a_read_that_broke_off_begins_anew_where_the_log_is_another_one() {
    let gate = terminal(config("A1"), contents(20, 20_000)).await;
    gate.set_faults(Faults {
        cut_after: Some(700_000),
        ..Faults::default()
    });
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    world.has_failed(id, "connection_lost").await;
    gate.clear_log();
    gate.fill_log(21_000);
    world.collector.sync_now(id);
    world.holds(id, 21_000).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[tokio::test]
async fn short_commands_go_between_two_pieces_of_a_long_log() {
    let gate = terminal(slow(), contents(20, 20_000)).await;
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    until("the read of the log", async || {
        gate.activity().table_bytes > 70_000
    })
    .await;
    let seconds = Duration::from_secs(3);
    world.collector.unlock(id, seconds).await.unwrap();
    world.collector.set_clock(id).await.unwrap();
    world.collector.terminal_state(id).await.unwrap();
    assert_eq!(gate.activity().unlocks, 1);
    assert!(
        gate.activity().table_bytes < 800_000,
        "the log was not over"
    );
    assert_eq!(world.count(id).await, 0);
    world.holds(id, 20_000).await;
    assert_eq!(gate.activity().sessions, 1);
}

#[tokio::test]
async fn a_command_that_needs_the_buffer_waits_for_the_end_of_the_log() {
    let gate = terminal(slow(), contents(20, 20_000)).await;
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    until("the read of the log", async || {
        gate.activity().table_bytes > 70_000
    })
    .await;
    let user = collector::UserChange {
        pin: domain::Pin::new("501").unwrap(),
        name: Some("One".to_owned()),
        privilege: None,
        password: None,
        card: None,
        group: None,
    };
    world.collector.save_user(id, user).await.unwrap();
    assert_eq!(world.count(id).await, 20_000);
}

#[tokio::test]
async fn a_punch_during_a_long_read_is_stored_before_its_end() {
    let gate = terminal(slow(), contents(20, 20_000)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    until("the read of the log", async || {
        gate.activity().table_bytes > 70_000
    })
    .await;
    gate.punch_by("1001", 0).unwrap();
    world.holds(id, 1).await;
    assert_eq!(world.punches(id).await[0].source, Source::Live);
    assert!(
        gate.activity().table_bytes < 800_000,
        "the log was not over"
    );
    world.holds(id, 20_001).await;
}

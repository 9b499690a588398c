use std::time::Duration;

use collector::LiveState;
use domain::TerminalId;
use rstest::rstest;
use storage::{RunKind, RunOutcome};
use zk_terminal::{EventInside, Faults, Order, Repeat, Stall};

use crate::world::{
    OFTEN, SELDOM, World, config, contents, in_ledger, in_terminal, terminal, until,
};

#[tokio::test]
async fn a_read_that_breaks_off_stores_nothing_half_and_the_next_one_all() {
    let gate = terminal(config("A1"), contents(20, 5_000)).await;
    gate.set_faults(Faults {
        cut_after: Some(100_000),
        ..Faults::default()
    });
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.has_failed(id, "connection_lost").await;
    assert_eq!(world.count(id).await, 0);
    world.collector.sync_now(id);
    world.holds(id, 5_000).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
    world
        .shows(id, "that all is well again", |status| {
            status.connected && status.health.last_error.is_none()
        })
        .await;
}

#[rstest]
#[case::doubled(Faults { replies: Repeat::Twice, ..Faults::default() })]
#[case::byte_by_byte(Faults { write_size: Some(7), ..Faults::default() })]
#[case::with_an_event(Faults { event_inside_table: EventInside::AfterFirstPacket, ..Faults::default() })]
#[tokio::test]
async fn a_log_is_whole_over_a_strange_connection(#[case] faults: Faults) {
    let gate = terminal(config("A1"), contents(20, 1_000)).await;
    gate.set_faults(faults);
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 1_000).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[rstest]
#[case::lossy(Faults { udp_loss_percent: 2, ..Faults::default() })]
#[case::swapped(Faults { udp_order: Order::Swapped, ..Faults::default() })]
#[case::doubled(Faults { replies: Repeat::Twice, ..Faults::default() })]
#[tokio::test]
async fn a_log_is_whole_over_a_bad_datagram_network(#[case] faults: Faults) {
    let gate = terminal(config("A1"), contents(20, 1_000)).await;
    gate.set_faults(faults);
    let world = World::new(SELDOM).await;
    let id = by_udp(&world, &gate.address().to_string()).await;
    world.holds(id, 1_000).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

async fn by_udp(world: &World, address: &str) -> TerminalId {
    let transport = domain::Transport::Udp;
    world
        .register_as(storage::NewTerminal {
            transport,
            ..test_kit::terminal_at(address)
        })
        .await
}

#[tokio::test]
async fn a_terminal_that_fails_or_hangs_does_not_disturb_another() {
    let hanging = terminal(config("A1"), contents(20, 5_000)).await;
    let lasting = Duration::from_hours(1);
    hanging.set_faults(Faults {
        stall: Some(Stall {
            after: 50_000,
            lasting,
        }),
        ..Faults::default()
    });
    let good = terminal(config("B2"), contents(20, 1_000)).await;
    let world = World::new(OFTEN).await;
    let dead = world.register(([127, 0, 0, 1], 9).into()).await;
    let slow = world.register(hanging.address()).await;
    until("the read that hangs", async || {
        hanging.activity().record_reads > 0
    })
    .await;
    let id = world.register(good.address()).await;
    world.holds(id, 1_000).await;
    good.punch_by("1001", 0).unwrap();
    world.holds(id, 1_001).await;
    assert_eq!((world.count(dead).await, world.count(slow).await), (0, 0));
    world.has_failed(dead, "unreachable").await;
}

#[tokio::test]
async fn failures_in_a_row_for_one_cause_are_one_entry_in_the_history() {
    let world = World::new(SELDOM).await;
    let id = world.register(([127, 0, 0, 1], 9).into()).await;
    for failures in 1..=3 {
        world
            .shows(id, "one more failure", |status| {
                status.consecutive_failures == failures
            })
            .await;
        until("its entry", async || tries(&world, id).await == failures).await;
        world.collector.sync_now(id);
    }
    let runs = world.ledger.sync_runs(Some(id), None, 10).await.unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(
        (runs[0].kind, runs[0].outcome),
        (RunKind::Contact, RunOutcome::Failed)
    );
    let text = runs[0].error.as_deref().unwrap();
    assert!(text.contains("nothing listens at 127.0.0.1:9"), "{text}");
}

async fn tries(world: &World, id: TerminalId) -> u32 {
    let runs = world.ledger.sync_runs(Some(id), None, 10).await.unwrap();
    runs.first().map_or(0, |run| run.tries)
}

#[rstest]
#[case::a_cut_in_each_connection("cut-all=20000")]
#[case::turned_away("busy=reset")]
#[case::no_key_is_right("busy=unauth")]
#[case::wrong_checksums("checksum=wrong")]
#[case::a_table_that_ends_early("truncate=500")]
#[case::a_size_of_4_gib("announced=4294967295")]
#[case::fewer_rows_than_it_says("declared=-400")]
#[case::garbage_between_frames("garbage=20")]
#[case::swapped_packets("tcp-order=swapped")]
#[case::the_packet_before_once_more("repeat=previous")]
#[case::a_code_never_seen("refuse=1503:4989")]
#[tokio::test]
async fn the_ledger_is_complete_once_a_fault_ends(#[case] fault: &str) {
    let gate = terminal(config("A1"), contents(20, 5_000)).await;
    let answer = gate.obey(&format!("fault {fault}"));
    assert!(answer.is_ok(), "{answer:?}");
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    until("what comes of it", async || {
        world.status(id).consecutive_failures > 0 || world.count(id).await > 0
    })
    .await;
    gate.set_faults(Faults::default());
    gate.punch_by("1001", 5).unwrap();
    world.holds(id, 5_001).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[tokio::test]
async fn a_terminal_whose_reply_numbers_are_off_is_read_over_tcp_and_told_of_once() {
    let gate = terminal(config("A1"), contents(5, 3_000)).await;
    gate.set_faults(Faults {
        reply_number_off: 1,
        ..Faults::default()
    });
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 3_000).await;
    world
        .shows(id, "an open session", |status| {
            matches!(status.live, LiveState::On { .. }) && !status.busy
        })
        .await;
    gate.cut_connections();
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 3_001).await;
    assert_eq!(world.notices().await, ["reply_numbers_off"]);
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

//! Clearing the log of a terminal, which is not to be undone.

use std::time::Duration;

use collector::{ClearRequest, CommandError};
use domain::TerminalId;
use rstest::rstest;
use zk_terminal::{CounterShape, Faults, Handle, TerminalConfig};
use zk_wire::RowLayout;

use crate::world::{SELDOM, World, config, contents, terminal, until};

async fn known(make: TerminalConfig) -> (World, Handle, TerminalId) {
    let gate = terminal(make, contents(5, 3_000)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 3_000).await;
    (world, gate, id)
}

fn by_ana(serial: &str) -> ClearRequest {
    ClearRequest {
        serial: serial.to_owned(),
        by: "ana".to_owned(),
    }
}

#[tokio::test]
async fn a_log_is_cleared_after_all_of_it_is_stored_and_copied() {
    let (world, gate, id) = known(config("A1")).await;
    gate.fill_log(20);
    let rows = gate.punches();
    let cleared = world.collector.clear_log(id, by_ana("A1")).await.unwrap();
    assert_eq!(cleared.rows, 3_020);
    assert_eq!((gate.punches().len(), gate.activity().clears), (0, 1));
    assert_eq!(world.count(id).await, 3_020);
    let copy = std::fs::read(&cleared.copy).unwrap();
    assert_eq!(copy.len(), 3_020 * 40);
    let last = RowLayout::R40.decode(&copy[3_019 * 40..]).unwrap();
    assert_eq!(last.who.to_string(), rows[3_019].pin);
    assert!(!gate.is_disabled());
    assert_eq!(world.notices().await[0], "log_cleared");
    // And from there on as before.
    gate.set_clock_offset(jiff::SignedDuration::from_mins(1));
    gate.punch_by("1001", 0).unwrap();
    world.holds(id, 3_021).await;
}

#[tokio::test]
async fn a_terminal_whose_session_breaks_off_while_nobody_can_punch_is_enabled_within_moments() {
    let (world, gate, id) = known(config("A1")).await;
    gate.set_faults(Faults {
        answer_delay: Duration::from_millis(50),
        ..Faults::default()
    });
    let breaks_off = async {
        until("that nobody can punch", async || gate.is_disabled()).await;
        gate.cut_connections();
    };
    let (answer, ()) = tokio::join!(world.collector.clear_log(id, by_ana("A1")), breaks_off);
    assert!(answer.is_err(), "{answer:?}");
    // The next regular contact is in an hour.
    until("that people can punch", async || !gate.is_disabled()).await;
}

#[tokio::test]
async fn the_serial_number_says_which_terminal_is_meant() {
    let (world, gate, id) = known(config("A1")).await;
    let answer = world.collector.clear_log(id, by_ana("B2")).await;
    assert!(
        matches!(answer, Err(CommandError::Refused { .. })),
        "{answer:?}"
    );
    assert_eq!(gate.punches().len(), 3_000);
}

#[rstest]
#[case::counts_nothing(CounterShape::Unknown, "does not say")]
#[case::says_none(CounterShape::NoRecords, "does not say")]
#[case::says_one_too_many(CounterShape::OneTooMany, "does not add up")]
#[tokio::test]
async fn a_log_that_does_not_add_up_is_not_cleared(
    #[case] counters: CounterShape,
    #[case] because: &str,
) {
    let (world, gate, id) = known(TerminalConfig {
        counters,
        ..config("A1")
    })
    .await;
    let answer = world.collector.clear_log(id, by_ana("A1")).await;
    let error = answer.unwrap_err().to_string();
    assert!(error.contains(because), "{error}");
    assert_eq!((gate.punches().len(), gate.activity().clears), (3_000, 0));
}

#[rstest]
#[case::it_does_not_say(CounterShape::Unknown, "did not say right before")]
#[case::somebody_punched(CounterShape::Records(3_001), "somebody punched")]
#[case::rows_are_gone(CounterShape::Records(2_999), "has 2999 now")]
#[tokio::test]
async fn a_count_right_before_that_is_not_the_one_that_was_stored_is_told_for_what_it_is(
    #[case] counters: CounterShape,
    #[case] because: &str,
) {
    let (world, gate, id) = known(config("A1")).await;
    gate.set_faults(Faults {
        answer_delay: Duration::from_millis(50),
        ..Faults::default()
    });
    let changes = async {
        until("that nobody can punch", async || gate.is_disabled()).await;
        gate.set_counters(counters);
    };
    let (answer, ()) = tokio::join!(world.collector.clear_log(id, by_ana("A1")), changes);
    let error = answer.unwrap_err().to_string();
    assert!(error.contains(because), "{error}");
    assert!(
        error.to_lowercase().contains("nothing was cleared"),
        "{error}"
    );
    assert_eq!((gate.punches().len(), gate.activity().clears), (3_000, 0));
    assert!(!gate.is_disabled());
}

#[tokio::test]
async fn without_a_place_for_the_copy_nothing_is_cleared() {
    let (world, gate, id) = known(config("A1")).await;
    // A file stands where the folder should be.
    std::fs::write(world.ledger.dir().join("log-copies"), b"").unwrap();
    let answer = world.collector.clear_log(id, by_ana("A1")).await;
    let error = answer.unwrap_err().to_string();
    assert!(error.contains("nothing was cleared"), "{error}");
    assert_eq!((gate.punches().len(), gate.activity().clears), (3_000, 0));
    assert!(!gate.is_disabled());
}

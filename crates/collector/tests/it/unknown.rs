//! Logs that nobody can read, in whole or in part: their bytes are kept, people are told, and nothing is made up of them.

use collector::{ClearRequest, CommandError};
use rstest::rstest;
use zk_terminal::{CounterShape, Handle, TerminalConfig};
use zk_wire::{PunchRow, RowLayout, WireTime};

use crate::world::{SELDOM, World, config, contents, in_ledger, in_terminal, terminal};

fn row(layout: RowLayout, nth: u16) -> Vec<u8> {
    let (hour, minute) = (6 + nth / 60, nth % 60);
    let small = |value: u16| u8::try_from(value).unwrap();
    let punch = PunchRow {
        uid: nth % 5 + 1,
        pin: (1_001 + nth % 5).to_string(),
        time: WireTime::new(2026, 11, 20, small(hour), small(minute), 7).unwrap(),
        state: small(nth % 2),
        verify: 1,
        work_code: 0,
    };
    let mut row = Vec::new();
    layout.encode(&punch, &mut row);
    row
}

fn rows(layout: RowLayout, numbers: std::ops::Range<u16>) -> Vec<u8> {
    numbers.flat_map(|nth| row(layout, nth)).collect()
}

async fn gate(make: TerminalConfig, punches: usize, log: Vec<u8>) -> Handle {
    let gate = terminal(make, contents(5, punches)).await;
    gate.say_log(Some(log));
    gate
}

/// The kept rows, in their order.
async fn kept(world: &World, id: domain::TerminalId) -> Vec<Vec<u8>> {
    let rows = world.ledger.unreadable_rows(Some(id), None, 1_000).await;
    rows.unwrap().into_iter().map(|row| row.raw).collect()
}

async fn has_read(world: &World, id: domain::TerminalId) {
    world
        .shows(id, "a good contact", |status| {
            status.connected && !status.busy
        })
        .await;
}

#[rstest]
#[case::that_the_terminal_counts(CounterShape::B92, 3, vec![44, 44, 44])]
#[case::that_nobody_counts(CounterShape::Unknown, 3, vec![132])]
#[case::of_many_bytes(CounterShape::Unknown, 200, vec![3_920, 3_920, 960])]
#[tokio::test]
async fn a_log_in_no_known_layout_is_kept_raw_and_told_once(
    #[case] counters: CounterShape,
    #[case] count: u16,
    #[case] pieces: Vec<usize>,
) {
    let odd: Vec<u8> = (0..count)
        .flat_map(|nth| [vec![0xee; 42], nth.to_le_bytes().to_vec()].concat())
        .collect();
    let make = TerminalConfig {
        counters,
        ..config("A1")
    };
    let gate = gate(make, usize::from(count), odd.clone()).await;
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    has_read(&world, id).await;
    let raw = kept(&world, id).await;
    assert_eq!(raw.iter().map(Vec::len).collect::<Vec<_>>(), pieces);
    assert_eq!(raw.concat(), odd);
    assert_eq!(world.count(id).await, 0);
    let run = world.reads(id).await.remove(0);
    assert_eq!((run.stored, run.unreadable), (0, pieces.len() as u64));
    assert_eq!((run.difference.unwrap_or(0), run.error), (0, None));
    world.contact(id, &gate).await;
    assert_eq!(world.notices().await, ["layout_unknown"]);
    assert_eq!(kept(&world, id).await.len(), pieces.len());

    // Until an update, or another firmware.
    gate.say_log(None);
    world.collector.read_all(id).await.unwrap();
    world.holds(id, u64::from(count)).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
    let learned = world.terminal(id).await.info.learned;
    assert!(!learned.contains_key("layout_unknown"), "{learned:?}");
}

#[tokio::test]
async fn a_log_in_no_known_layout_is_not_cleared() {
    let gate = gate(config("A1"), 3, vec![0xee; 132]).await;
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    has_read(&world, id).await;
    let request = ClearRequest {
        serial: "A1".to_owned(),
        by: "ana".to_owned(),
    };
    let refused = world.collector.clear_log(id, request).await.unwrap_err();
    assert!(matches!(refused, CommandError::Refused { .. }), "{refused}");
    assert!(
        refused.to_string().contains("no layout that is known"),
        "{refused}"
    );
    assert_eq!(gate.punch_count(), 3);
}

#[tokio::test]
async fn what_was_kept_in_pieces_becomes_punches_once_the_layout_is_known_though_the_log_has_it_no_more()
 {
    // Five bytes too many: where the rows are nobody can be sure.
    let log = [rows(RowLayout::R40, 0..98), vec![1, 2, 3, 4, 5]].concat();
    let make = TerminalConfig {
        counters: CounterShape::Unknown,
        ..config("A1")
    };
    let gate = gate(make, 98, log).await;
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    has_read(&world, id).await;
    assert_eq!(
        (world.count(id).await, kept(&world, id).await.len()),
        (0, 2)
    );
    gate.say_log(Some(rows(RowLayout::R40, 100..110)));
    world.contact(id, &gate).await;
    world.holds(id, 108).await;
    assert_eq!(kept(&world, id).await, [vec![1, 2, 3, 4, 5]]);
}

#[tokio::test]
async fn rows_of_4_bytes_among_rows_of_8_are_kept_raw_whatever_their_number() {
    let make = TerminalConfig {
        record_format: RowLayout::B8,
        counters: CounterShape::Unknown,
        ..config("A1")
    };
    let short = |nth: u8| vec![nth, 0, 0x48, 17];
    let good = rows(RowLayout::B8, 0..60);
    let one = [good.clone(), short(1)].concat();
    let gate = gate(make, 61, one.clone()).await;
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    world.holds(id, 60).await;
    has_read(&world, id).await;
    assert_eq!(kept(&world, id).await, [short(1)]);
    let run = world.reads(id).await.remove(0);
    assert_eq!((run.stored, run.unreadable), (60, 1));

    // What was a short row is the beginning of a longer one now: read again, and no punch is made of it.
    gate.say_log(Some([one.clone(), short(2)].concat()));
    world.contact(id, &gate).await;
    assert_eq!(
        kept(&world, id).await,
        [short(1), [short(1), short(2)].concat()]
    );
    gate.say_log(Some([one, short(2), rows(RowLayout::B8, 61..64)].concat()));
    world.contact(id, &gate).await;
    world.holds(id, 63).await;
}

#[tokio::test]
async fn punches_of_slots_wait_raw_while_the_terminal_does_not_hand_out_its_users() {
    let make = TerminalConfig {
        record_format: RowLayout::A8,
        ..config("A1")
    };
    let gate = terminal(make, contents(5, 40)).await;
    gate.say_users(Some(vec![0xee; 31]));
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    has_read(&world, id).await;
    assert_eq!(
        (world.count(id).await, kept(&world, id).await.len()),
        (0, 40)
    );
    let run = world.reads(id).await.remove(0);
    assert_eq!(
        (run.stored, run.unreadable, run.difference),
        (0, 40, Some(0))
    );
    // Nobody knows more by now.
    assert_eq!(world.collector.reread_unreadable(id).await.unwrap(), 0);

    gate.say_users(None);
    world.collector.read_all(id).await.unwrap();
    world.holds(id, 40).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
    assert_eq!(kept(&world, id).await.len(), 0);
}

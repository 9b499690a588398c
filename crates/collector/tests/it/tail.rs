//! Reading only what is new, whatever happened to the log meanwhile.

use domain::{LiveMode, LogPosition, TerminalId};
use jiff::SignedDuration;
use rstest::rstest;
use storage::{Intake, ReadHow, RunKind, RunResult, TerminalChange};
use test_kit::TempLedger;
use zk_terminal::{
    CounterShape, Faults, Handle, Lie, OffsetReads, TerminalConfig, Traffic, WhenFull,
};
use zk_wire::{PunchRow, RowLayout, UserFormat, WireTime, code};

use crate::world::{SELDOM, World, config, contents, in_ledger, in_terminal, now, terminal, until};

/// A terminal that was read once, and is contacted when a test says so.
async fn known(make: TerminalConfig, rows: usize) -> (World, Handle, TerminalId) {
    let gate = terminal(make, contents(5, rows)).await;
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    world.holds(id, rows as u64).await;
    world
        .shows(id, "a good contact", |status| {
            status.connected && !status.busy
        })
        .await;
    (world, gate, id)
}

/// What a contact costs.
async fn cost(world: &World, id: TerminalId, gate: &Handle) -> Traffic {
    gate.reset_traffic();
    world.contact(id, gate).await;
    gate.traffic()
}

fn all_of_it(traffic: &Traffic) -> (u64, u64, u64, u64) {
    let Traffic {
        packets_in,
        packets_out,
        bytes_in,
        bytes_out,
        ..
    } = traffic;
    (*packets_in, *packets_out, *bytes_in, *bytes_out)
}

async fn everything_is_there(world: &World, id: TerminalId, gate: &Handle) {
    let (ledger, terminal) = (in_ledger(&world.punches(id).await), in_terminal(gate));
    assert!(terminal.is_subset(&ledger));
}

/// A terminal with a long log that the ledger takes for read.
async fn taken_for_read(rows: usize, capacity: u32) -> (World, Handle, TerminalId) {
    let make = TerminalConfig {
        record_capacity: capacity,
        ..config("A1")
    };
    let gate = terminal(make, contents(5, 0)).await;
    gate.fill_log(rows);
    let ledger = TempLedger::new().await;
    let address = gate.address().to_string();
    let id = ledger.known_terminal(&address, "A1", now()).await.id;
    let off = TerminalChange {
        live: Some(LiveMode::Off),
        ..TerminalChange::default()
    };
    ledger.update_terminal(id, off, now()).await.unwrap();
    let run = ledger.start_run(id, RunKind::Punches, now()).await.unwrap();
    let proof = RunResult {
        how: Some(ReadHow::Full),
        ..RunResult::default()
    };
    ledger.finish_run(run, proof, now()).await.unwrap();
    let mut intake = Intake::of(id, Vec::new());
    intake.position = Some(LogPosition {
        rows: rows as u64,
        row_size: 40,
        layout: "40".to_owned(),
        last_rows: last_rows(&gate),
        counters: None,
    });
    ledger.ingest(intake, now()).await.unwrap();
    let world = World::with(ledger, SELDOM).await;
    world
        .shows(id, "a good contact", |status| {
            status.connected && !status.busy
        })
        .await;
    (world, gate, id)
}

fn last_rows(gate: &Handle) -> Vec<Vec<u8>> {
    let small = |number: i8| u8::try_from(number).unwrap();
    let row = |punch: &zk_terminal::Punch| {
        let time = punch.time;
        let row = PunchRow {
            uid: punch.uid,
            pin: punch.pin.clone(),
            time: WireTime::new(
                u16::try_from(time.year()).unwrap(),
                small(time.month()),
                small(time.day()),
                small(time.hour()),
                small(time.minute()),
                small(time.second()),
            )
            .unwrap(),
            state: punch.state,
            verify: punch.verify,
            work_code: punch.work_code,
        };
        let mut bytes = Vec::new();
        RowLayout::R40.encode(&row, &mut bytes);
        bytes
    };
    let punches = gate.punches();
    let from = punches.len() - LogPosition::MOST_ROWS;
    punches[from..].iter().map(row).collect()
}

#[rstest]
#[case::with_room(1_000_000, 3)]
#[case::full(0, 4)]
#[tokio::test]
async fn what_a_contact_costs_does_not_grow_with_the_log(
    #[case] room: u32,
    #[case] parts_for_ten: u64,
) {
    let mut costs = Vec::new();
    for rows in [2_000, 100_000, 500_000] {
        let capacity = u32::try_from(rows).unwrap() + room;
        let (world, gate, id) = taken_for_read(rows, capacity).await;
        let nothing = cost(&world, id, &gate).await;
        gate.fill_log(10);
        let ten = cost(&world, id, &gate).await;
        // What was taken for read is not stored.
        assert_eq!(world.count(id).await, 10);
        assert!(ten.of(code::READ_BUFFER).packets_in <= parts_for_ten);
        println!(
            "{rows} rows, room for {room}: nothing new {} round trips, {} bytes; ten new {} round trips, {} bytes",
            nothing.round_trips(),
            nothing.bytes_in + nothing.bytes_out,
            ten.round_trips(),
            ten.bytes_in + ten.bytes_out
        );
        costs.push((all_of_it(&nothing), all_of_it(&ten)));
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    // Connect, serial number, counters, clock, exit; and where the counters say nothing, four rows.
    let (nothing, _) = costs[0];
    assert!(nothing.0 <= 9 && nothing.3 < 1_000, "{nothing:?}");
}

#[tokio::test]
async fn a_full_log_that_rolled_over_is_read_from_a_window_at_its_end() {
    let make = TerminalConfig {
        record_capacity: 5_000,
        ..config("A1")
    };
    let (world, gate, id) = known(make, 5_000).await;
    for _ in 0..3 {
        gate.fill_log(200);
        world.contact(id, &gate).await;
        assert_eq!(world.reads(id).await[0].how, Some(ReadHow::Window));
        everything_is_there(&world, id, &gate).await;
    }
    assert_eq!(world.count(id).await, 5_600);
}

#[tokio::test]
async fn a_full_log_that_rolled_over_beyond_the_window_is_read_whole() {
    let make = TerminalConfig {
        record_capacity: 5_000,
        ..config("A1")
    };
    let (world, gate, id) = known(make, 5_000).await;
    gate.fill_log(3_000);
    world.contact(id, &gate).await;
    assert_eq!(world.reads(id).await[0].how, Some(ReadHow::Full));
    assert_eq!(world.count(id).await, 8_000);
    everything_is_there(&world, id, &gate).await;
}

#[tokio::test]
async fn a_full_log_that_refuses_new_rows_is_no_trouble() {
    let make = TerminalConfig {
        record_capacity: 2_000,
        when_full: WhenFull::Refuse,
        ..config("A1")
    };
    let (world, gate, id) = known(make, 2_000).await;
    assert_eq!(gate.punch_by("1001", 0), None);
    world.contact(id, &gate).await;
    assert_eq!(world.count(id).await, 2_000);
    gate.clear_log();
    gate.fill_log(5);
    world.contact(id, &gate).await;
    assert_eq!(world.count(id).await, 2_005);
}

#[rstest]
#[case::to_less(500)]
#[case::to_the_same(3_000)]
#[case::to_more(3_500)]
#[tokio::test]
async fn a_log_that_was_cleared_and_filled_again_is_read_anew(
    #[case] rows: usize,
    #[values(CounterShape::B92, CounterShape::Unknown)] counters: CounterShape,
) {
    let make = TerminalConfig {
        counters,
        ..config("A1")
    };
    let (world, gate, id) = known(make, 3_000).await;
    gate.clear_log();
    gate.fill_log(rows);
    world.contact(id, &gate).await;
    assert_eq!(world.count(id).await, 3_000 + rows as u64);
    everything_is_there(&world, id, &gate).await;
    // And from there on as before.
    gate.fill_log(7);
    world.contact(id, &gate).await;
    assert_eq!(world.count(id).await, 3_007 + rows as u64);
}

#[tokio::test]
async fn a_log_that_was_cleared_and_stays_empty_is_not_read_over_and_over() {
    let (world, gate, id) = known(config("A1"), 3_000).await;
    gate.clear_log();
    world.contact(id, &gate).await;
    let runs = world.reads(id).await.len();
    world.contact(id, &gate).await;
    world.contact(id, &gate).await;
    assert_eq!(world.reads(id).await.len(), runs);
    gate.punch_by("1001", 0).unwrap();
    world.contact(id, &gate).await;
    assert_eq!(world.count(id).await, 3_001);
}

#[tokio::test]
async fn rows_out_of_the_order_of_time_are_new_all_the_same() {
    let (world, gate, id) = known(config("A1"), 3_000).await;
    for days in [-3, 2, -20] {
        gate.set_clock_offset(SignedDuration::from_hours(24 * days));
        gate.punch_by("1002", 1).unwrap();
        world.contact(id, &gate).await;
        assert_eq!(world.reads(id).await[0].how, Some(ReadHow::Tail));
    }
    assert_eq!(world.count(id).await, 3_003);
    everything_is_there(&world, id, &gate).await;
}

#[rstest]
#[case::counts_nothing(CounterShape::Unknown)]
#[case::says_none(CounterShape::NoRecords)]
#[case::says_one_too_many(CounterShape::OneTooMany)]
#[tokio::test]
async fn without_counters_to_trust_only_the_end_is_read(#[case] counters: CounterShape) {
    let make = TerminalConfig {
        counters,
        ..config("A1")
    };
    let (world, gate, id) = known(make, 20_000).await;
    let nothing = cost(&world, id, &gate).await;
    assert!(nothing.bytes_out < 2_000, "{nothing:?}");
    gate.punch_by("1001", 1).unwrap();
    world.contact(id, &gate).await;
    assert_eq!(world.count(id).await, 20_001);
    assert_eq!(world.reads(id).await[0].how, Some(ReadHow::Tail));
}

#[rstest]
#[tokio::test]
async fn the_end_is_read_in_each_format(
    #[values(
        (RowLayout::A8, UserFormat::B28),
        (RowLayout::B8, UserFormat::B28),
        (RowLayout::R16, UserFormat::B28),
        (RowLayout::R49, UserFormat::B72)
    )]
    formats: (RowLayout, UserFormat),
) {
    let make = TerminalConfig {
        record_format: formats.0,
        user_format: formats.1,
        ..config("A1")
    };
    let (world, gate, id) = known(make, 3_000).await;
    gate.fill_log(12);
    world.contact(id, &gate).await;
    assert_eq!(world.reads(id).await[0].how, Some(ReadHow::Tail));
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[rstest]
#[case::refused(OffsetReads::Refused(code::ACK_ERROR))]
#[case::from_the_beginning(OffsetReads::IgnoresOffset)]
#[case::half(OffsetReads::ShortAnswer)]
#[tokio::test]
async fn a_terminal_that_gives_no_parts_is_read_whole_and_people_are_told_once(
    #[case] offset_reads: OffsetReads,
) {
    let make = TerminalConfig {
        offset_reads,
        ..config("A1")
    };
    let (mut world, gate, id) = known(make, 5_000).await;
    for round in 1..=3 {
        gate.fill_log(10);
        world.contact(id, &gate).await;
        assert_eq!(world.count(id).await, 5_000 + 10 * round);
    }
    let learned = world.terminal(id).await.info.learned;
    assert!(learned.contains_key("no_offset_reads"), "{learned:?}");
    let told = |codes: &[String]| {
        codes
            .iter()
            .filter(|code| *code == "no_offset_reads")
            .count()
    };
    assert_eq!(told(&world.notices().await), 1);
    world.restart().await;
    gate.fill_log(10);
    world.holds(id, 5_040).await;
    assert_eq!(told(&world.notices().await), 1);
}

#[tokio::test]
async fn the_position_survives_a_restart() {
    let (mut world, gate, id) = known(config("A1"), 5_000).await;
    world.restart().await;
    gate.fill_log(3);
    let before = gate.activity().table_bytes;
    world.holds(id, 5_003).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    let read = gate.activity().table_bytes - before;
    assert!(read < 10_000, "{read} bytes were read");
}

#[tokio::test]
async fn the_whole_log_is_read_once_a_day_as_a_proof() {
    let (world, gate, id) = known(config("A1"), 3_000).await;
    let full = async || {
        let runs = world.reads(id).await;
        runs.iter()
            .filter(|run| run.how == Some(ReadHow::Full))
            .count()
    };
    assert_eq!(full().await, 1);
    for _ in 0..25 {
        world.clock.turn(SignedDuration::from_hours(1));
        world.contact(id, &gate).await;
    }
    assert_eq!(full().await, 2);
    let proof = &world.reads(id).await[0];
    assert_eq!(proof.difference, Some(0));
    assert_eq!(
        (proof.stored, proof.stored_before, proof.seen),
        (0, 3_000, 3_000)
    );
}

#[tokio::test]
async fn a_whole_read_can_be_asked_for() {
    let (world, gate, id) = known(config("A1"), 3_000).await;
    let run = world.collector.read_all(id).await.unwrap();
    assert_eq!(run.how, Some(ReadHow::Full));
    assert_eq!((run.terminal_says, run.difference), (Some(3_000), Some(0)));
    assert_eq!(gate.activity().record_reads, 2);
}

#[tokio::test]
async fn a_terminal_that_counts_more_than_it_hands_out_is_an_alarm_told_once() {
    let make = TerminalConfig {
        counters: CounterShape::OneTooMany,
        ..config("A1")
    };
    let (world, _gate, id) = known(make, 300).await;
    let run = world.collector.read_all(id).await.unwrap();
    assert_eq!(run.difference, Some(1));
    let told = world.notices().await;
    let alarms = told
        .iter()
        .filter(|code| *code == "log_does_not_add_up")
        .count();
    assert_eq!(alarms, 1, "{told:?}");
}

#[rstest]
#[case::it_counts_less(CounterShape::Records(298), Lie::No, -2)]
#[case::the_log_says_it_is_empty(CounterShape::B92, Lie::Says(0), 300)]
#[case::the_log_says_one_less(CounterShape::B92, Lie::Off(-40), 1)]
#[tokio::test]
async fn a_log_that_does_not_add_up_is_an_alarm_with_the_difference_named(
    #[case] counters: CounterShape,
    #[case] declared_bytes: Lie,
    #[case] difference: i64,
) {
    let make = TerminalConfig {
        counters,
        ..config("A1")
    };
    let gate = terminal(make, contents(5, 300)).await;
    gate.set_faults(Faults {
        declared_bytes,
        ..Faults::default()
    });
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    until("the alarm", async || {
        let told = world.notices().await;
        told.iter().any(|code| code == "log_does_not_add_up")
    })
    .await;
    let run = world.collector.read_all(id).await.unwrap();
    assert_eq!(run.difference, Some(difference));
    let notices = world.ledger.notices(None, 50).await.unwrap();
    let alarms: Vec<_> = notices
        .iter()
        .filter(|notice| notice.code == "log_does_not_add_up")
        .collect();
    assert_eq!(alarms.len(), 1, "a difference that stays is told once");
    let named = format!("{} of its punches differ", difference.unsigned_abs());
    assert!(alarms[0].text.contains(&named), "{}", alarms[0].text);
    // The lie ends, and nothing is missing.
    gate.set_faults(Faults::default());
    gate.set_counters(CounterShape::B92);
    let run = world.collector.read_all(id).await.unwrap();
    assert_eq!(run.difference, Some(0));
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[rstest]
#[case::it_always_says_none("SC700", CounterShape::NoRecords)]
#[case::it_does_not_count("SC700", CounterShape::Unknown)]
#[case::it_is_known_to_miscount("SpeedFace-V5L", CounterShape::OneTooMany)]
#[tokio::test]
async fn what_a_terminal_cannot_count_is_no_alarm(
    #[case] name: &str,
    #[case] counters: CounterShape,
) {
    let make = TerminalConfig {
        name: name.to_owned(),
        counters,
        ..config("A1")
    };
    let (world, _gate, id) = known(make, 300).await;
    let run = world.collector.read_all(id).await.unwrap();
    assert_eq!(
        (run.seen, run.terminal_says, run.difference),
        (300, None, None)
    );
    assert_eq!(world.notices().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_right_count_is_compared_although_terminals_like_it_miscount() {
    let make = TerminalConfig {
        name: "SpeedFace-V5L".to_owned(),
        ..config("A1")
    };
    let (world, _gate, id) = known(make, 300).await;
    let run = world.collector.read_all(id).await.unwrap();
    assert_eq!((run.terminal_says, run.difference), (Some(300), Some(0)));
}

#[rstest]
#[case::in_the_log_itself(Faults { declared_bytes: Lie::Off(40), ..Faults::default() })]
#[case::where_it_is_announced(Faults { announced_size: Lie::Off(-40), ..Faults::default() })]
#[tokio::test]
async fn a_log_that_contradicts_itself_is_not_stored_and_told(#[case] faults: Faults) {
    let gate = terminal(config("A1"), contents(5, 300)).await;
    gate.set_faults(faults);
    let world = World::new(SELDOM).await;
    let id = world.register_polled(gate.address()).await;
    world.has_failed(id, "damaged_table").await;
    assert_eq!(world.count(id).await, 0);
    gate.set_faults(Faults::default());
    world.collector.sync_now(id);
    world.holds(id, 300).await;
}

#[tokio::test]
async fn rows_that_could_not_be_read_become_punches_once_they_can() {
    let (world, gate, id) = known(config("A1"), 300).await;
    let good = last_rows(&gate).pop().unwrap();
    let mut other = good.clone();
    other[31] = 5;
    let mut hopeless = good;
    hopeless[27..31].copy_from_slice(&[0xff; 4]);
    let mut intake = Intake::of(id, Vec::new());
    intake.unreadable = [other, hopeless]
        .map(|row| (row, "nobody could read it".to_owned()))
        .to_vec();
    world.ledger.ingest(intake, now()).await.unwrap();
    assert_eq!(world.collector.reread_unreadable(id).await.unwrap(), 1);
    assert_eq!(world.count(id).await, 301);
    let left = world
        .ledger
        .unreadable_rows(Some(id), None, 10)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(world.collector.reread_unreadable(id).await.unwrap(), 0);
}

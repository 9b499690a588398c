//! The log as it fills, rolls over, is cleared and goes back in time, and the parts of it that clients ask for.

use std::collections::HashSet;

use jiff::{SignedDuration, ToSpan as _};
use rstest::rstest;
use zk_terminal::{
    Contents, CounterShape, Handle, OffsetReads, SharedContents, Slots, TerminalConfig, WhenFull,
};
use zk_wire::{FreeSizes, code};

use crate::raw::{Over, Raw, announced, data, known_punch, now, start, start_with};

fn holding(record_capacity: u32, when_full: WhenFull) -> TerminalConfig {
    TerminalConfig {
        record_capacity,
        when_full,
        ..TerminalConfig::default()
    }
}

async fn counted(terminal: &Handle) -> Option<u32> {
    let mut client = Raw::open(terminal, Over::Tcp).await;
    let sizes = FreeSizes::new(client.ask(code::GET_FREE_SIZES, &[]).await.payload);
    client.ask(code::EXIT, &[]).await;
    sizes.records()
}

#[tokio::test]
async fn a_full_log_rolls_over_under_the_same_count() {
    let terminal = start_with(holding(50, WhenFull::RollOver), 5, 50).await;
    let before = terminal.punches();
    assert!(terminal.punch(known_punch()));
    let after = terminal.punches();
    assert_eq!((&after[..49], &after[49]), (&before[1..], &known_punch()));
    assert_eq!(counted(&terminal).await, Some(50));
}

#[tokio::test]
async fn a_full_log_that_refuses_takes_no_punch_and_tells_nobody() {
    let terminal = start_with(holding(50, WhenFull::Refuse), 5, 50).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    client.ask(code::REG_EVENT, &1_u32.to_le_bytes()).await;
    let before = terminal.punches();
    assert!(!terminal.punch(known_punch()));
    assert_eq!(terminal.punch_by("1001", 0), None);
    assert_eq!(terminal.punch_random(), None);
    assert_eq!((terminal.punches(), terminal.fill_log(3)), (before, 0));
    assert_eq!(client.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
    assert_eq!(terminal.activity().events_sent, 0);
    terminal.set_record_capacity(52, WhenFull::Refuse);
    assert_eq!((terminal.fill_log(3), terminal.punch_count()), (2, 52));
}

#[tokio::test]
async fn a_cleared_log_begins_anew() {
    let terminal = start_with(TerminalConfig::default(), 5, 50).await;
    terminal.punch(known_punch());
    terminal.clear_log();
    assert_eq!(
        (terminal.punches(), counted(&terminal).await),
        (vec![], Some(0))
    );
    terminal.punch(known_punch());
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(client.prepare_attendance().await.payload.len(), 44);
    assert_eq!(
        client.ask(code::CLEAR_ATTENDANCE, &[]).await.command,
        code::ACK_OK
    );
    assert_eq!((terminal.punch_count(), terminal.activity().clears), (0, 1));
}

#[tokio::test]
async fn rows_stand_in_the_order_in_which_they_were_made_whatever_the_clock_said() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    terminal.punch_by("1001", 0);
    terminal.set_clock_offset(SignedDuration::from_hours(-48));
    assert_eq!(terminal.time(), now().saturating_sub(2.days()));
    terminal.punch_by("1002", 0);
    terminal.set_clock_offset(SignedDuration::ZERO);
    terminal.punch_by("1003", 0);
    let times: Vec<_> = terminal
        .punches()
        .into_iter()
        .map(|punch| punch.time)
        .collect();
    assert_eq!(times, [now(), now().saturating_sub(2.days()), now()]);
}

#[tokio::test]
async fn a_filled_log_has_no_punch_twice_and_goes_on_behind_its_end() {
    let terminal = start_with(TerminalConfig::default(), 30, 100).await;
    let last = terminal.punches().last().unwrap().time;
    assert_eq!(terminal.fill_log(1_000), 1_000);
    let punches = terminal.punches();
    let of_whom: HashSet<_> = punches
        .iter()
        .map(|punch| (&punch.pin, punch.time))
        .collect();
    assert_eq!(of_whom.len(), 1_100);
    assert!(
        punches[100..]
            .iter()
            .all(|punch| punch.time > last && punch.time <= now())
    );
    assert!(punches[100..].is_sorted_by_key(|punch| punch.time));
    assert_eq!(counted(&terminal).await, Some(1_100));
}

#[rstest]
#[case(Slots::LowestFree, 2)]
#[case(Slots::AfterLast, 6)]
#[tokio::test]
async fn a_slot_is_used_again_as_the_terminal_does(#[case] slots: Slots, #[case] expected: u16) {
    let config = TerminalConfig {
        slots,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 5, 0).await;
    let mut somebody = terminal.users().remove(1);
    assert!(terminal.remove_user("1002"));
    somebody.pin = "2000".to_owned();
    assert_eq!(terminal.enrol(&somebody).unwrap(), expected);
    let users = terminal.users();
    assert_eq!((users[4].uid, users[4].pin.as_str()), (expected, "2000"));
}

#[rstest]
#[case(CounterShape::Records(7), Some(7))]
#[case(CounterShape::OneTooMany, Some(52))]
#[case(CounterShape::Unknown, None)]
#[case(CounterShape::Frozen, Some(50))]
#[tokio::test]
async fn counters_change_their_truth_while_the_terminal_runs(
    #[case] counters: CounterShape,
    #[case] told: Option<u32>,
) {
    let terminal = start_with(TerminalConfig::default(), 5, 50).await;
    terminal.set_counters(counters);
    terminal.punch(known_punch());
    assert_eq!(counted(&terminal).await, told);
    terminal.set_counters(CounterShape::B92);
    assert_eq!(counted(&terminal).await, Some(51));
}

#[tokio::test]
async fn a_terminal_that_is_started_with_frozen_counters_tells_those_of_its_start() {
    let config = TerminalConfig {
        counters: CounterShape::Frozen,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 5, 50).await;
    terminal.punch(known_punch());
    assert_eq!(counted(&terminal).await, Some(50));
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn the_end_of_a_table_is_read_by_itself_or_not_as_the_firmware_has_it(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, over).await;
    let size = announced(&client.prepare_attendance().await);
    let whole = client.buffered(size, 16_384).await;

    let first = client.piece(size - 400, 400).await;
    assert_eq!(data(&client.rest(first).await), whole[size - 400..]);

    terminal.set_offset_reads(OffsetReads::Refused(4_989));
    assert_eq!(client.piece(size - 400, 400).await.command, 4_989);

    terminal.set_offset_reads(OffsetReads::IgnoresOffset);
    let first = client.piece(size - 400, 400).await;
    assert_eq!(data(&client.rest(first).await), whole[..400]);

    terminal.set_offset_reads(OffsetReads::ShortAnswer);
    let first = client.piece(size - 800, 400).await;
    assert_eq!(
        data(&client.rest(first).await),
        whole[size - 800..size - 600]
    );
}

#[rstest]
#[case(OffsetReads::Refused(code::ACK_ERROR))]
#[case(OffsetReads::IgnoresOffset)]
#[case(OffsetReads::ShortAnswer)]
#[tokio::test]
async fn a_table_is_read_from_its_beginning_on_whatever_becomes_of_offsets(
    #[case] offset_reads: OffsetReads,
) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let size = announced(&client.prepare_attendance().await);
    let whole = client.buffered(size, 16_384).await;
    terminal.set_offset_reads(offset_reads);
    assert_eq!(announced(&client.prepare_attendance().await), size);
    assert_eq!(client.buffered(size, 5_000).await, whole);
}

#[tokio::test]
async fn another_terminal_takes_the_place_of_one() {
    let terminal = start_with(TerminalConfig::default(), 5, 50).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    terminal.set_serial("OTHER");
    let told = client.ask(code::OPTIONS_READ, b"~SerialNumber\0").await;
    assert_eq!(told.payload, b"~SerialNumber=OTHER\0");
    terminal
        .replace_with("THIRD", Contents::generate(3, 10, 9, now()))
        .unwrap();
    assert_eq!(client.until_closed().await, []);
    assert_eq!(
        (
            terminal.serial().as_str(),
            terminal.users().len(),
            terminal.punch_count()
        ),
        ("THIRD", 3, 10)
    );
}

#[tokio::test]
async fn terminals_share_what_they_begin_with_and_nothing_else() {
    let contents = SharedContents::from(Contents::generate(5, 100, 7, now()));
    let mut terminals = Vec::new();
    for _ in 0..2 {
        let config = TerminalConfig::default();
        terminals.push(start(config, contents.clone()).await);
    }
    let [one, other] = terminals.as_slice() else {
        unreachable!("two were made")
    };
    assert_eq!(
        (one.punches(), one.users()),
        (other.punches(), other.users())
    );
    one.punch(known_punch());
    one.remove_user("1001");
    other.clear_log();
    assert_eq!((one.punch_count(), one.users().len()), (101, 4));
    assert_eq!((other.punch_count(), other.users().len()), (0, 5));
    let mut client = Raw::open(one, Over::Tcp).await;
    assert_eq!(announced(&client.prepare_attendance().await), 4 + 101 * 40);
}

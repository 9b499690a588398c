use rstest::rstest;
use zk_wire::{Counts, FreeSizes};

use super::position;
use crate::tail::{Need, Why, need};

const COUNTS: Counts = Counts {
    users: 5,
    templates: 3,
    records: 100,
    operations: 7,
    admins: 1,
    passwords: 0,
    template_capacity: 1_000,
    user_capacity: 1_000,
    record_capacity: 1_000,
};

fn answer(counts: Counts) -> FreeSizes {
    FreeSizes::new(FreeSizes::encode(&counts, 23))
}

fn known(counters: &FreeSizes) -> domain::LogPosition {
    domain::LogPosition {
        counters: Some(counters.raw().to_vec()),
        ..position(0..100)
    }
}

#[test]
fn counters_that_stay_byte_for_byte_mean_that_nothing_happened() {
    let says = answer(COUNTS);
    assert_eq!(
        need(Some(&known(&says)), Some(&says), true, None),
        Need::Nothing
    );
}

#[rstest]
#[case::one_more(Counts { records: 101, ..COUNTS })]
#[case::one_less(Counts { records: 99, ..COUNTS })]
#[case::something_else_changed(Counts { operations: 8, ..COUNTS })]
fn counters_that_differ_have_the_end_read(#[case] now: Counts) {
    let before = known(&answer(COUNTS));
    assert_eq!(
        need(Some(&before), Some(&answer(now)), true, None),
        Need::End
    );
}

#[test]
fn the_counters_of_a_full_log_say_nothing() {
    let full = answer(Counts {
        records: 1_000,
        ..COUNTS
    });
    assert_eq!(
        need(Some(&known(&full)), Some(&full), true, None),
        Need::End
    );
}

#[test]
fn a_terminal_without_counters_has_its_end_read() {
    let nothing = FreeSizes::new([0; 4]);
    assert_eq!(need(Some(&position(0..9)), None, true, None), Need::End);
    assert_eq!(
        need(Some(&known(&nothing)), Some(&nothing), true, None),
        Need::End
    );
}

#[test]
fn counters_that_lied_about_the_log_are_not_kept_and_say_nothing() {
    assert_eq!(
        need(Some(&position(0..9)), Some(&answer(COUNTS)), true, None),
        Need::End
    );
}

#[test]
fn a_log_that_was_never_read_is_read_whole() {
    assert_eq!(
        need(None, Some(&answer(COUNTS)), true, None),
        Need::Whole(Why::Unknown)
    );
}

#[test]
fn the_daily_proof_is_read_although_nothing_happened() {
    let says = answer(COUNTS);
    assert_eq!(
        need(Some(&known(&says)), Some(&says), true, Some(Why::Proof)),
        Need::Whole(Why::Proof)
    );
}

#[test]
fn a_terminal_that_gives_no_parts_is_read_whole_but_only_when_something_happened() {
    let says = answer(COUNTS);
    let more = answer(Counts {
        records: 101,
        ..COUNTS
    });
    let before = known(&says);
    assert_eq!(need(Some(&before), Some(&says), false, None), Need::Nothing);
    assert_eq!(
        need(Some(&before), Some(&more), false, None),
        Need::Whole(Why::NoParts)
    );
}

#[test]
fn rows_of_different_lengths_have_no_places_and_are_read_whole() {
    let mixed = domain::LogPosition {
        row_size: 0,
        ..position(0..9)
    };
    assert_eq!(need(Some(&mixed), None, true, None), Need::Whole(Why::Rows));
}

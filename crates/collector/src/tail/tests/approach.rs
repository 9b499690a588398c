use rstest::rstest;

use super::position;
use crate::tail::{Approach, WINDOW, Why, approach};

#[rstest]
#[case::nothing_new(1_000)]
#[case::ten_new(1_010)]
fn the_last_four_known_rows_are_read_again_and_what_follows(#[case] rows: usize) {
    assert_eq!(
        approach(&position(0..1_000), rows * 40, false),
        Approach::End {
            from: 996 * 40,
            known: 4
        }
    );
}

#[test]
fn of_fewer_known_rows_all_are_read_again() {
    assert_eq!(
        approach(&position(0..2), 50 * 40, false),
        Approach::End { from: 0, known: 2 }
    );
}

#[test]
fn what_is_read_for_nothing_new_does_not_depend_on_the_log() {
    for rows in [1_000, 100_000, 500_000] {
        let Approach::End { from, .. } = approach(&position(0..rows), rows * 40, false) else {
            panic!("the end is enough");
        };
        assert_eq!(rows * 40 - from, 4 * 40);
    }
}

#[test]
fn a_log_that_shrank_is_searched_at_its_end() {
    assert_eq!(
        approach(&position(0..10_000), 9_000 * 40, false),
        Approach::Window {
            from: 9_000 * 40 - WINDOW / 40 * 40
        }
    );
}

#[rstest]
#[case::to_what_fits_the_window(1_636)]
#[case::to_little(7)]
fn a_log_that_shrank_to_little_is_read_whole(#[case] rows: usize) {
    assert_eq!(
        approach(&position(0..10_000), rows * 40, false),
        Approach::Whole(Why::Moved)
    );
}

#[test]
fn other_rows_than_before_are_read_whole() {
    assert_eq!(
        approach(&position(0..1_000), 1_001 * 49, false),
        Approach::Whole(Why::Rows)
    );
}

#[test]
fn a_log_that_came_at_once_is_there_already() {
    assert_eq!(
        approach(&position(0..10), 11 * 40, true),
        Approach::Whole(Why::Inline)
    );
}

#[test]
fn a_log_that_was_empty_is_new_from_its_beginning() {
    assert_eq!(
        approach(&position([]), 40 * 40, false),
        Approach::Whole(Why::Unknown)
    );
}

#[test]
fn the_window_is_in_whole_rows_and_no_longer_than_64_kib() {
    let Approach::Window { from } = Approach::after_mismatch(&position(0..9), 100_000 * 40) else {
        panic!("there is a window");
    };
    let length = 100_000 * 40 - from;
    assert!(length <= 65_536 && length > 65_400 && length % 40 == 0);
}

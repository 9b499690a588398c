use rstest::rstest;

use super::{log, position};
use crate::tail::{Found, begins_as_known, search};

#[test]
fn known_rows_in_their_place_are_recognised() {
    let known = position(0..100);
    assert!(begins_as_known(&known, 4, &log(96..100)));
    assert!(begins_as_known(&known, 4, &log(96..110)));
}

#[rstest]
#[case::one_gave_way(log(97..101))]
#[case::another_log(log(500..504))]
#[case::the_last_differs(log([96, 97, 98, 7]))]
#[case::cut(log(96..99))]
#[case::nothing(Vec::new())]
fn anything_else_is_not(#[case] bytes: Vec<u8>) {
    assert!(!begins_as_known(&position(0..100), 4, &bytes));
}

/// Of a log of `rows`, the last `window` of them.
fn search_in(known: &domain::LogPosition, rows: &[usize], window: usize) -> Found {
    let from = rows.len() - window;
    search(known, from * 40, &log(rows[from..].iter().copied()))
}

#[rstest]
#[case::one(1)]
#[case::ten(10)]
#[case::many(400)]
fn a_full_log_that_rolled_over_is_new_behind_the_landmark(#[case] new: usize) {
    let now: Vec<usize> = (new..1_000 + new).collect();
    let found = search_in(&position(0..1_000), &now, 500);
    assert_eq!(found, Found::NewFrom((500 - new) * 40));
}

#[test]
fn a_log_that_lost_its_beginning_and_grew_is_new_behind_the_landmark() {
    let now: Vec<usize> = (300..1_005).collect();
    let found = search_in(&position(0..1_000), &now, 500);
    assert_eq!(found, Found::NewFrom(495 * 40));
}

#[test]
fn a_log_that_rolled_over_beyond_the_window_shows_nothing() {
    let now: Vec<usize> = (600..1_600).collect();
    assert_eq!(search_in(&position(0..1_000), &now, 500), Found::Nothing);
}

#[test]
fn a_log_that_was_cleared_and_filled_again_shows_nothing() {
    let now: Vec<usize> = (5_000..6_000).collect();
    assert_eq!(search_in(&position(0..1_000), &now, 500), Found::Nothing);
}

#[test]
fn a_row_that_was_put_in_between_makes_the_log_unknown() {
    let mut now: Vec<usize> = (0..1_000).collect();
    now.insert(700, 7_777);
    assert_eq!(search_in(&position(0..1_000), &now, 500), Found::Nothing);
}

#[test]
fn a_part_of_the_landmark_is_not_enough() {
    let now: Vec<usize> = (0..985).chain(5_000..5_015).collect();
    assert_eq!(search_in(&position(0..1_000), &now, 500), Found::Nothing);
}

#[test]
fn where_the_landmark_stands_twice_the_first_place_leaves_nothing_out() {
    let known = position(std::iter::repeat_n(1, 1_000));
    let now: Vec<usize> = std::iter::repeat_n(1, 990).chain(2..12).collect();
    assert_eq!(search_in(&known, &now, 500), Found::NewFrom(16 * 40));
}

#[test]
fn a_window_that_does_not_begin_with_a_whole_landmark_still_shows_the_rest() {
    let now: Vec<usize> = (20..1_020).collect();
    assert_eq!(
        search_in(&position(0..1_000), &now, 36),
        Found::NewFrom(16 * 40)
    );
}

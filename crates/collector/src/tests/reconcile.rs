use rstest::rstest;

use crate::reconcile::Numbers;

fn numbers(says: Option<u64>, rows: u64, stored: u64) -> Numbers {
    Numbers {
        says,
        rows,
        stored,
        repeats: 2,
        unreadable: 1,
    }
}

#[rstest]
#[case::adds_up(Some(13), 13, 10, None)]
#[case::rows_did_not_come(Some(15), 13, 10, Some(2))]
#[case::more_rows_than_it_says(Some(0), 13, 10, Some(-13))]
#[case::one_was_not_stored(Some(13), 13, 9, Some(1))]
#[case::it_does_not_count(None, 13, 10, None)]
#[case::it_does_not_count_and_one_was_not_stored(None, 13, 9, Some(1))]
fn what_the_terminal_has_is_stored_repeated_or_unreadable(
    #[case] says: Option<u64>,
    #[case] rows: u64,
    #[case] stored: u64,
    #[case] difference: Option<i64>,
) {
    assert_eq!(numbers(says, rows, stored).difference(), difference);
}

#[test]
fn the_words_name_each_number() {
    assert_eq!(
        numbers(Some(15), 13, 10).in_words(),
        "the terminal says that it holds 15 punches, and its log came as 13 rows: 10 stored, 2 exact repeats, \
         1 unreadable"
    );
}

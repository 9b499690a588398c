use domain::ClockPolicy;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;

use crate::drift::{in_words, is_news, is_to_be_set};

fn now() -> Timestamp {
    "2026-11-23T08:30:00Z".parse().unwrap()
}

const CORRECT: ClockPolicy = ClockPolicy::Correct { over_secs: 5 };

#[rstest]
#[case::right(Some(0), Some(10), false)]
#[case::wrong_now(Some(0), Some(61), true)]
#[case::slow(Some(0), Some(-3_600), true)]
#[case::still_wrong(Some(90), Some(91), false)]
#[case::right_again(Some(90), Some(2), false)]
#[case::never_seen_before(None, Some(90), true)]
fn people_are_told_once_of_a_wrong_clock(
    #[case] before: Option<i64>,
    #[case] offset: Option<i64>,
    #[case] told: bool,
) {
    assert_eq!(is_news(before, offset), told);
}

#[rstest]
#[case::only_measured(ClockPolicy::Measure, Some(3_600), false)]
#[case::within(CORRECT, Some(5), false)]
#[case::fast(CORRECT, Some(6), true)]
#[case::slow(CORRECT, Some(-6), true)]
#[case::no_time_at_all(CORRECT, None, true)]
fn a_clock_is_set_where_the_policy_says_so(
    #[case] policy: ClockPolicy,
    #[case] offset: Option<i64>,
    #[case] set: bool,
) {
    assert_eq!(is_to_be_set(policy, offset, None, now()), set);
}

#[test]
fn a_clock_is_set_once_an_hour_at_most() {
    let ago = |mins: i64| Some(now() - SignedDuration::from_mins(mins));
    assert!(!is_to_be_set(CORRECT, Some(60), ago(59), now()));
    assert!(is_to_be_set(CORRECT, Some(60), ago(60), now()));
}

#[rstest]
#[case(1, "1 second fast")]
#[case(-59, "59 seconds slow")]
#[case(61, "1 minute fast")]
#[case(-3_600, "1 hour slow")]
#[case(11_100, "3 hours and 5 minutes fast")]
#[case(-90_000, "1 day and 1 hour slow")]
fn an_offset_reads_as_people_say_it(#[case] offset: i64, #[case] words: &str) {
    assert_eq!(in_words(offset), words);
}

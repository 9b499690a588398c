use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::schedule::{Jitter, destination_retry, is_due, next_allowed, next_probe, record_retry};

fn now() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn wait(failures: u32, retry_after: Option<u64>, seed: u64) -> f64 {
    let at = destination_retry(
        failures,
        retry_after.map(Duration::from_secs),
        now(),
        &mut Jitter::new(seed),
    );
    at.duration_since(now()).as_secs_f64()
}

proptest! {
    #[test]
    fn a_destination_is_tried_after_5_15_30_s_1_2_min_and_then_every_5_min(seed: u64, more in 6_u32..1_000_000) {
        for (failures, secs) in [(1, 5.0), (2, 15.0), (3, 30.0), (4, 60.0), (5, 120.0), (6, 300.0), (more, 300.0)] {
            let wait = wait(failures, None, seed);
            prop_assert!(wait >= secs && wait <= secs * 1.1, "{failures}: {wait}");
        }
    }
}

#[test]
fn retry_after_wins_within_reason() {
    for (asked, secs) in [(90, 90.0), (0, 1.0), (u64::MAX, 86_400.0)] {
        assert!((wait(1, Some(asked), 0) - secs).abs() < 0.001, "{asked}");
    }
}

#[test]
fn a_record_that_fails_by_itself_waits_longer_each_time_and_then_ten_hours() {
    let week = SignedDuration::from_hours(7 * 24);
    let mut jitter = Jitter::new(1);
    let hour = 3_600.0;
    let steps = [
        5.0,
        30.0,
        120.0,
        600.0,
        1_800.0,
        2.0 * hour,
        5.0 * hour,
        10.0 * hour,
        10.0 * hour,
    ];
    for (tries, step) in (1..).zip(steps) {
        let due = record_retry(tries, now(), week, now(), &mut jitter).unwrap();
        let wait = due.duration_since(now()).as_secs_f64();
        assert!(wait >= step && wait <= step * 1.1, "{tries}: {wait}");
    }
}

#[test]
fn a_record_that_fails_by_itself_is_given_up_when_its_time_is_over() {
    let mut jitter = Jitter::new(1);
    for patience in [
        SignedDuration::from_hours(7 * 24),
        SignedDuration::from_mins(5),
    ] {
        let since = now() - patience;
        let late = record_retry(20, since, patience, now(), &mut jitter);
        assert_eq!(late, None);
        let in_time = since + SignedDuration::from_secs(1);
        assert!(record_retry(20, in_time, patience, now(), &mut jitter).is_some());
    }
}

#[test]
fn requests_are_apart_by_their_share_of_a_minute() {
    let apart = |limit| next_allowed(now(), limit).duration_since(now());
    assert_eq!(apart(60), SignedDuration::from_secs(1));
    assert_eq!(apart(1), SignedDuration::from_mins(1));
    assert_eq!(apart(0), SignedDuration::from_mins(1));
}

#[test]
fn a_paused_destination_is_probed_once_an_hour() {
    assert_eq!(
        next_probe(now()).duration_since(now()),
        SignedDuration::from_hours(1)
    );
}

#[test]
fn a_moment_further_away_than_any_schedule_is_due() {
    assert!(is_due(now(), now()));
    assert!(!is_due(now() + SignedDuration::from_secs(1), now()));
    assert!(!is_due(now() + SignedDuration::from_hours(24), now()));
    assert!(is_due(now() + SignedDuration::from_hours(24 * 365), now()));
}

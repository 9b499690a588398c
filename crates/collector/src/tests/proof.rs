use jiff::{SignedDuration, Timestamp};

use crate::proof::is_due;

fn midnight() -> Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

/// Minutes of one day in which the proof is due, given that each is followed.
fn proofs(identity: &str, days: i64) -> Vec<i64> {
    let mut last = Some(midnight() - SignedDuration::from_mins(1));
    let mut times = Vec::new();
    for minute in 0..days * 24 * 60 {
        let now = midnight() + SignedDuration::from_mins(minute);
        if is_due(identity, last, now) {
            last = Some(now);
            times.push(minute);
        }
    }
    times
}

#[test]
fn a_log_is_proved_once_a_day_at_the_same_time() {
    let times = proofs("A1", 5);
    assert!(times.len() >= 4, "{times:?}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 24 * 60));
}

#[test]
fn terminals_are_spread_over_the_day() {
    let mut hours = [0; 24];
    for number in 0..240 {
        let minute = *proofs(&format!("CJDE{number:09}"), 2).last().unwrap();
        hours[usize::try_from(minute / 60 % 24).unwrap()] += 1;
    }
    assert!(
        hours.iter().all(|count| (2..25).contains(count)),
        "{hours:?}"
    );
}

#[test]
fn a_log_that_was_never_proved_is_due() {
    assert!(is_due("A1", None, midnight()));
}

#[test]
fn a_log_that_was_just_read_is_not_due() {
    for minute in 0..24 * 60 {
        let now = midnight() + SignedDuration::from_mins(minute);
        assert!(!is_due(
            "A1",
            Some(now - SignedDuration::from_mins(30)),
            now
        ));
    }
}

#[test]
fn a_proof_that_was_missed_is_made_up_for() {
    let now = midnight();
    assert!(is_due(
        "A1",
        Some(now - SignedDuration::from_hours(25)),
        now
    ));
}

#[test]
fn a_clock_that_went_back_does_not_make_it_due() {
    let now = midnight();
    assert!(!is_due(
        "A1",
        Some(now + SignedDuration::from_hours(5)),
        now
    ));
}

use std::time::Duration;

use crate::schedule::{backoff, first_contact, left_alone, phase, until_next};

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn first_contacts_are_spread_and_lie_within_the_interval() {
    let phases: Vec<Duration> = (0..200)
        .map(|rank| first_contact(rank, 200, Duration::from_secs(10)))
        .collect();
    assert_eq!(phases[0], Duration::ZERO);
    assert!(
        phases.windows(2).all(|pair| pair[0] < pair[1]),
        "no two at the same time"
    );
    assert!(phases[199] < Duration::from_secs(10));
}

#[test]
fn few_terminals_are_first_contacted_quickly() {
    assert_eq!(first_contact(3, 4, MINUTE), Duration::from_millis(300));
}

#[test]
fn failures_double_the_pause_up_to_a_minute() {
    let pauses: Vec<u64> = (1..=7)
        .map(|failures| backoff(failures, Duration::from_secs(10)).as_secs())
        .collect();
    assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn a_longer_interval_is_the_longest_pause() {
    assert_eq!(backoff(40, 10 * MINUTE), 10 * MINUTE);
}

#[test]
fn a_terminal_that_does_not_tell_punches_is_asked_ever_more_seldom() {
    let minutes: Vec<u64> = [1, 2, 3, 4, 5, 6, u32::MAX]
        .map(|nth| left_alone(nth).as_secs() / 60)
        .to_vec();
    assert_eq!(minutes, [1, 5, 15, 60, 180, 360, 360]);
}

#[test]
fn the_next_contact_is_one_interval_after_the_start_of_the_last() {
    assert_eq!(
        until_next(MINUTE, Duration::from_secs(20)),
        Duration::from_secs(40)
    );
}

#[test]
fn what_a_long_contact_missed_is_not_caught_up() {
    assert_eq!(until_next(MINUTE, Duration::from_secs(500)), Duration::ZERO);
}

#[test]
fn regular_contacts_are_spread_evenly_over_the_interval() {
    let phases: Vec<u64> = (0..4)
        .map(|rank| phase(rank, 4, MINUTE).as_secs())
        .collect();
    assert_eq!(phases, [0, 15, 30, 45]);
}

#[test]
fn no_terminal_waits_longer_than_an_interval_for_its_second_contact() {
    for rank in 0..100 {
        let (first, second) = (first_contact(rank, 100, MINUTE), phase(rank, 100, MINUTE));
        assert!(first <= second && second < first + MINUTE);
    }
}

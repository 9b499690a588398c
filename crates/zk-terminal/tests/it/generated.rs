//! Made-up contents: the same for the same seed, and such that mistakes of a reader show.

use std::collections::HashSet;

use zk_terminal::{Contents, generate_users};

use crate::raw::now;

#[test]
fn the_same_seed_makes_the_same_contents() {
    let make = |seed| Contents::generate(50, 2_000, seed, now());
    assert_eq!(make(7), make(7));
    assert_ne!(make(7).punches, make(8).punches);
}

#[test]
fn there_are_as_many_as_asked_for() {
    for (users, punches) in [(0, 0), (0, 10), (1, 0), (1, 1), (3, 1_000), (500, 10_000)] {
        let contents = Contents::generate(users, punches, 1, now());
        assert_eq!(
            (contents.users.len(), contents.punches.len()),
            (users, punches)
        );
    }
}

#[test]
fn punches_lie_before_now_in_the_order_of_time() {
    let punches = Contents::generate(40, 5_000, 3, now()).punches;
    assert!(punches.is_sorted_by_key(|punch| punch.time));
    assert!(punches.last().unwrap().time < now());
}

#[test]
fn nobody_punches_twice_in_one_second() {
    let punches = Contents::generate(30, 100_000, 5, now()).punches;
    let distinct: HashSet<_> = punches
        .iter()
        .map(|punch| (&punch.pin, punch.time))
        .collect();
    assert_eq!(distinct.len(), punches.len());
}

#[test]
fn a_pin_is_never_a_slot_number() {
    let users = generate_users(2_000, 9);
    let pins: HashSet<_> = users.iter().map(|user| user.pin.as_str()).collect();
    let slots: HashSet<_> = users.iter().map(|user| user.uid).collect();
    assert_eq!((pins.len(), slots.len()), (2_000, 2_000));
    assert!(users.iter().all(|user| user.pin != user.uid.to_string()));
}

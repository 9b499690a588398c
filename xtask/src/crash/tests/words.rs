use std::sync::Arc;

use super::{
    super::{
        destinations::mornings,
        journal::{
            Event::{self, Arrived, Failed, Refused, Telling, Told},
            Word,
        },
        request::Punch,
        roster::Roster,
        wants::Wants,
    },
    HERE, batch, batch_of, complaints_with, delivered, n, punch, taken, told_as,
};

fn complaints(events: &[Event], ledger: &[Punch]) -> usize {
    complaints_with(events, ledger, &Roster::new(&[HERE])).len()
}

fn wants(wants: Wants) -> Vec<Event> {
    let word = Word::Wants(Arc::new(wants));
    vec![Telling(word.clone()), Told(word)]
}

fn mapped(place: usize) -> Vec<Event> {
    vec![Telling(Word::Mapped(place)), Told(Word::Mapped(place))]
}

/// Wanted always, at first, and later.
fn ledger() -> [Punch; 3] {
    [
        punch("1006", "2026-01-01 08:00:00"),
        punch("1001", "2026-01-01 08:01:00"),
        punch("1008", "2026-01-01 08:02:00"),
    ]
}

#[test]
fn what_was_withdrawn_and_comes_all_the_same_is_told() {
    let ledger = ledger();
    let [always, first, later] = ledger.each_ref().map(std::slice::from_ref);
    let changed = [
        wants(mornings(0)),
        delivered(0, "a", always),
        wants(mornings(1)),
    ]
    .concat();
    let right = [changed.clone(), delivered(1, "b", later)].concat();
    assert_eq!(complaints(&right, &ledger), 0);
    let after_another = [right, delivered(2, "c", first)].concat();
    assert_eq!(complaints(&after_another, &ledger), 1);
    // It may have been made before the change, as one request may.
    let at_once = [changed, delivered(1, "c", first)].concat();
    assert_eq!(complaints(&at_once, &ledger), 0);
}

#[test]
fn what_may_have_arrived_before_it_was_withdrawn_may_come_again() {
    let ledger = ledger();
    let [always, first, _] = ledger.each_ref().map(std::slice::from_ref);
    let events = [
        wants(mornings(0)),
        vec![Arrived(batch("a", first)), Failed(n(0))],
        wants(mornings(1)),
        delivered(1, "b", always),
        delivered(2, "a", first),
    ]
    .concat();
    assert_eq!(complaints(&events, &ledger), 0);
}

#[test]
fn what_was_never_wanted_is_told() {
    let ledger = ledger();
    let events = [wants(mornings(1)), delivered(0, "a", &ledger[1..2])].concat();
    assert_eq!(complaints(&events, &ledger), 1);
}

#[test]
fn a_punch_of_nobody_is_not_sent_to_who_waits_for_a_person() {
    let punch = punch("1030", "2026-01-01 08:00:00");
    let ledger = [punch.clone()];
    let drivers = || {
        wants(Wants {
            groups: Some(vec!["Drivers"]),
            ..Wants::default()
        })
    };
    let known = batch_of("a", HERE, &[told_as("E-1", &punch)]);
    let unknown = [drivers(), taken(0, Arc::clone(&known))].concat();
    assert_eq!(complaints(&unknown, &ledger), 1);
    let right = [drivers(), mapped(0), taken(0, known)].concat();
    assert_eq!(complaints(&right, &ledger), 0);
}

#[test]
fn a_punch_is_told_as_who_is_behind_its_pin_and_stays_told_so() {
    let log = [
        punch("9", "2026-01-01 07:00:00"),
        punch("1030", "2026-01-01 08:00:00"),
    ];
    let first = delivered(0, "0", &log[..1]);
    let as_who = |number: usize, key: &str, who: &str| {
        taken(number, batch_of(key, HERE, &[told_as(who, &log[1])]))
    };
    let failed = vec![Arrived(batch("a", &log[1..])), Failed(n(1))];
    let mapped = || mapped(0);
    let right = [mapped(), first.clone(), as_who(1, "a", "E-1")].concat();
    assert_eq!(complaints(&right, &log), 0);
    let as_nobody = [mapped(), first.clone(), as_who(1, "a", "1030")].concat();
    assert_eq!(complaints(&as_nobody, &log), 1);
    let told_before = [
        first.clone(),
        failed.clone(),
        mapped(),
        as_who(2, "a", "1030"),
    ]
    .concat();
    assert_eq!(complaints(&told_before, &log), 0);
    let told_anew = [first.clone(), failed, mapped(), as_who(2, "b", "E-1")].concat();
    assert_eq!(complaints(&told_anew, &log), 1);
    let refused = vec![Arrived(batch("a", &log[1..])), Refused(n(1), 413)];
    let told_anew = [first, refused, mapped(), as_who(2, "b", "E-1")].concat();
    assert_eq!(complaints(&told_anew, &log), 0);
}

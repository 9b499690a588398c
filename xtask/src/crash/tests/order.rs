use super::{
    super::{
        journal::{
            Event::{self, Telling, Told},
            Word,
        },
        request::Punch,
        roster::Roster,
    },
    HERE, THERE, batch_of, complaints_with, delivered, punch, taken, told_as,
};

fn there(pin: &str, time: &str) -> Punch {
    Punch {
        terminal: THERE,
        ..punch(pin, time)
    }
}

fn roster() -> Roster {
    Roster::new(&[HERE, THERE])
}

/// All that the roster says, before anything else.
fn all_mapped() -> Vec<Event> {
    (0..8)
        .filter(|place| roster().get(*place).is_some())
        .flat_map(|place| [Telling(Word::Mapped(place)), Told(Word::Mapped(place))])
        .collect()
}

/// Each in a batch of its own, as whom it is told by now.
fn one_by_one(first: usize, told: &[(&str, &Punch)]) -> Vec<Event> {
    told.iter()
        .zip(first..)
        .flat_map(|((employee, punch), number)| {
            let request = batch_of(
                &number.to_string(),
                punch.terminal,
                &[told_as(employee, punch)],
            );
            taken(number, request)
        })
        .collect()
}

#[test]
fn one_pin_is_one_person_over_all_terminals_while_nobody_is_mapped() {
    let ledger = [
        punch("1", "2026-01-01 08:00:00"),
        there("1", "2026-01-01 08:01:00"),
        there("2", "2026-01-01 08:02:00"),
    ];
    let [early, late, other] = &ledger;
    let wrong = one_by_one(0, &[("1", late), ("1", early)]);
    assert_eq!(complaints_with(&wrong, &ledger, &roster()).len(), 1);
    let right = one_by_one(0, &[("2", other), ("1", early), ("1", late)]);
    assert_eq!(complaints_with(&right, &ledger, &roster()), [""; 0]);
    // The ledger's order counts, not the clocks'.
    let turned = [late.clone(), early.clone(), other.clone()];
    assert_eq!(complaints_with(&wrong, &turned, &roster()), [""; 0]);
}

#[test]
fn a_person_with_two_pins_is_one_person_once_mapped_and_two_before() {
    let ledger = [
        punch("1030", "2026-01-01 08:00:00"),
        there("1031", "2026-01-01 08:01:00"),
    ];
    let [early, late] = &ledger;
    let before = one_by_one(0, &[("1031", late), ("1030", early)]);
    assert_eq!(complaints_with(&before, &ledger, &roster()), [""; 0]);
    let passed = one_by_one(0, &[("E-1", late), ("E-1", early)]);
    // The first request after the word may have been made before it.
    let excused = [all_mapped(), passed.clone()].concat();
    assert_eq!(complaints_with(&excused, &ledger, &roster()), [""; 0]);
    let other = punch("9", "2026-01-01 07:00:00");
    let ledger = [early.clone(), late.clone(), other.clone()];
    let passed = one_by_one(1, &[("E-1", late), ("E-1", early)]);
    let first = delivered(0, "0", std::slice::from_ref(&other));
    let known = [all_mapped(), first, passed].concat();
    assert_eq!(complaints_with(&known, &ledger, &roster()).len(), 1);
}

#[test]
fn two_people_with_one_pin_have_an_order_each() {
    let other = punch("9", "2026-01-01 07:00:00");
    let ledger = [
        punch("1030", "2026-01-01 08:00:00"),
        there("1030", "2026-01-01 08:01:00"),
        other.clone(),
    ];
    let [early, late, _] = &ledger;
    let events = [
        all_mapped(),
        delivered(0, "0", &[other]),
        one_by_one(1, &[("E-2", late), ("E-1", early)]),
    ]
    .concat();
    assert_eq!(complaints_with(&events, &ledger, &roster()), [""; 0]);
}

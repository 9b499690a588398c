//! A person's punches arrive in the order in which the ledger got them, over all terminals.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Case, Facts, Names, set_aside,
    words::{Known, Words},
};
use crate::crash::{journal::Event, request::Punch, roster::Roster};

/// Whose a punch is, as far as order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose<'a> {
    Person(&'a str),
    /// Where nobody is mapped, one PIN is one person.
    Pin(&'a str),
}

/// One that was taken.
struct Taken<'a> {
    punch: &'a Punch,
    number: u64,
    /// When it came first, as a place among the events.
    came: usize,
}

/// But for those that were set aside, and those that were not always wanted: these may be late.
pub(super) fn look(
    case: &Case<'_>,
    facts: &Facts<'_>,
    names: &Names,
    complaints: &mut Vec<String>,
) {
    let events = case.events;
    let words = Words::read(events);
    let aside = set_aside(events);
    let arrivals = first_arrivals(events);
    let expected: BTreeSet<&Punch> = case.expected.iter().flat_map(|log| &log.0).collect();
    let mut before: BTreeMap<&str, Vec<Taken<'_>>> = BTreeMap::new();
    for (id, punch) in names.taken(events) {
        let Some(number) = facts.numbers.get(id).copied() else {
            // People punch on while the ledger is read.
            if expected.contains(punch) {
                complaints.push(format!("{punch} was delivered, and is not in the ledger"));
            }
            continue;
        };
        if aside.contains(id) || !words.always_want(punch, facts.roster) {
            continue;
        }
        let pins = [punch.pin.as_str()].into_iter();
        let pins = pins.chain(facts.roster.other_pins(punch));
        let passed = pins
            .filter_map(|pin| before.get(pin))
            .flatten()
            .filter(|later| later.number > number)
            .find(|later| is_one_person(punch, later, facts.roster, &words));
        if let Some(later) = passed {
            complaints.push(format!("{punch} arrived after {}", later.punch));
        }
        before.entry(&punch.pin).or_default().push(Taken {
            punch,
            number,
            came: arrivals.get(id).copied().unwrap_or_default(),
        });
    }
}

/// Whether the two were the same person's when the batch of the later one was made.
fn is_one_person(punch: &Punch, later: &Taken<'_>, roster: &Roster, words: &Words<'_>) -> bool {
    let whose = |punch| whose(punch, roster, words, later.came);
    whose(punch).is_some_and(|person| whose(later.punch) == Some(person))
}

/// `None` while nobody can say.
fn whose<'a>(
    punch: &'a Punch,
    roster: &'a Roster,
    words: &Words<'_>,
    position: usize,
) -> Option<Whose<'a>> {
    let pin = Whose::Pin(&punch.pin);
    let Some(place) = roster.place(punch) else {
        return Some(pin);
    };
    match words.knows(place, position) {
        Known::No => Some(pin),
        Known::Maybe => None,
        Known::Yes => roster
            .get(place)
            .map(|mapping| Whose::Person(mapping.employee)),
    }
}

fn first_arrivals(events: &[Event]) -> BTreeMap<&str, usize> {
    let mut came = BTreeMap::new();
    for (position, event) in events.iter().enumerate() {
        if let Event::Arrived(request) = event {
            for record in &request.records {
                came.entry(record.id.as_str()).or_insert(position);
            }
        }
    }
    came
}

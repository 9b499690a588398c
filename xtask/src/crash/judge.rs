//! What idempotent receivers may rightly expect, and what the terminals say they must have got.

mod limits;
mod names;
mod order;
pub(super) mod resends;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    journal::{Event, RequestNumber},
    ledger::Numbers,
    request::{Punch, Request, Shape},
    roster::Roster,
};

pub(super) use self::names::Names;

/// The log of one terminal, in its own order.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(pub(super) Vec<Punch>);

/// What one receiver saw, and what it had to see.
pub(super) struct Case<'a> {
    pub(super) receiver: &'a str,
    pub(super) events: &'a [Event],
    /// What was in the terminals before the end, and is wanted by the last word.
    pub(super) expected: &'a [Log],
}

/// What holds for all receivers.
pub(super) struct Facts<'a> {
    /// All that the terminals ever held.
    pub(super) known: &'a [Log],
    pub(super) roster: &'a Roster,
    pub(super) numbers: &'a Numbers,
}

#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) complaints: Vec<String>,
    pub(super) summary: Vec<String>,
}

pub(super) fn judge(cases: &[Case<'_>], facts: &Facts<'_>) -> Verdict {
    let (names, mut complaints) = Names::read(cases.iter().map(|case| case.events), facts.roster);
    let known: BTreeSet<&Punch> = facts.known.iter().flat_map(|log| &log.0).collect();
    let mut summary = Vec::new();
    for case in cases {
        let found = complaints_of(case, facts, &names, &known);
        complaints.extend(
            found
                .into_iter()
                .map(|each| format!("{}: {each}", case.receiver)),
        );
        summary.push(format!(
            "{}: {} of {} punches, {} requests, {} of them resends, {} records set aside",
            case.receiver,
            names.taken(case.events).len(),
            case.expected.iter().map(|log| log.0.len()).sum::<usize>(),
            requests(case.events).count(),
            resends::count(case.events),
            set_aside(case.events).len(),
        ));
    }
    Verdict {
        complaints,
        summary,
    }
}

fn complaints_of(
    case: &Case<'_>,
    facts: &Facts<'_>,
    names: &Names,
    known: &BTreeSet<&Punch>,
) -> Vec<String> {
    let mut complaints = Vec::new();
    for punch in missing(case.events, names, case.expected) {
        complaints.push(format!("{punch} never arrived"));
    }
    for fault in requests(case.events).filter_map(|request| request.fault.as_ref()) {
        complaints.push(fault.clone());
    }
    words::look(case.events, facts.roster, names, known, &mut complaints);
    order::look(case, facts, names, &mut complaints);
    limits::look(case.events, &mut complaints);
    resends::look(case.events, &mut complaints);
    complaints
}

/// The punches of `wanted` that the receiver never took.
pub(super) fn missing<'a>(events: &[Event], names: &Names, wanted: &'a [Log]) -> Vec<&'a Punch> {
    let taken: BTreeSet<&Punch> = names
        .taken(events)
        .into_iter()
        .map(|(_, punch)| punch)
        .collect();
    wanted
        .iter()
        .flat_map(|log| &log.0)
        .filter(|punch| !taken.contains(punch))
        .collect()
}

/// Records that the receiver said no to when they came alone, in the simplest shape that it reads, or that it named
/// among others that it took: later ones may pass them.
pub(super) fn set_aside(events: &[Event]) -> BTreeSet<&str> {
    let all: Vec<&Request> = requests(events).collect();
    let mut aside = BTreeSet::new();
    for event in events {
        match event {
            Event::Refused(number, status) => {
                let is_last_word = |request: &&&Request| {
                    *status == 500 || (*status != 409 && request.shape != Shape::Batch)
                };
                let request = all.get(number.0).filter(is_last_word);
                aside.extend(request.and_then(|request| Some(request.only()?.id.as_str())));
            }
            Event::TakenInPart(number, taken) => {
                let left = all.get(number.0).into_iter().flat_map(|each| ids(each));
                aside.extend(left.filter(|id| !taken.contains(*id)));
            }
            _ => {}
        }
    }
    aside
}

/// What each request's answer said that it was not taken, by the request's number.
fn plainly_not_taken(events: &[Event]) -> BTreeMap<usize, BTreeSet<&str>> {
    let all: Vec<_> = requests(events).collect();
    let of = |number: &RequestNumber| all.get(number.0).into_iter().flat_map(|each| ids(each));
    let mut not_taken: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for event in events {
        match event {
            Event::Refused(number, status) if *status != 500 => {
                not_taken.entry(number.0).or_default().extend(of(number));
            }
            Event::TurnedAway(number) => {
                not_taken.entry(number.0).or_default().extend(of(number));
            }
            Event::TakenInPart(number, taken) => {
                let left = of(number).filter(|id| !taken.contains(*id));
                not_taken.entry(number.0).or_default().extend(left);
            }
            _ => {}
        }
    }
    not_taken
}

fn requests(events: &[Event]) -> impl Iterator<Item = &Request> + Clone {
    events.iter().filter_map(|event| {
        let Event::Arrived(request) = event else {
            return None;
        };
        Some(request.as_ref())
    })
}

fn ids(request: &Request) -> impl Iterator<Item = &str> {
    request.records.iter().map(|record| record.id.as_str())
}

//! What idempotent receivers may rightly expect, and what the terminals say they must have got.

mod names;
mod resends;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    journal::Event,
    request::{Punch, Request, Shape},
};

pub(super) use self::names::Names;

/// The log of one terminal, in its own order.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(pub(super) Vec<Punch>);

/// What one receiver saw, and what it had to see.
pub(super) struct Case<'a> {
    pub(super) receiver: &'a str,
    pub(super) events: &'a [Event],
    /// What was in the terminals before the end, and is wanted.
    pub(super) expected: &'a [Log],
    /// All that the terminals ever held and is wanted.
    pub(super) known: &'a [Log],
}

#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) complaints: Vec<String>,
    pub(super) summary: Vec<String>,
}

pub(super) fn judge(cases: &[Case<'_>]) -> Verdict {
    let (names, mut complaints) = Names::read(cases.iter().map(|case| case.events));
    let mut summary = Vec::new();
    for case in cases {
        let found = complaints_of(case, &names);
        complaints.extend(
            found
                .into_iter()
                .map(|each| format!("{}: {each}", case.receiver)),
        );
        summary.push(format!(
            "{}: {} of {} punches, {} requests, {} of them resends, {} records refused alone",
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

fn complaints_of(case: &Case<'_>, names: &Names) -> Vec<String> {
    let mut complaints = Vec::new();
    for punch in missing(case.events, names, case.expected) {
        complaints.push(format!("{punch} never arrived"));
    }
    for fault in requests(case.events).filter_map(|request| request.fault.as_ref()) {
        complaints.push(fault.clone());
    }
    strangers(case, names, &mut complaints);
    order(case, names, &mut complaints);
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

/// A punch that no terminal holds was made up on the way; one that this receiver does not want was never to be sent.
fn strangers(case: &Case<'_>, names: &Names, complaints: &mut Vec<String>) {
    let known: BTreeSet<&Punch> = case.known.iter().flat_map(|log| &log.0).collect();
    let mut told = BTreeSet::new();
    for record in requests(case.events).flat_map(|request| &request.records) {
        if let Some(punch) = names.punch(&record.id)
            && !known.contains(punch)
            && told.insert(punch)
        {
            complaints.push(format!("{punch} is in no terminal, or is not wanted here"));
        }
    }
}

/// One person's punches on one terminal arrive in the order of its log, but for those that were refused alone.
fn order(case: &Case<'_>, names: &Names, complaints: &mut Vec<String>) {
    let places: BTreeMap<&Punch, usize> = case
        .known
        .iter()
        .flat_map(|log| log.0.iter().enumerate())
        .rev()
        .map(|(place, punch)| (punch, place))
        .collect();
    let set_aside = set_aside(case.events);
    let mut last: BTreeMap<(u16, &str), (usize, &Punch)> = BTreeMap::new();
    for (id, punch) in names.taken(case.events) {
        let Some(place) = places.get(punch).copied() else {
            continue;
        };
        if set_aside.contains(id) {
            continue;
        }
        let person = (punch.terminal, punch.person.as_str());
        if let Some((before, earlier)) = last.get(&person)
            && *before > place
        {
            complaints.push(format!("{punch} arrived after {earlier}"));
        }
        last.insert(person, (place, punch));
    }
}

/// Records that the receiver said no to when they came alone, in the simplest shape that it reads: later ones may pass
/// them.
pub(super) fn set_aside(events: &[Event]) -> BTreeSet<&str> {
    let all: Vec<&Request> = requests(events).collect();
    events
        .iter()
        .filter_map(|event| {
            let Event::Refused(number, status) = event else {
                return None;
            };
            Some((all.get(number.0)?, *status))
        })
        .filter(|(request, status)| *status == 500 || request.shape != Shape::Batch)
        .filter_map(|(request, _)| Some(request.only()?.id.as_str()))
        .collect()
}

fn requests(events: &[Event]) -> impl Iterator<Item = &Request> + Clone {
    events.iter().filter_map(|event| {
        let Event::Arrived(request) = event else {
            return None;
        };
        Some(request.as_ref())
    })
}

//! What an idempotent receiver may rightly expect, and what the terminals say it must have got.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    journal::{Event, RequestNumber},
    request::{Punch, Request},
};

/// The log of one terminal, in its own order.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(pub(super) Vec<Punch>);

pub(super) struct Verdict {
    pub(super) complaints: Vec<String>,
    pub(super) summary: String,
}

/// The punches of `expected` that the receiver never took.
pub(super) fn missing<'a>(events: &[Event], expected: &'a [Log]) -> Vec<&'a Punch> {
    let taken: BTreeSet<Punch> = taken(events).into_iter().collect();
    expected
        .iter()
        .flat_map(|log| &log.0)
        .filter(|punch| !taken.contains(punch))
        .collect()
}

/// `expected` was in the terminals before the end, `known` is all that they ever held.
pub(super) fn judge(events: &[Event], expected: &[Log], known: &[Log]) -> Verdict {
    let mut complaints = Vec::new();
    for punch in missing(events, expected) {
        complaints.push(format!("{punch} never arrived"));
    }
    strangers(events, known, &mut complaints);
    order(events, known, &mut complaints);
    shapes(events, &mut complaints);
    let resends = keys(events, &mut complaints);
    in_flight(events, &mut complaints);
    needless_resends(events, &mut complaints);

    let kills = events
        .iter()
        .filter(|event| matches!(event, Event::Killed))
        .count();
    Verdict {
        complaints,
        summary: format!(
            "{} punches from {} terminals, {} requests, {resends} of them resends, {kills} kills",
            taken(events).len(),
            expected.len(),
            requests(events).count(),
        ),
    }
}

fn requests(events: &[Event]) -> impl Iterator<Item = &Request> {
    events.iter().filter_map(|event| match event {
        Event::Arrived(request) => Some(request),
        Event::Taken(_)
        | Event::Acknowledged(_)
        | Event::Failed(_)
        | Event::Killed
        | Event::Stopped => None,
    })
}

fn request(events: &[Event], number: RequestNumber) -> Option<&Request> {
    requests(events).nth(number.0)
}

/// What the receiver made its own, each once, in the order of its first taking.
fn taken(events: &[Event]) -> Vec<Punch> {
    let all: Vec<&Request> = requests(events).collect();
    let mut seen = BTreeSet::new();
    events
        .iter()
        .filter_map(|event| match event {
            Event::Taken(number) => all.get(number.0),
            Event::Arrived(_)
            | Event::Acknowledged(_)
            | Event::Failed(_)
            | Event::Killed
            | Event::Stopped => None,
        })
        .flat_map(|request| request.punches().unwrap_or_default())
        .filter(|punch| seen.insert(punch.clone()))
        .collect()
}

/// A punch that no terminal holds was made up on the way.
fn strangers(events: &[Event], known: &[Log], complaints: &mut Vec<String>) {
    let known: BTreeSet<&Punch> = known.iter().flat_map(|log| &log.0).collect();
    for punch in taken(events) {
        if !known.contains(&punch) {
            complaints.push(format!("{punch} is in no terminal"));
        }
    }
}

/// One person's punches on one terminal arrive in the order of its log.
fn order(events: &[Event], known: &[Log], complaints: &mut Vec<String>) {
    let places: BTreeMap<&Punch, usize> = known
        .iter()
        .flat_map(|log| log.0.iter().enumerate())
        .rev()
        .map(|(place, punch)| (punch, place))
        .collect();
    let mut last: BTreeMap<(u16, String), (usize, Punch)> = BTreeMap::new();
    for punch in taken(events) {
        let Some(place) = places.get(&punch).copied() else {
            continue;
        };
        let person = (punch.terminal, punch.person.clone());
        if let Some((before, earlier)) = last.get(&person)
            && *before > place
        {
            complaints.push(format!("{punch} arrived after {earlier}"));
        }
        last.insert(person, (place, punch));
    }
}

/// Nothing is refused here, so everything comes as a batch in the seed's shape, under a key.
fn shapes(events: &[Event], complaints: &mut Vec<String>) {
    for request in requests(events) {
        if let Err(error) = request.punches() {
            complaints.push(format!("{error:#}"));
        }
        if request.idempotency_key.is_none() {
            complaints.push("a request without Idempotency-Key".to_owned());
        }
        if request.record_id.is_some() {
            complaints.push("a batch with X-Record-Id".to_owned());
        }
    }
}

/// One key, one body; one punch, one key. Counts the resends.
fn keys(events: &[Event], complaints: &mut Vec<String>) -> usize {
    let mut bodies: BTreeMap<&str, &[u8]> = BTreeMap::new();
    let mut keys: BTreeMap<Punch, &str> = BTreeMap::new();
    let mut resends = 0;
    for request in requests(events) {
        let key = request.idempotency_key.as_deref().unwrap_or_default();
        if let Some(body) = bodies.insert(key, &request.body) {
            resends += 1;
            if body != request.body {
                complaints.push(format!("the key {key} came with two bodies"));
            }
            continue;
        }
        for punch in request.punches().unwrap_or_default() {
            if let Some(other) = keys.get(&punch) {
                complaints.push(format!("{punch} came under the keys {other} and {key}"));
            } else {
                keys.insert(punch, key);
            }
        }
    }
    resends
}

/// A destination gets one request at a time.
fn in_flight(events: &[Event], complaints: &mut Vec<String>) {
    let mut open = BTreeSet::new();
    let mut next = 0;
    for event in events {
        match event {
            Event::Arrived(_) => {
                if !open.is_empty() {
                    complaints.push(format!("request {next} came while another was in flight"));
                }
                open.insert(RequestNumber(next));
                next += 1;
            }
            Event::Acknowledged(number) | Event::Failed(number) => {
                open.remove(number);
            }
            Event::Killed | Event::Stopped => open.clear(),
            Event::Taken(_) => {}
        }
    }
}

/// What was acknowledged goes out again only when a kill came before the sender did anything else: then it may not have
/// read, or not have written down, the answer.
fn needless_resends(events: &[Event], complaints: &mut Vec<String>) {
    let mut acknowledged = BTreeSet::new();
    let mut newest = None;
    let mut first_of_this_life = 0;
    let mut next = 0;
    for event in events {
        match event {
            Event::Arrived(request) => {
                let key = request.idempotency_key.clone().unwrap_or_default();
                if acknowledged.contains(&key) {
                    complaints.push(format!(
                        "the key {key} came again after its answer was read"
                    ));
                }
                newest = None;
                next += 1;
            }
            Event::Acknowledged(number) if number.0 >= first_of_this_life => {
                newest = request(events, *number).and_then(|it| it.idempotency_key.clone());
                acknowledged.extend(newest.clone());
            }
            Event::Killed => {
                if let Some(key) = newest.take() {
                    acknowledged.remove(&key);
                }
                first_of_this_life = next;
            }
            Event::Stopped => {
                newest = None;
                first_of_this_life = next;
            }
            // An answer to the dead changes nothing.
            Event::Acknowledged(_) | Event::Taken(_) | Event::Failed(_) => {}
        }
    }
}

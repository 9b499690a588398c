//! What may come again, when, and as what.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{ids, requests};
use crate::crash::{
    journal::{Event, RequestNumber},
    request::Request,
};

pub(in crate::crash) fn look(events: &[Event], complaints: &mut Vec<String>) {
    keys(events, complaints);
    in_flight(events, complaints);
    needless(events, complaints);
}

pub(super) fn count(events: &[Event]) -> usize {
    let mut keys = BTreeSet::new();
    requests(events)
        .filter(|request| !keys.insert(request.idempotency_key.as_ref()))
        .count()
}

/// One key, one body, to the byte.
fn keys(events: &[Event], complaints: &mut Vec<String>) {
    let mut before: BTreeMap<&str, &Request> = BTreeMap::new();
    for request in requests(events) {
        let key = request.idempotency_key.as_deref().unwrap_or_default();
        if let Some(earlier) = before.insert(key, request)
            && earlier.body != request.body
        {
            complaints.push(format!("the key {key} came with two bodies"));
        }
    }
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
            Event::Acknowledged(number)
            | Event::TurnedAway(number)
            | Event::Failed(number)
            | Event::Refused(number, _) => {
                open.remove(number);
            }
            Event::Killed | Event::Stopped | Event::Started => open.clear(),
            Event::Taken(_) | Event::TakenInPart(..) | Event::Telling(_) | Event::Told(_) => {}
        }
    }
}

/// What was acknowledged goes out again only when a kill came before the sender did anything else: then it may not have
/// read, or not have written down, the answer.
fn needless(events: &[Event], complaints: &mut Vec<String>) {
    let all: Vec<&Request> = requests(events).collect();
    let mut in_part = BTreeMap::new();
    let mut acknowledged: BTreeSet<&str> = BTreeSet::new();
    let mut newest: Vec<&str> = Vec::new();
    let mut first_of_this_life = 0;
    let mut is_dead = false;
    let mut next = 0;
    for event in events {
        match event {
            Event::Arrived(request) => {
                if let Some(id) = ids(request).find(|id| acknowledged.contains(id)) {
                    let key = request.idempotency_key.as_deref().unwrap_or_default();
                    complaints.push(format!(
                        "the record {id} came again, under the key {key}, after its answer was read"
                    ));
                }
                newest.clear();
                next += 1;
            }
            Event::Acknowledged(number) if number.0 >= first_of_this_life && !is_dead => {
                let taken: Option<&Arc<BTreeSet<String>>> = in_part.get(number).copied();
                let all = all.get(number.0).into_iter().flat_map(|each| ids(each));
                newest = all
                    .filter(|id| taken.is_none_or(|taken| taken.contains(*id)))
                    .collect();
                acknowledged.extend(&newest);
            }
            Event::Killed => {
                for id in newest.drain(..) {
                    acknowledged.remove(id);
                }
                is_dead = true;
            }
            Event::TakenInPart(number, taken) => {
                in_part.insert(number, taken);
            }
            Event::Stopped => {
                newest.clear();
                is_dead = true;
            }
            Event::Started => {
                // What was on its way when the kill came is of the dead as well.
                first_of_this_life = next;
                is_dead = false;
            }
            // An answer to the dead changes nothing.
            Event::Acknowledged(_)
            | Event::Taken(_)
            | Event::TurnedAway(_)
            | Event::Failed(_)
            | Event::Refused(..)
            | Event::Telling(_)
            | Event::Told(_) => {}
        }
    }
}

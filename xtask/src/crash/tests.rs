mod judge;
mod ledger;
mod limits;
mod manners;
mod order;
mod receiver;
mod request;
mod words;

use std::sync::Arc;

use super::{
    journal::{
        Event::{self, Acknowledged, Arrived, Taken},
        RequestNumber,
    },
    judge::{Case, Facts, Log, judge},
    ledger::Numbers,
    request::{Doors, Punch, Request},
    roster::Roster,
};

const HERE: u16 = 4370;
const THERE: u16 = 4371;

fn punch(pin: &str, time: &str) -> Punch {
    Punch {
        terminal: HERE,
        pin: pin.to_owned(),
        time: time.to_owned(),
        kind: "Check In".to_owned(),
    }
}

/// The usual one of a punch.
fn id(punch: &Punch) -> String {
    format!("{} {} {}", punch.terminal, punch.pin, punch.time)
}

fn doors() -> Doors {
    [("CRASH000".to_owned(), HERE)].into()
}

fn record(punch: &Punch) -> serde_json::Value {
    told_as(&punch.pin, punch)
}

fn told_as(employee: &str, punch: &Punch) -> serde_json::Value {
    serde_json::json!({
        "employee_id": employee,
        "timestamp": punch.time,
        "punch_type": punch.kind,
        "record_id": id(punch),
    })
}

/// All of the first one's terminal.
fn batch(key: &str, punches: &[Punch]) -> Arc<Request> {
    let records: Vec<_> = punches.iter().map(record).collect();
    batch_of(key, punches[0].terminal, &records)
}

fn batch_of(key: &str, terminal: u16, records: &[serde_json::Value]) -> Arc<Request> {
    let body = serde_json::json!({ "device_info": { "port": terminal }, "records": records });
    Arc::new(Request::new(
        Some(key.to_owned()),
        None,
        body.to_string().into_bytes(),
        &doors(),
    ))
}

fn bare(punch: &Punch) -> Arc<Request> {
    Arc::new(Request::new(
        Some(id(punch)),
        Some(&id(punch)),
        record(punch).to_string().into_bytes(),
        &doors(),
    ))
}

fn n(number: usize) -> RequestNumber {
    RequestNumber(number)
}

/// One request that is taken and acknowledged.
fn taken(number: usize, request: Arc<Request>) -> Vec<Event> {
    vec![Arrived(request), Taken(n(number)), Acknowledged(n(number))]
}

fn delivered(number: usize, key: &str, punches: &[Punch]) -> Vec<Event> {
    taken(number, batch(key, punches))
}

/// Their places in the ledger, from 1.
fn numbers(ledger: &[Punch]) -> Numbers {
    ledger.iter().map(id).zip(1..).collect()
}

/// Of one receiver that wants all that is in `ledger`.
fn complaints_with(events: &[Event], ledger: &[Punch], roster: &Roster) -> Vec<String> {
    let known = [Log(ledger.to_vec())];
    let case = Case {
        receiver: "A",
        events,
        expected: &[],
    };
    let facts = Facts {
        known: &known,
        roster,
        numbers: &numbers(ledger),
    };
    judge(&[case], &facts).complaints
}

mod judge;
mod ledger;
mod manners;
mod receiver;
mod request;

use std::sync::Arc;

use super::request::{Doors, Punch, Request};

fn punch(person: &str, time: &str) -> Punch {
    Punch {
        terminal: 4370,
        person: person.to_owned(),
        time: time.to_owned(),
        kind: "Check In".to_owned(),
    }
}

/// The usual one of a punch.
fn id(punch: &Punch) -> String {
    format!("{} {}", punch.person, punch.time)
}

fn doors() -> Doors {
    [("CRASH000".to_owned(), 4370)].into()
}

fn record(punch: &Punch) -> serde_json::Value {
    serde_json::json!({
        "employee_id": punch.person,
        "timestamp": punch.time,
        "punch_type": punch.kind,
        "record_id": id(punch),
    })
}

fn batch(key: &str, punches: &[Punch]) -> Arc<Request> {
    let records: Vec<_> = punches.iter().map(record).collect();
    let body = serde_json::json!({ "device_info": { "port": 4370 }, "records": records });
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

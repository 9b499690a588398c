mod judge;
mod receiver;
mod request;

use super::request::{Punch, Request};

fn punch(person: &str, time: &str) -> Punch {
    Punch {
        terminal: 4370,
        person: person.to_owned(),
        time: time.to_owned(),
        kind: "Check In".to_owned(),
    }
}

fn batch(key: &str, punches: &[Punch]) -> Request {
    let records: Vec<_> = punches
        .iter()
        .map(|punch| {
            serde_json::json!({
                "employee_id": punch.person,
                "timestamp": punch.time,
                "punch_type": punch.kind,
            })
        })
        .collect();
    let body = serde_json::json!({ "device_info": { "port": 4370 }, "records": records });
    Request {
        idempotency_key: Some(key.to_owned()),
        record_id: None,
        body: body.to_string().into_bytes(),
    }
}

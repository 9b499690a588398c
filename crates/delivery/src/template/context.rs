//! What a template sees.

use std::collections::BTreeMap;

use domain::{BatchFacts, LocalTime, OutPunch, PunchState, Secret};
use minijinja::Value;

use crate::body::times;

/// What there is to be told of one request.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) batch: &'a BatchFacts,
    pub(crate) secrets: &'a BTreeMap<String, Secret<String>>,
}

/// `records` always, `record` where each request carries one.
pub(crate) fn values(facts: Facts<'_>, punches: &[OutPunch], one_each: bool) -> Value {
    let records: Vec<Value> = punches.iter().map(record).collect();
    let only = one_each.then(|| records.first().cloned()).flatten();
    let batch = facts.batch;
    let mut all = vec![
        (
            "batch",
            Value::from_pairs([
                ("id", Value::from(batch.idempotency_key.as_str())),
                ("export_time", Value::from(batch.export_time.as_str())),
                ("count", Value::from(records.len())),
            ]),
        ),
        (
            "terminal",
            Value::from_pairs([
                ("name", Value::from(batch.device_name.as_str())),
                ("serial", Value::from(batch.device_serial.as_deref())),
                ("host", Value::from(batch.device_ip.as_str())),
                ("port", Value::from(batch.device_port)),
            ]),
        ),
        (
            "secrets",
            Value::from_pairs(
                facts
                    .secrets
                    .iter()
                    .map(|(name, secret)| (name.as_str(), secret.expose().as_str())),
            ),
        ),
    ];
    if let Some(only) = only {
        all.push(("record", only));
    }
    all.push(("records", Value::from(records)));
    Value::from_pairs(all)
}

fn record(punch: &OutPunch) -> Value {
    Value::from_pairs([
        ("record_id", Value::from(punch.record_id.as_str())),
        ("pin", Value::from(punch.pin.as_str())),
        ("employee_id", Value::from(punch.employee_id.as_str())),
        ("employee_name", Value::from(punch.employee_name.as_str())),
        ("timestamp", Value::from(punch.local_time.to_string())),
        ("date", Value::from(LocalTime::date(punch.local_time))),
        ("time", Value::from(LocalTime::time(punch.local_time))),
        ("rfc3339", Value::from(times::rfc3339(punch))),
        ("utc", Value::from(times::utc(punch))),
        ("unix", Value::from(punch.instant.as_second())),
        ("zone", Value::from(punch.zone.as_str())),
        ("time_flag", Value::from(punch.flag.as_str())),
        ("state", Value::from(punch.state.code())),
        ("punch_type", Value::from(PunchState::label(punch.state))),
        ("verify", Value::from(punch.verify)),
        ("work_code", Value::from(punch.work_code)),
        ("source", Value::from(punch.source.as_str())),
    ])
}

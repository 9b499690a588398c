//! The seed's two JSON shapes.

use domain::{BatchFacts, LocalTime, OutPunch, PunchState};
use serde::Serialize;

/// One record; the order of the fields is the order of the keys.
#[expect(clippy::struct_field_names, reason = "the seed's keys")]
#[derive(Serialize)]
struct Record<'a> {
    employee_id: &'a str,
    employee_name: &'a str,
    timestamp: String,
    date: String,
    time: String,
    punch_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_id: Option<&'a str>,
}

#[derive(Serialize)]
struct DeviceInfo<'a> {
    ip: &'a str,
    port: u16,
    export_time: &'a str,
}

#[derive(Serialize)]
struct Envelope<'a> {
    device_info: DeviceInfo<'a>,
    records: Vec<Record<'a>>,
}

pub(super) fn body(facts: &BatchFacts, punches: &[OutPunch]) -> Result<Vec<u8>, serde_json::Error> {
    match (facts.is_bare, punches) {
        (true, [only]) => serde_json::to_vec(&record(facts, only)),
        (true | false, _) => serde_json::to_vec(&Envelope {
            device_info: DeviceInfo {
                ip: &facts.device_ip,
                port: facts.device_port,
                export_time: &facts.export_time,
            },
            records: punches.iter().map(|each| record(facts, each)).collect(),
        }),
    }
}

fn record<'a>(facts: &BatchFacts, punch: &'a OutPunch) -> Record<'a> {
    Record {
        employee_id: &punch.employee_id,
        employee_name: &punch.employee_name,
        timestamp: punch.local_time.to_string(),
        date: LocalTime::date(punch.local_time),
        time: LocalTime::time(punch.local_time),
        punch_type: PunchState::label(punch.state),
        record_id: facts.with_record_id.then_some(punch.record_id.as_str()),
    }
}

//! The seed's two JSON shapes, byte for byte the same whenever the same batch is sent again.

use domain::{BatchShape, LocalTime, PunchState};
use serde::Serialize;
use storage::{Batch, BatchRecord};

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

/// Whether records carry their id in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordIds {
    Shown,
    Hidden,
}

/// The body of one request.
pub(crate) fn body(
    batch: &Batch,
    records: &[BatchRecord],
    ids: RecordIds,
) -> Result<Vec<u8>, serde_json::Error> {
    match (batch.shape, records) {
        (BatchShape::Bare, [only]) => serde_json::to_vec(&record(only, ids)),
        (BatchShape::Bare | BatchShape::Batch, _) => serde_json::to_vec(&Envelope {
            device_info: DeviceInfo {
                ip: &batch.device_ip,
                port: batch.device_port,
                export_time: &batch.export_time,
            },
            records: records.iter().map(|each| record(each, ids)).collect(),
        }),
    }
}

fn record(record: &BatchRecord, ids: RecordIds) -> Record<'_> {
    Record {
        employee_id: record.pin.as_str(),
        employee_name: &record.person_name,
        timestamp: record.local_time.to_string(),
        date: LocalTime::date(record.local_time),
        time: LocalTime::time(record.local_time),
        punch_type: PunchState::label(record.state),
        record_id: match ids {
            RecordIds::Shown => Some(record.record_id.as_str()),
            RecordIds::Hidden => None,
        },
    }
}

//! What the ledger holds of a batch, as a request tells it.

use domain::{BatchFacts, BatchShape, Destination, OutPunch};
use storage::{Batch, BatchRecord};

pub(super) fn of_batch(destination: &Destination, batch: &Batch) -> BatchFacts {
    BatchFacts {
        is_bare: batch.shape == BatchShape::Bare,
        idempotency_key: batch.idempotency_key.clone(),
        export_time: batch.export_time.clone(),
        device_ip: batch.device_ip.clone(),
        device_port: batch.device_port,
        device_name: batch.device_name.clone(),
        device_serial: batch.device_serial.clone(),
        with_record_id: destination.with_record_id,
    }
}

pub(super) fn of_record(record: &BatchRecord) -> OutPunch {
    let told = OutPunch {
        record_id: record.record_id.clone(),
        pin: record.pin.clone(),
        employee_id: record.pin.as_str().to_owned(),
        employee_name: record.person_name.clone(),
        local_time: record.local_time,
        zone: record.zone.clone(),
        instant: record.instant,
        flag: record.flag,
        state: record.state,
        verify: record.verify,
        work_code: record.work_code,
        source: record.source,
    };
    match &record.known_as {
        Some(known) => told.known_as(known.employee_number.as_str(), &known.name),
        None => told,
    }
}

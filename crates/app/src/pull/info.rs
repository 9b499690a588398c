//! What a terminal says of itself, under the names of `/api/device-info`.

use domain::Address;
use serde::Serialize;
use zk_client::Session;
use zk_wire::FreeSizes;

pub(super) const HEADER: &str = "address,serial_number,device_name,vendor,platform,firmware,mac,fingerprint_version,\
                                 face_version,users_on_device,users_capacity,records_on_device,records_capacity,\
                                 device_time";

/// In the order of the header.
#[derive(Debug, Serialize)]
pub(super) struct Info {
    address: String,
    serial_number: Option<String>,
    device_name: Option<String>,
    vendor: Option<String>,
    platform: Option<String>,
    firmware: Option<String>,
    mac: Option<String>,
    fingerprint_version: Option<String>,
    face_version: Option<String>,
    users_on_device: Option<u32>,
    users_capacity: Option<u32>,
    records_on_device: Option<u32>,
    records_capacity: Option<u32>,
    /// The terminal's wall clock.
    device_time: Option<String>,
}

pub(super) async fn pull(session: &mut Session, address: &Address) -> anyhow::Result<Info> {
    let told = session.device_info().await?;
    let counters = session.counters().await?;
    let time = session.clock().await?;
    let counted = |count: fn(&FreeSizes) -> Option<u32>| counters.as_ref().and_then(count);
    Ok(Info {
        address: address.to_string(),
        serial_number: told.serial,
        device_name: told.name,
        vendor: told.vendor,
        platform: told.platform,
        firmware: told.firmware,
        mac: told.mac,
        fingerprint_version: told.fingerprint,
        face_version: told.face,
        users_on_device: counted(FreeSizes::users),
        users_capacity: counted(FreeSizes::user_capacity),
        records_on_device: counted(FreeSizes::records),
        records_capacity: counted(FreeSizes::record_capacity),
        device_time: time.map(|time| time.to_string()),
    })
}

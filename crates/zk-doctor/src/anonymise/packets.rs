//! Packets that are no part of a table.

use std::collections::HashMap;

use zk_wire::{Packet, code};

use super::people::People;

/// Which request each reply belongs to.
#[derive(Debug, Default)]
pub(super) struct Requests(HashMap<u16, u16>);

/// Requests whose payload says nothing of people.
const HARMLESS_REQUESTS: &[u16] = &[
    code::ACK_OK,
    code::CONNECT,
    code::EXIT,
    code::OPTIONS_READ,
    code::TABLE_READ,
    code::USERS_READ,
    code::ATTENDANCE_READ,
    code::OPERATION_LOG_READ,
    code::GET_FREE_SIZES,
    code::STATE,
    code::PIN_WIDTH,
    code::DOOR_STATE,
    code::GET_TIME,
    code::GET_VERSION,
    code::REG_EVENT,
    code::CANCEL_CAPTURE,
    code::START_VERIFY,
    code::ENABLE_DEVICE,
    code::PREPARE_BUFFER,
    code::READ_BUFFER,
    code::FREE_DATA,
];
/// Requests whose replies say nothing of people, beside the tables.
const HARMLESS_REPLIES: &[u16] = &[
    code::CONNECT,
    code::AUTH,
    code::EXIT,
    code::GET_FREE_SIZES,
    code::STATE,
    code::PIN_WIDTH,
    code::DOOR_STATE,
    code::GET_TIME,
    code::GET_VERSION,
    code::REG_EVENT,
    code::CANCEL_CAPTURE,
    code::START_VERIFY,
    code::ENABLE_DEVICE,
    code::PREPARE_BUFFER,
    code::FREE_DATA,
];
/// Settings that are the same for all terminals of a kind; every other may be somebody's.
const HARMLESS_SETTINGS: &[&str] = &[
    "~DeviceName",
    "~OEMVendor",
    "~Platform",
    "~OS",
    "~ProductTime",
    "~ZKFPVersion",
    "ZKFaceVersion",
    "FaceFunOn",
    "FingerFunOn",
    "~IsOnlyRFMachine",
    "~RFCardOn",
    "~PIN2Width",
    "~IsABCPinEnable",
    "IsSupportABCPin",
    "~ExtendFmt",
    "~UserExtFmt",
    "ExtendOPLog",
    "CompatOldFirmware",
    "WorkCode",
    "~SSR",
    "Language",
    "NewLng",
    "TCPPort",
    "UDPPort",
    "AlarmReRec",
    "DtFmt",
    "~ShowState",
];

impl Requests {
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    pub(super) fn sent(&mut self, packet: &mut Packet, people: &mut People) {
        if packet.command != code::ACK_OK {
            self.0.insert(packet.reply, packet.command);
        }
        match packet.command {
            code::OPTIONS_WRITE => setting(&mut packet.payload, people),
            // From AUTH the key could be computed.
            command if HARMLESS_REQUESTS.contains(&command) => {}
            _ => packet.payload.fill(0),
        }
    }

    /// A reply that is no part of a table that could be put together.
    pub(super) fn received(&self, packet: &mut Packet, people: &mut People) {
        let request = self.0.get(&packet.reply).copied();
        match (packet.command, request) {
            (code::REG_EVENT, _) => event(packet, people),
            (code::PREPARE_DATA, _) => {}
            (code::DATA, _) => packet.payload.fill(0),
            (_, Some(code::OPTIONS_READ)) => setting(&mut packet.payload, people),
            (_, Some(command)) if HARMLESS_REPLIES.contains(&command) => {}
            (_, _) => packet.payload.fill(0),
        }
    }
}

/// `name=value`; what stands behind a NUL is scrubbed.
fn setting(payload: &mut [u8], people: &mut People) {
    let end = payload
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(payload.len());
    let (text, rest) = payload.split_at_mut(end);
    rest.fill(0);
    let value = text
        .iter()
        .position(|byte| *byte == b'=')
        .map_or(0, |at| at + 1);
    let (name, value) = text.split_at_mut(value);
    let is_harmless = HARMLESS_SETTINGS
        .iter()
        .any(|harmless| name.strip_suffix(b"=") == Some(harmless.as_bytes()));
    if !is_harmless {
        let replaced = people.settings.text(value);
        value.copy_from_slice(&replaced);
    }
}

fn event(packet: &mut Packet, people: &mut People) {
    let payload = packet.payload.as_mut_slice();
    match packet.session {
        code::event::ATTENDANCE => match payload.len() {
            12 => People::number(&mut people.pins, payload),
            32.. => {
                if let Some(field) = payload.get_mut(..24) {
                    people.pin(field);
                }
            }
            // A slot number.
            10 | 14 => {}
            _ => payload.fill(0),
        },
        code::event::FINGER
        | code::event::FINGER_SCORE
        | code::event::BUTTON
        | code::event::UNLOCK
        | code::event::ALARM => {}
        _ => payload.fill(0),
    }
}

use crate::{
    Packet, PinText, Unreadable, Who, WireTime,
    bytes::{u16_at, u32_at, until_nul},
    code,
};

/// Something that happened at the terminal, told at once. It is a hint, not the record: the log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A punch, or why its bytes cannot be read.
    Attendance(Result<AttendanceEvent, Unreadable>),
    /// Another kind, see [`code::event`], with its bytes.
    Other {
        /// One of [`code::event`].
        kind: u16,
        /// Its layout differs by kind and firmware.
        payload: Vec<u8>,
    },
}

/// A punch as an event tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttendanceEvent {
    /// By user id, or by slot number on old terminals.
    pub who: Who,
    /// As in [`AttendanceRow`](crate::AttendanceRow).
    pub verify: u8,
    /// As in [`AttendanceRow`](crate::AttendanceRow).
    pub state: u8,
    /// By the terminal's own clock.
    pub time: WireTime,
}

impl Event {
    /// Reads a packet that a terminal sent by itself; `None` for any other packet. Its kind is in the session field.
    pub fn decode(packet: &Packet) -> Option<Self> {
        if packet.command != code::REG_EVENT {
            return None;
        }
        Some(match packet.session {
            code::event::ATTENDANCE => Self::Attendance(AttendanceEvent::decode(&packet.payload)),
            kind => Self::Other {
                kind,
                payload: packet.payload.clone(),
            },
        })
    }
}

impl AttendanceEvent {
    /// Reads the payload of an attendance event; its layout goes by its length (10, 12, 14, 32 and more bytes).
    pub fn decode(payload: &[u8]) -> Result<Self, Unreadable> {
        let (who, rest) = match payload.len() {
            10 | 14 => (slot(payload)?, payload.get(2..)),
            12 => (number(payload)?, payload.get(4..)),
            32.. => (text(payload)?, payload.get(24..)),
            _ => return Err(Unreadable::Short),
        };
        let Some([verify, state, time @ ..]) = rest else {
            return Err(Unreadable::Short);
        };
        let time = *time.first_chunk().ok_or(Unreadable::Short)?;
        let [_, _, day, hour, minute, second] = time;
        let impossible = Unreadable::Time(u32::from_le_bytes([second, minute, hour, day]));
        let time = WireTime::from_event_bytes(time).ok_or(impossible)?;
        Ok(Self {
            who,
            verify: *verify,
            state: *state,
            time,
        })
    }
}

fn slot(payload: &[u8]) -> Result<Who, Unreadable> {
    match u16_at(payload, 0) {
        None => Err(Unreadable::Short),
        Some(0) => Err(Unreadable::Nobody),
        Some(slot) => Ok(Who::Slot(slot)),
    }
}

fn number(payload: &[u8]) -> Result<Who, Unreadable> {
    match u32_at(payload, 0) {
        None => Err(Unreadable::Short),
        Some(0) => Err(Unreadable::Nobody),
        Some(number) => Ok(Who::Pin(PinText::from_number(number))),
    }
}

fn text(payload: &[u8]) -> Result<Who, Unreadable> {
    let id = until_nul(payload.get(..24).ok_or(Unreadable::Short)?);
    if id.is_empty() {
        return Err(Unreadable::Nobody);
    }
    PinText::new(id.trim_ascii_end())
        .map(Who::Pin)
        .ok_or(Unreadable::UserId)
}

use crate::{
    PinText, Unreadable, Who, WireTime,
    bytes::{u16_at, u32_at, until_nul},
};

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

/// Lengths of one punch with a textual user id; more is a tail of unknown meaning.
const TEXTUAL: [usize; 4] = [32, 36, 37, 52];
/// Lengths of one punch with a number.
const NUMERIC: [usize; 3] = [10, 12, 14];

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
            // The upper half tells there whether the punch is valid.
            state: match (payload.len(), *state) {
                (10 | 14, state @ 16..=254) => state & 0xf,
                (_, state) => state,
            },
            time,
        })
    }

    /// Reads every punch of a payload: mostly one, but several may stand behind each other where each of them reads.
    pub(super) fn decode_all(payload: &[u8]) -> Vec<Result<Self, Unreadable>> {
        if let Some(punches) = several(payload, &TEXTUAL) {
            return punches;
        }
        match Self::decode(payload) {
            Ok(punch) => vec![Ok(punch)],
            Err(error) => several(payload, &NUMERIC).unwrap_or_else(|| vec![Err(error)]),
        }
    }
}

/// Two punches and more of one of these lengths, each of which reads.
fn several(payload: &[u8], lengths: &[usize]) -> Option<Vec<Result<AttendanceEvent, Unreadable>>> {
    lengths
        .iter()
        .filter(|length| payload.len() >= **length * 2 && payload.len().is_multiple_of(**length))
        .find_map(|length| {
            let punches = payload.chunks_exact(*length).map(AttendanceEvent::decode);
            punches.map(|punch| punch.ok().map(Ok)).collect()
        })
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

use crate::bytes::{u16_at, u32_at};

/// What a terminal gives an alarm for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alarm {
    /// Which one.
    pub kind: AlarmKind,
    /// Slot number of whom it is about.
    pub uid: Option<u16>,
}

/// Kinds of alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlarmKind {
    /// The exit button was pressed.
    ExitButton,
    /// The terminal is being opened or taken from its wall.
    Tamper,
    /// Somebody failed to be verified again and again.
    Misoperation,
    /// The door is closing.
    DoorClosing,
    /// Somebody was verified with the finger that means a threat.
    Duress,
    /// Somebody went through the same way twice.
    Passback,
    /// Any other.
    Other(u32),
}

impl Alarm {
    /// Reads the payload of 4, 8 or 12 bytes; `None` for another one.
    pub(super) fn decode(payload: &[u8]) -> Option<Self> {
        match payload.len() {
            4 | 8 => Some(Self {
                kind: match payload.first()? {
                    0x35 => AlarmKind::ExitButton,
                    0x37 => AlarmKind::Tamper,
                    0x3a => AlarmKind::Misoperation,
                    0x54 => AlarmKind::DoorClosing,
                    _ => AlarmKind::Other(u32_at(payload, 0)?),
                },
                uid: None,
            }),
            12 if u32_at(payload, 0) == Some(u32::MAX) => {
                let kind = u16_at(payload, 4)?;
                Some(Self {
                    kind: match kind {
                        0x20 => AlarmKind::Duress,
                        0x22 => AlarmKind::Passback,
                        other => AlarmKind::Other(u32::from(other)),
                    },
                    uid: u16_at(payload, 6).filter(|uid| *uid > 0),
                })
            }
            _ => None,
        }
    }
}

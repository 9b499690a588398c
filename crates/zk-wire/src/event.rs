mod alarm;
mod attendance;

pub use alarm::{Alarm, AlarmKind};
pub use attendance::AttendanceEvent;

use crate::{
    Packet, PinText, Unreadable,
    bytes::{u16_at, u32_at, until_nul},
    code,
};

/// Something that happened at the terminal, told at once. It is a hint, not the record: the log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A punch, or why its bytes cannot be read.
    Attendance(Result<AttendanceEvent, Unreadable>),
    /// A finger lies on the sensor.
    Finger,
    /// Somebody was verified, or nobody.
    Verify {
        /// Slot number; `None` for somebody who is not known.
        uid: Option<u32>,
        /// Its meaning differs by firmware.
        result: u8,
    },
    /// Quality of a finger's picture: 100 good, 0 bad.
    FingerScore(u8),
    /// A user was enrolled in this slot.
    EnrollUser(u16),
    /// A finger was enrolled, or not.
    EnrollFinger {
        /// What came of it.
        result: EnrollResult,
        /// Bytes of the template.
        size: u16,
        /// The user id; `None` where it is no printable text.
        pin: Option<PinText>,
        /// 0 to 9.
        finger: u8,
    },
    /// A key was pressed; which number it has differs by model.
    Button(u32),
    /// The door was opened.
    Unlock,
    /// Tamper, duress, door …
    Alarm(Alarm),
    /// Another kind, see [`code::event`], or another length than is known of its kind.
    Other {
        /// One of [`code::event`].
        kind: u16,
        /// As it came.
        payload: Vec<u8>,
    },
}

/// What came of the enrolment of a finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EnrollResult {
    /// 0: it is enrolled.
    Done,
    /// 4.
    Failed,
    /// 5: the finger is somebody's already.
    Duplicate,
    /// 6: nobody laid a finger on the sensor in time.
    TooLate,
    /// Any other.
    Other(u16),
}

impl Event {
    /// Reads a packet that a terminal sent by itself; `None` for any other packet. Of several punches it is the first, see
    /// [`decode_all`](Self::decode_all).
    pub fn decode(packet: &Packet) -> Option<Self> {
        Self::decode_all(packet).into_iter().next()
    }

    /// The same, with every punch that one packet tells of; empty for a packet that is no event.
    pub fn decode_all(packet: &Packet) -> Vec<Self> {
        if packet.command != code::REG_EVENT {
            return Vec::new();
        }
        // The kind is in the session field.
        let (kind, payload) = (packet.session, packet.payload.as_slice());
        if kind == code::event::ATTENDANCE {
            let punches = AttendanceEvent::decode_all(payload);
            return punches.into_iter().map(Self::Attendance).collect();
        }
        let other = || Self::Other {
            kind,
            payload: payload.to_vec(),
        };
        vec![Self::of_kind(kind, payload).unwrap_or_else(other)]
    }

    /// `None` for a kind or a length that is not known.
    fn of_kind(kind: u16, payload: &[u8]) -> Option<Self> {
        match (kind, payload) {
            (code::event::FINGER, []) => Some(Self::Finger),
            (code::event::VERIFY, [_, _, _, _, result]) => Some(Self::Verify {
                uid: u32_at(payload, 0).filter(|uid| *uid != u32::MAX),
                result: *result,
            }),
            (code::event::FINGER_SCORE, [score]) => Some(Self::FingerScore(*score)),
            (code::event::ENROLL_USER, [low, high] | [low, high, 0, 0]) => {
                Some(Self::EnrollUser(u16::from_le_bytes([*low, *high])))
            }
            (code::event::ENROLL_FINGER, [_, _, _, _, pin @ .., finger]) if pin.len() == 9 => {
                Some(Self::EnrollFinger {
                    result: EnrollResult::of(u16_at(payload, 0)?),
                    size: u16_at(payload, 2)?,
                    pin: PinText::new(until_nul(pin).trim_ascii_end()),
                    finger: *finger,
                })
            }
            (code::event::BUTTON, [key]) => Some(Self::Button(u32::from(*key))),
            (code::event::BUTTON, [low, high]) => {
                Some(Self::Button(u32::from(u16::from_le_bytes([*low, *high]))))
            }
            (code::event::BUTTON, [_, _, _, _]) => u32_at(payload, 0).map(Self::Button),
            (code::event::UNLOCK, []) => Some(Self::Unlock),
            (code::event::ALARM, payload) => Alarm::decode(payload).map(Self::Alarm),
            _ => None,
        }
    }
}

impl EnrollResult {
    fn of(code: u16) -> Self {
        match code {
            0 => Self::Done,
            4 => Self::Failed,
            5 => Self::Duplicate,
            6 => Self::TooLate,
            other => Self::Other(other),
        }
    }
}

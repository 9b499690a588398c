//! Live events: what a terminal tells of at once, in which form, and to whom.

use bytes::Bytes;
use zk_wire::{RowLayout, code};

use crate::{contents::Punch, wall_clock};

/// How a terminal tells of what happens; firmware differs in each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveShape {
    /// Bytes of the event of a punch.
    pub length: EventLength,
    /// The answer to a request for events.
    pub registration: Registration,
    /// From when on a client that registered hears of anything.
    pub begins: EventsBegin,
    /// Who of several clients hears of events.
    pub listeners: Listeners,
    /// Events that a client may leave without acknowledgement; it hears of no more until it sends one.
    pub unacknowledged: Option<u32>,
}

impl Default for LiveShape {
    fn default() -> Self {
        Self {
            length: EventLength::AsLog,
            registration: Registration::Taken,
            begins: EventsBegin::AtOnce,
            listeners: Listeners::Everybody,
            unacknowledged: None,
        }
    }
}

/// Bytes of the event of a punch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventLength {
    /// 10, 12 or 32, so that people are named as in the log.
    AsLog,
    /// So many. Of those seen, 10 and 14 name the slot, 12 a number, and 32, 36, 37 and 52 the PIN as text; what is
    /// longer than the event is filled up with zeros, and other lengths are cut so that no client can read them.
    Bytes(usize),
}

/// The answer to `REG_EVENT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// `ACK_OK`.
    Taken,
    /// This code, and no events.
    Refused(u16),
}

/// From when on events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventsBegin {
    /// With the registration.
    AtOnce,
    /// Only while the client has sent `ENABLEDEVICE` on this connection, before it registers or after.
    WhenEnabled,
}

/// Who hears of events when several clients register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listeners {
    /// All of them.
    Everybody,
    /// The one who registered last; the others hear nothing more, without being told.
    Newest,
    /// The one who registered first; the others are refused until it is gone.
    First,
}

/// Something else than a punch that a terminal tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveEvent {
    /// A finger lies on the sensor.
    Finger,
    /// Somebody was verified by the slot number, or nobody was.
    Verify(Option<u16>),
    /// Quality of a finger's picture: 100 good, 0 bad.
    FingerScore(u8),
    /// A user was enrolled in this slot.
    EnrollUser(u16),
    /// A finger was enrolled.
    EnrollFinger {
        /// Up to 9 characters.
        pin: String,
        /// 0 to 9.
        finger: u8,
        /// Bytes of the template.
        size: u16,
        /// 0 done, 4 failed, 5 known already, 6 too late.
        result: u16,
    },
    /// A key was pressed.
    Button(u8),
    /// The door was opened.
    Unlock,
    /// Tamper, duress, door left open … in 4, 8 or 12 bytes.
    Alarm(Vec<u8>),
    /// Anything, also of a kind that nobody knows.
    Other {
        /// A bit of the mask of `REG_EVENT`; clients that did not register for it do not hear of it.
        kind: u16,
        /// As it is sent.
        payload: Vec<u8>,
    },
}

/// Something that happened, for the clients that registered for it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) kind: u16,
    pub(crate) payload: Bytes,
}

impl Event {
    /// `None` for a time that the wire cannot hold.
    pub(crate) fn punch(layout: RowLayout, length: EventLength, punch: &Punch) -> Option<Self> {
        let time = wall_clock::to_wire(punch.time)?.to_event_bytes();
        Some(Self::attendance(
            layout,
            length,
            (punch.uid, &punch.pin),
            [punch.verify, punch.state],
            time,
        ))
    }

    /// A punch of nobody: what a client that expects none must leave alone.
    pub(crate) fn of_nobody(layout: RowLayout) -> Self {
        let new_year = [26, 1, 1, 0, 0, 0];
        Self::attendance(layout, EventLength::AsLog, (0, ""), [1, 0], new_year)
    }

    fn attendance(
        layout: RowLayout,
        length: EventLength,
        (uid, pin): (u16, &str),
        how: [u8; 2],
        time: [u8; 6],
    ) -> Self {
        let bytes = match length {
            EventLength::Bytes(bytes) => bytes,
            EventLength::AsLog => match layout {
                RowLayout::A8 | RowLayout::B8 => 10,
                RowLayout::R16 | RowLayout::R16VerifyFirst => 12,
                RowLayout::R40 | RowLayout::R49 | RowLayout::Long(_) | RowLayout::Unknown(_) => 32,
            },
        };
        let mut payload = match bytes {
            10 | 14 => uid.to_le_bytes().to_vec(),
            12 => pin.parse().unwrap_or(0_u32).to_le_bytes().to_vec(),
            _ => {
                let mut id = pin.as_bytes().to_vec();
                id.resize(24, 0);
                id
            }
        };
        payload.extend(how);
        payload.extend(time);
        payload.resize(bytes.min(LONGEST), 0);
        Self {
            kind: code::event::ATTENDANCE,
            payload: payload.into(),
        }
    }
}

/// Bytes of an event at most, so that it fits a datagram.
const LONGEST: usize = 1_024;

impl From<LiveEvent> for Event {
    fn from(event: LiveEvent) -> Self {
        let (kind, payload) = match event {
            LiveEvent::Finger => (code::event::FINGER, Vec::new()),
            LiveEvent::Verify(uid) => {
                let slot = uid.map_or(u32::MAX, u32::from);
                let mut payload = slot.to_le_bytes().to_vec();
                payload.push(u8::from(uid.is_some()));
                (code::event::VERIFY, payload)
            }
            LiveEvent::FingerScore(score) => (code::event::FINGER_SCORE, vec![score]),
            LiveEvent::EnrollUser(uid) => (code::event::ENROLL_USER, uid.to_le_bytes().to_vec()),
            LiveEvent::EnrollFinger {
                pin,
                finger,
                size,
                result,
            } => {
                let mut payload = [result.to_le_bytes(), size.to_le_bytes()].concat();
                payload.extend_from_slice(pin.as_bytes());
                payload.resize(4 + 9, 0);
                payload.push(finger);
                (code::event::ENROLL_FINGER, payload)
            }
            LiveEvent::Button(key) => (code::event::BUTTON, vec![key]),
            LiveEvent::Unlock => (code::event::UNLOCK, Vec::new()),
            LiveEvent::Alarm(payload) => (code::event::ALARM, payload),
            LiveEvent::Other { kind, payload } => (kind, payload),
        };
        Self {
            kind,
            payload: payload.into(),
        }
    }
}

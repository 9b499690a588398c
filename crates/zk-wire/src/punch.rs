use std::fmt;

use crate::{
    PinText, RowLayout, WireTime,
    bytes::{fill, u16_at, u32_at},
};

/// One row of the attendance log, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttendanceRow {
    /// By user id where the row carries one, else by slot number.
    pub who: Who,
    /// The terminal's private slot number, where the row carries one.
    pub uid: Option<u16>,
    /// By the terminal's own clock.
    pub time: WireTime,
    /// 0 check-in, 1 check-out, 2 break-out, 3 break-in, 4 overtime-in, 5 overtime-out, 255 none.
    pub state: u8,
    /// 1 finger, 3 password, 4 card, 15 face …
    pub verify: u8,
    /// 0 for none, and in rows without the field.
    pub work_code: u32,
}

/// Whom a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// The user id that people know.
    Pin(PinText),
    /// Only the terminal's slot number; the table of users says whose it is.
    Slot(u16),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin(pin) => pin.fmt(f),
            Self::Slot(slot) => slot.fmt(f),
        }
    }
}

/// Why a row cannot be read; its neighbours can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unreadable {
    /// The packed time names a day that does not exist, such as 31 February.
    #[error("its time is no date ({0:#010x})")]
    Time(u32),
    /// The field of the user id holds something else than printable ASCII.
    #[error("its user id is not printable")]
    UserId,
    /// Neither a user id nor a slot number: an unused row, or the wrong layout.
    #[error("it names no user")]
    Nobody,
    /// Fewer bytes than the layout needs.
    #[error("it is cut off")]
    Short,
    /// In a log of rows of 8 bytes: a row of 4, whose time follows from an earlier one, or what stands behind such a row.
    /// The vendor's manual of 2006 tells of them, and no capture shows how they are to be read.
    #[error("it is a row of 4 bytes among rows of 8, or stands behind one")]
    Mixed,
    /// The whole log is in no layout that is known, or in one of two that look alike.
    #[error("the layout of its log is not known")]
    Layout,
}

/// A punch to be written as a row, by a virtual terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PunchRow {
    /// The terminal's private slot number; rows of 8 bytes carry nothing else of the user.
    pub uid: u16,
    /// Up to 24 ASCII characters; rows of 16 bytes carry a number of 32 bits, 0 where it is none.
    pub pin: String,
    /// By the terminal's own clock.
    pub time: WireTime,
    /// As in [`AttendanceRow::state`].
    pub state: u8,
    /// As in [`AttendanceRow::verify`].
    pub verify: u8,
    /// In rows of 16 bytes only.
    pub work_code: u32,
}

/// What newer face terminals put behind the first 40 bytes.
pub(crate) const TAIL_49: [u8; 9] = [0xff, b'2', b'5', b'5', 0, 0, 0, 0, 0];

impl RowLayout {
    /// Reads one row of [`size`](Self::size) bytes.
    pub fn decode(self, row: &[u8]) -> Result<AttendanceRow, Unreadable> {
        match self {
            Self::A8 => {
                let (who, uid) = slot(u16_at(row, 0))?;
                let time = time(u32_at(row, 3))?;
                Ok(AttendanceRow {
                    who,
                    uid,
                    time,
                    state: byte(row, 7)?,
                    verify: byte(row, 2)?,
                    work_code: 0,
                })
            }
            Self::B8 => {
                let flags = byte(row, 2)?;
                if is_out_of_step(row, flags) {
                    return Err(Unreadable::Mixed);
                }
                let (who, uid) = slot(u16_at(row, 0))?;
                let time = time(u32_at(row, 4))?;
                Ok(AttendanceRow {
                    who,
                    uid,
                    time,
                    state: flags & 7,
                    verify: flags >> 3 & 3,
                    work_code: 0,
                })
            }
            Self::R16 => number_row(row, 8, 9),
            Self::R16VerifyFirst => number_row(row, 9, 8),
            Self::R40 | Self::R49 | Self::Long(_) => text_row(row),
            Self::Unknown(_) => Err(Unreadable::Layout),
        }
    }

    /// Appends `punch` as a row of [`size`](Self::size) bytes. What the layout has no place for is left out; of an unknown
    /// one all bytes are zero.
    pub fn encode(self, punch: &PunchRow, table: &mut Vec<u8>) {
        let time = punch.time.to_u32().to_le_bytes();
        let start = table.len();
        table.resize(start + self.size(), 0);
        let row = table.get_mut(start..).unwrap_or_default();
        let mut put = |at: usize, value: &[u8]| {
            if let Some(field) = row.get_mut(at..at + value.len()) {
                field.copy_from_slice(value);
            }
        };
        match self {
            Self::A8 => {
                put(0, &punch.uid.to_le_bytes());
                put(2, &[punch.verify]);
                put(3, &time);
                put(7, &[punch.state]);
            }
            Self::B8 => {
                put(0, &punch.uid.to_le_bytes());
                put(2, &[0x20 | (punch.verify & 3) << 3 | punch.state & 7]);
                put(4, &time);
            }
            Self::R16 | Self::R16VerifyFirst => {
                let state_first = self == Self::R16;
                put(0, &punch.pin.parse().unwrap_or(0_u32).to_le_bytes());
                put(4, &time);
                put(if state_first { 8 } else { 9 }, &[punch.state]);
                put(if state_first { 9 } else { 8 }, &[punch.verify]);
                put(12, &punch.work_code.to_le_bytes());
            }
            Self::R40 | Self::R49 | Self::Long(_) => {
                let mut pin = [0; PinText::MAX];
                fill(&mut pin, punch.pin.as_bytes());
                put(0, &punch.uid.to_le_bytes());
                put(2, &pin);
                put(26, &[punch.verify]);
                put(27, &time);
                put(31, &[punch.state]);
                if self == Self::R49 {
                    put(40, &TAIL_49);
                }
            }
            Self::Unknown(_) => {}
        }
    }
}

/// Whether what should be a row of 8 bytes of layout B begins in the middle of one, or with a row of 4 bytes. Rows of 8
/// have nothing in the ten bits in which those of 4 keep seconds; one that has nothing there either shows by the flags of
/// the row behind it, which would make a time of January or February 2000.
fn is_out_of_step(row: &[u8], flags: u8) -> bool {
    const LONG: u8 = 0x20;
    const SECONDS: u8 = 0xc0;
    let is_long = |flags: u8| flags & (LONG | SECONDS) == LONG;
    match row {
        [_, _, _, filler, _, _, third, highest, ..] => {
            *filler != 0
                || flags & SECONDS != 0
                || (flags & LONG == 0 && *highest == 0 && is_long(*third))
        }
        // What is left of a log that has an odd number of rows of 4.
        _ => row.len() == 4,
    }
}

fn byte(row: &[u8], at: usize) -> Result<u8, Unreadable> {
    row.get(at).copied().ok_or(Unreadable::Short)
}

fn slot(uid: Option<u16>) -> Result<(Who, Option<u16>), Unreadable> {
    match uid.ok_or(Unreadable::Short)? {
        0 => Err(Unreadable::Nobody),
        uid => Ok((Who::Slot(uid), Some(uid))),
    }
}

fn time(packed: Option<u32>) -> Result<WireTime, Unreadable> {
    let packed = packed.ok_or(Unreadable::Short)?;
    WireTime::from_u32(packed).ok_or(Unreadable::Time(packed))
}

fn number_row(row: &[u8], state: usize, verify: usize) -> Result<AttendanceRow, Unreadable> {
    let pin = u32_at(row, 0).ok_or(Unreadable::Short)?;
    if pin == 0 {
        return Err(Unreadable::Nobody);
    }
    Ok(AttendanceRow {
        who: Who::Pin(PinText::from_number(pin)),
        uid: None,
        time: time(u32_at(row, 4))?,
        state: byte(row, state)?,
        verify: byte(row, verify)?,
        work_code: u32_at(row, 12).ok_or(Unreadable::Short)?,
    })
}

fn text_row(row: &[u8]) -> Result<AttendanceRow, Unreadable> {
    let Some(([u0, u1], rest)) = row.split_first_chunk() else {
        return Err(Unreadable::Short);
    };
    let Some((id, [verify, t0, t1, t2, t3, state, ..])) = rest.split_first_chunk() else {
        return Err(Unreadable::Short);
    };
    let uid = u16::from_le_bytes([*u0, *u1]);
    let who = match (PinText::of_field(id), id.first(), uid) {
        (Some(pin), _, _) => Who::Pin(pin),
        (None, Some(0), 0) => return Err(Unreadable::Nobody),
        (None, Some(0), uid) => Who::Slot(uid),
        (None, _, _) => return Err(Unreadable::UserId),
    };
    Ok(AttendanceRow {
        who,
        uid: Some(uid),
        time: time(Some(u32::from_le_bytes([*t0, *t1, *t2, *t3])))?,
        state: *state,
        verify: *verify,
        work_code: 0,
    })
}

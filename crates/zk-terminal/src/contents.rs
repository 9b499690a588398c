//! What a terminal holds: the people it knows and the punches in its log.

use jiff::civil::DateTime;

/// One user as the terminal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Slot number inside the terminal, 1..=65535; it may be given to somebody else after a deletion.
    pub uid: u16,
    /// The number that people know, unique in the terminal. Digits that fit 32 bits where the user format is the
    /// one of 28 bytes; up to 24 ASCII characters otherwise.
    pub pin: String,
    /// Stored as UTF-8 and cut at the field's end, on a character border: 23 bytes, or 7 in the 28-byte format.
    pub name: String,
    /// 0 user, 2 enroller, 6 manager, 14 administrator; bit 0 set: disabled.
    pub privilege: u8,
    /// Empty for none.
    pub password: String,
    /// 0 for none.
    pub card: u32,
    /// Access group, 1 by default.
    pub group: u8,
}

/// One row of the attendance log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Punch {
    /// Slot number of the user, 0 where the terminal no longer knows it.
    pub uid: u16,
    /// The user's PIN when the punch was made.
    pub pin: String,
    /// By the terminal's own clock.
    pub time: DateTime,
    /// 0 check-in, 1 check-out, 2 break-out, 3 break-in, 4 overtime-in, 5 overtime-out, 255 none.
    pub state: u8,
    /// 1 finger, 3 password, 4 card, 15 face; other values occur.
    pub verify: u8,
    /// Only the row of 16 bytes carries it.
    pub work_code: u32,
}

/// Users and log of one terminal at its start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// In the order of the user table.
    pub users: Vec<User>,
    /// In the order of the log: the oldest first.
    pub punches: Vec<Punch>,
}

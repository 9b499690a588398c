//! Command, reply and event codes. Source: the vendor's 2006 protocol manual and captures of current terminals.

/// A whole table, answered directly; `u8` says which. On many terminals only [`PREPARE_BUFFER`] answers sensibly.
pub const TABLE_READ: u16 = 7;
/// One user row of 28 or 72 bytes.
pub const USER_WRITE: u16 = 8;
/// Templates; with the payload `05` the table of users.
pub const USERS_READ: u16 = 9;
/// `name\0`, answered with `name=value\0`.
pub const OPTIONS_READ: u16 = 11;
/// `name=value\0`; follow with [`REFRESH_OPTION`].
pub const OPTIONS_WRITE: u16 = 12;
/// The attendance log.
pub const ATTENDANCE_READ: u16 = 13;
/// Everything, or the table named by a `u8`. Irreversible.
pub const CLEAR_DATA: u16 = 14;
/// The attendance log. Irreversible.
pub const CLEAR_ATTENDANCE: u16 = 15;
/// `u16` slot number; templates go too.
pub const DELETE_USER: u16 = 18;
/// `u16` slot number, `u8` finger.
pub const DELETE_TEMPLATE: u16 = 19;
/// All users become common users.
pub const CLEAR_ADMIN: u16 = 20;
/// `u32` delay in tenths of a second.
pub const UNLOCK: u16 = 31;
/// The log of operations on the terminal.
pub const OPERATION_LOG_READ: u16 = 34;
/// Answered with the table of counts.
pub const GET_FREE_SIZES: u16 = 50;
/// Back to normal verification.
pub const START_VERIFY: u16 = 60;
/// Begins an enrolment at the terminal.
pub const START_ENROLL: u16 = 61;
/// Ends a running capture.
pub const CANCEL_CAPTURE: u16 = 62;
/// The state is in the reply's session field.
pub const STATE: u16 = 64;
/// A line of text on the display.
pub const WRITE_LCD: u16 = 66;
/// Clears the display.
pub const CLEAR_LCD: u16 = 67;
/// Answered with one byte: digits of a user id.
pub const PIN_WIDTH: u16 = 69;
/// Answered with one byte: 1 open.
pub const DOOR_STATE: u16 = 75;
/// `u16` slot number, `u8` finger, `u8` 1 valid or 3 duress, `u16` size: stores what was uploaded as a template.
pub const TEMPLATE_STORE: u16 = 87;
/// One fingerprint template.
pub const TEMPLATE_READ: u16 = 88;
/// Commits a bulk upload of users and templates.
pub const SAVE_TEMPLATES: u16 = 110;
/// Checksum of the upload buffer.
pub const CHECKSUM_BUFFER: u16 = 119;
/// `u32`, see [`WireTime`](crate::WireTime).
pub const GET_TIME: u16 = 201;
/// `u32`; follow with [`REFRESH_DATA`].
pub const SET_TIME: u16 = 202;
/// From a client: `u32` mask of wanted events. From a terminal: an event, whose kind is in the session field.
pub const REG_EVENT: u16 = 500;
/// Opens a session.
pub const CONNECT: u16 = 1000;
/// Ends a session.
pub const EXIT: u16 = 1001;
/// People can punch again.
pub const ENABLE_DEVICE: u16 = 1002;
/// Nobody can punch until [`ENABLE_DEVICE`], or for the `u32` seconds of the payload.
pub const DISABLE_DEVICE: u16 = 1003;
/// Some terminals do not answer it.
pub const RESTART: u16 = 1004;
/// Some terminals do not answer it.
pub const POWER_OFF: u16 = 1005;
/// Makes written data effective.
pub const REFRESH_DATA: u16 = 1013;
/// Makes written options effective.
pub const REFRESH_OPTION: u16 = 1014;
/// `u32` number of a sound.
pub const TEST_VOICE: u16 = 1017;
/// Answered with the firmware version.
pub const GET_VERSION: u16 = 1100;
/// Four bytes made of the key, see [`CommKey`](crate::CommKey).
pub const AUTH: u16 = 1102;
/// `u32` total, `u32` bytes a packet: data follows.
pub const PREPARE_DATA: u16 = 1500;
/// Data.
pub const DATA: u16 = 1501;
/// Frees the buffers of [`PREPARE_BUFFER`] and of an upload.
pub const FREE_DATA: u16 = 1502;
/// Asks for a table to be prepared, see [`BufferRequest`](crate::BufferRequest).
pub const PREPARE_BUFFER: u16 = 1503;
/// `u32` start, `u32` size of a piece of the prepared table.
pub const READ_BUFFER: u16 = 1504;

/// Done.
pub const ACK_OK: u16 = 2000;
/// Not done.
pub const ACK_ERROR: u16 = 2001;
/// The key is needed, or was wrong.
pub const ACK_UNAUTH: u16 = 2005;
/// The command is not known.
pub const ACK_UNKNOWN: u16 = 0xffff;

/// Table numbers of [`TABLE_READ`], [`CLEAR_DATA`] and [`PREPARE_BUFFER`].
pub mod table {
    /// Punches.
    pub const ATTENDANCE: u8 = 1;
    /// Fingerprint templates.
    pub const TEMPLATES: u8 = 2;
    /// Operations on the terminal.
    pub const OPERATIONS: u8 = 4;
    /// Users.
    pub const USERS: u8 = 5;
}

/// Event kinds: bits of the mask of [`REG_EVENT`], and the session field of an event.
pub mod event {
    /// A punch.
    pub const ATTENDANCE: u16 = 1;
    /// A finger on the sensor.
    pub const FINGER: u16 = 2;
    /// A user was enrolled.
    pub const ENROLL_USER: u16 = 4;
    /// A finger was enrolled.
    pub const ENROLL_FINGER: u16 = 8;
    /// A key was pressed.
    pub const BUTTON: u16 = 16;
    /// The door was opened.
    pub const UNLOCK: u16 = 32;
    /// Somebody was verified, or not.
    pub const VERIFY: u16 = 128;
    /// Quality of a finger's picture.
    pub const FINGER_SCORE: u16 = 256;
    /// Tamper, duress, door left open …
    pub const ALARM: u16 = 512;
}

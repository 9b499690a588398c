use serde::Serialize;

use crate::Pin;

/// A person as one terminal knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Enrolment {
    pub pin: Pin,
    /// The terminal's private slot number; it never leaves the device layer.
    #[serde(skip)]
    pub uid: u16,
    /// Decoded; may be empty.
    pub name: String,
    /// The bytes of the name as the terminal sent them, so that a wrong guess of the encoding can be repaired.
    #[serde(skip)]
    pub name_raw: Vec<u8>,
    /// As on the wire: 0 user, 14 administrator, bit 0 disabled.
    pub privilege: u8,
    pub card: u32,
    pub group_id: String,
    pub has_password: bool,
}

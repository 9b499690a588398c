//! The port-4370 protocol of `ZKTeco` terminals, without I/O: bytes in, meaning out, and back.
//!
//! Packets and their two framings ([`Packet`], [`FrameReader`]), the numbering of requests ([`ReplyNumber`]), the key
//! ([`CommKey`]), and what payloads mean: counters, times, users, punches, events. [`TableRead`] reads one whole table
//! in whatever way the terminal hands it out. Nothing here opens a socket, reads a clock or trusts a length: every
//! number from the other side is checked before memory is reserved for it.

#![deny(clippy::indexing_slicing, clippy::cast_possible_truncation)]

mod bytes;
mod checksum;
pub mod code;
mod comm_key;
mod derive;
mod error;
mod event;
mod frame;
mod free_sizes;
mod layout;
mod log;
mod option;
mod packet;
mod pin_text;
mod punch;
mod reply_number;
mod table;
pub mod text;
mod time;
mod user;

#[cfg(test)]
mod tests;

pub use checksum::checksum;
pub use comm_key::{CommKey, TICKS};
pub use error::WireError;
pub use event::{AttendanceEvent, Event};
pub use frame::FrameReader;
pub use free_sizes::{Counts, FreeSizes};
pub use layout::{LayoutError, RowLayout};
pub use log::{LogRow, LogRows, LogSplitter};
pub use option::{option_request, option_value};
pub use packet::Packet;
pub use pin_text::PinText;
pub use punch::{AttendanceRow, PunchRow, Unreadable, Who};
pub use reply_number::ReplyNumber;
pub use table::{BufferRequest, Link, Progress, Request, Table, TableError, TableRead};
pub use time::WireTime;
pub use user::{UserFormat, UserRow, UserTable};

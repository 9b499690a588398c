//! The port-4370 protocol of `ZKTeco` terminals, without I/O: bytes in, meaning out, and back.
//!
//! Packets and their two framings ([`Packet`], [`FrameReader`]), the numbering of requests ([`ReplyNumber`]), the key
//! ([`CommKey`]), and what payloads mean: counters, times, users and their templates, punches, operations, events.
//! [`TableRead`] reads one table in whatever way the terminal hands it out, whole or from any byte on; [`text`] reads names,
//! whose encoding nobody declares; [`quirks`] is what terminals are known to do otherwise. Nothing here opens a socket,
//! reads a clock or trusts a length: every number from the other side is checked before memory is reserved for it.
//!
//! Numbers are little-endian on the wire, times are a terminal's wall clock without a zone, lengths are bytes. The layouts
//! come from the vendor's 2006 protocol manual and from captures of terminals made since; each is held by a test with
//! those bytes.
//!
//! Packets out of a stream, however the network cut it:
//!
//! ```
//! use zk_wire::{FrameReader, Packet, code};
//!
//! let connect = Packet { command: code::CONNECT, ..Packet::default() };
//! let frame = connect.to_frame();
//! let (beginning, rest) = frame.split_at(5);
//!
//! let mut reader = FrameReader::default();
//! reader.push(beginning);
//! assert_eq!(reader.next_packet()?, None);
//! reader.push(rest);
//! assert_eq!(reader.next_packet()?, Some(connect));
//! # Ok::<(), zk_wire::WireError>(())
//! ```
//!
//! Punches out of a log, whose layout its bytes show:
//!
//! ```
//! use zk_wire::{LogSplitter, PunchRow, RowLayout, Who, WireTime};
//!
//! let time = WireTime::new(2026, 11, 23, 8, 30, 0).ok_or("no such time")?;
//! let punch = PunchRow { uid: 7, pin: "0042".into(), time, state: 0, verify: 1, work_code: 0 };
//! let mut log = Vec::new();
//! RowLayout::R40.encode(&punch, &mut log);
//!
//! let mut splitter = LogSplitter::new(log.len(), Some(1));
//! let rows = splitter.push(&log).ok_or("more is to come")?;
//! for row in rows.iter() {
//!     let read = row.read()?;
//!     assert_eq!((read.who.to_string().as_str(), read.time), ("0042", time));
//! }
//! assert!(splitter.is_complete());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The code page of a terminal out of the names of its users:
//!
//! ```
//! use zk_wire::text;
//!
//! let names: [&[u8]; 2] = [b"\xc8\xe2\xe0\xed\xee\xe2", b"\xcf\xe5\xf2\xf0\xee\xe2\xe0"];
//! let page = text::detect(names).ok_or("all of them are ASCII")?;
//! assert_eq!(page.to_string(), "windows-1251");
//! assert_eq!(text::decode(names[0], page), "Иванов");
//! # Ok::<(), &str>(())
//! ```

#![warn(missing_docs)]
#![deny(clippy::indexing_slicing, clippy::cast_possible_truncation)]

mod bytes;
pub mod capture;
mod checksum;
pub mod code;
mod comm_key;
mod derive;
mod error;
mod event;
mod frame;
mod free_sizes;
mod hex;
mod layout;
mod log;
mod operation;
mod option;
mod packet;
mod pin_rules;
mod pin_text;
mod punch;
pub mod quirks;
mod reply_number;
mod slots;
mod table;
mod template;
pub mod text;
mod time;
mod upload;
mod user;

#[cfg(test)]
mod tests;

pub use checksum::checksum;
pub use comm_key::{CommKey, TICKS};
pub use error::WireError;
pub use event::{Alarm, AlarmKind, AttendanceEvent, EnrollResult, Event};
pub use frame::FrameReader;
pub use free_sizes::{Counts, FreeSizes};
pub use layout::{LayoutError, RowLayout};
pub use log::{LogRow, LogRows, LogSplitter};
pub use operation::{OperationRow, OperationTable};
pub use option::{option_request, option_value};
pub use packet::Packet;
pub use pin_rules::{PinError, PinRules};
pub use pin_text::PinText;
pub use punch::{AttendanceRow, PunchRow, Unreadable, Who};
pub use reply_number::ReplyNumber;
pub use slots::{free_slot, free_slots};
pub use table::{
    BufferRequest, Link, PreparedTable, Progress, Request, Table, TableError, TableRead,
};
pub use template::{TemplateAlgorithm, TemplateRow, TemplateTable};
pub use time::WireTime;
pub use upload::BulkUpload;
pub use user::{UserFormat, UserRow, UserTable};

//! An async client for one `ZKTeco` terminal on port 4370, over TCP or UDP.
//!
//! [`Session::connect`] opens one connection and carries one command at a time; nothing probes, nothing is sent behind
//! the caller's back. Reads never disable the terminal. Replies are matched by their number, never by their session
//! field, so what comes late does no harm (over TCP also from a terminal whose numbers are always off by the same); events are acknowledged wherever they come, and kept for
//! [`Session::next_event`] while somebody [listens](Session::start_live); every wait has an end (see [`Timeouts`]).
//! Methods that wait can be cancelled: the session can be used on.
//!
//! End every session with [`Session::close`], also after errors: many terminals serve one client only and keep a
//! session that did not say EXIT for a while, and one that was [disabled](Session::disable) is enabled first. A session
//! that is dropped instead (a cancelled future) says both if the socket takes it at once, but waits for nothing.
//!
//! [`Session::attendance`] reads the whole log; [`Session::prepare_log`] and [`Session::read_log`] read any part of it.
//!
//! ```no_run
//! # async fn example() -> Result<(), zk_client::Error> {
//! use zk_client::{Session, Target};
//!
//! let mut session = Session::connect(&Target::tcp("10.0.0.5", 4370)).await?;
//! let counters = session.counters().await?;
//! let mut log = session.attendance(counters.as_ref()).await?;
//! while let Some(rows) = log.next_rows().await? {
//!     for row in rows.iter() {
//!         println!("{:?}", row.read());
//!     }
//! }
//! log.finish().await;
//! session.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Errors
//!
//! Every method fails with [`Error`]. One that [is about the request](Error::is_about_the_request) leaves the session as
//! it was; after any other, close it and connect again. Nothing listening, no way to the host, another protocol, a key
//! that is wrong, and a terminal that serves somebody else come from [`Session::connect`] alone; that a key is needed may
//! also come from the first request.
//!
//! # Units
//!
//! Lengths of time are [`Duration`](std::time::Duration)s, sizes are bytes, and times of punches and clocks are the
//! terminal's own wall clock without a zone ([`WireTime`](zk_wire::WireTime)).

#![warn(missing_docs)]

mod attendance;
mod availability;
mod clear;
mod clock;
mod connect;
mod conversation;
mod display;
mod door;
mod error;
mod events;
mod info;
mod link;
mod live;
mod operations;
mod prepared;
mod restart;
mod session;
mod state;
mod table;
mod tap;
mod target;
mod templates;
mod upload;
mod users;

pub use attendance::{AttendanceLog, LogSummary};
pub use clear::LogCleared;
pub use door::{DoorState, UnlockUnit};
pub use error::{BusySign, Error, Step};
pub use info::DeviceInfo;
pub use live::LiveAnswer;
pub use prepared::PreparedLog;
pub use session::Session;
pub use state::TerminalState;
pub use tap::{Passing, Tap};
pub use target::{Target, Timeouts, Transport};
pub use upload::Uploaded;
pub use users::Users;

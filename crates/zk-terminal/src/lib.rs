//! A virtual terminal: it answers port 4370 over TCP and UDP as a `ZKTeco` terminal does, with users and a log made up by
//! seed or given, and with the faults of real terminals and networks on demand.
//!
//! It serves tests, demonstrations and other clients' developers. [`VirtualTerminal::start`] brings one up and gives its
//! [`Handle`]; [`TerminalConfig`] says of what make it is, [`Contents`] what it holds, [`Faults`] what shall go wrong.
//! It knows only the byte layouts of `zk-wire`, not the client of this project: other people's clients read it too.
//!
//! Nothing here reads a clock or makes randomness: both are passed in. Everything that a client can make grow is bounded.
//!
//! ```no_run
//! use jiff::civil::date;
//! use zk_terminal::{Contents, LocalClock, TerminalConfig, VirtualTerminal};
//!
//! # async fn example() -> Result<(), zk_terminal::Error> {
//! let now = date(2026, 11, 23).at(8, 30, 0, 0);
//! let terminal = VirtualTerminal::start(
//!     ([127, 0, 0, 1], 0).into(),
//!     TerminalConfig::default(),
//!     Contents::generate(100, 1_000, 7, now),
//!     LocalClock::stopped_at(now),
//! )
//! .await?;
//! println!("read me at {}", terminal.address());
//! terminal.punch_random();
//! terminal.stop().await;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod activity;
mod clock;
mod commands;
mod config;
mod config_text;
mod contents;
mod counters;
mod effects;
mod error;
mod faults;
mod frame;
mod frames;
mod generate;
mod handle;
mod leash;
mod live;
mod log;
mod operations;
mod options;
mod people;
mod replay;
mod reply;
mod rope;
mod seed;
mod server;
mod session;
mod shared;
mod tables;
mod tcp;
mod template_commands;
mod templates;
mod traffic;
mod transmission;
mod udp;
mod upload;
mod wall_clock;

#[cfg(test)]
mod tests;

pub use activity::Activity;
pub use clock::LocalClock;
pub use config::{
    AnswerShape, BulkShape, ChunkShape, CounterShape, EmptyShape, OffsetReads, PinLetters, Restart,
    RestartAnswer, Slots, TemplateAnswer, TerminalConfig, WhenFull,
};
pub use contents::{Contents, Punch, SharedContents, User};
pub use effects::{Door, Effect};
pub use error::Error;
pub use faults::{
    Busy, Checksum, EventInside, FaultError, Faults, Lie, Order, Refusal, Repeat, Scope, Silence,
    Stall, Writes,
};
pub use generate::{generate_punches, generate_users};
pub use handle::{Handle, OrderError};
pub use live::{EventLength, EventsBegin, Listeners, LiveEvent, LiveShape, Registration};
pub use replay::{Replay, ReplayTerminal, Unanswered};
pub use server::VirtualTerminal;
pub use traffic::{CommandTraffic, Traffic};

//! Which terminal is read when, what is new in it, and commands to it.
//!
//! [`Collector::start`] gives each registered terminal a task of its own (`line/`), which owns the terminal's only
//! connection: it contacts the terminal at every interval, reads what changed, and serves commands between. The
//! supervisor starts, changes and stops these tasks as the ledger's list of terminals changes. What can be decided
//! without I/O stands apart: when (`schedule`), who answers (`identity`), what the rows mean (`rows`), which user
//! row a change makes (`users`).

mod decode;
mod error;
mod failure;
mod handle;
mod identity;
mod line;
mod people;
mod rows;
mod schedule;
mod settings;
mod supervisor;
mod users;

#[cfg(test)]
mod tests;

pub use error::{CollectorError, CommandError};
pub use handle::{
    Collector, ConnectRequest, Connected, Deleted, Saved, TerminalStatus, UserChange,
};
pub use settings::CollectorSettings;

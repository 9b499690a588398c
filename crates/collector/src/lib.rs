//! Which terminal is read when, what is new in it, and commands to it.
//!
//! [`Collector::start`] gives each registered terminal a task of its own (`line/`), which owns the terminal's only
//! connection: it contacts the terminal at every interval, reads what changed, takes what the terminal tells in between,
//! and serves commands. The supervisor starts, changes and stops these tasks as the ledger's list of terminals changes.
//! What can be decided without I/O stands apart: when (`schedule`, `pace`, `mute`, `proof`), who answers (`identity`), what is new
//! in a log (`tail`), what its rows mean (`rows`) and whether they add up (`reconcile`), which user row a change makes
//! (`users`), what a wrong clock asks for (`drift`).

mod code_pages;
mod commands;
mod decode;
mod drift;
mod error;
mod failure;
mod handle;
mod identity;
mod line;
mod mute;
mod pace;
mod people;
mod proof;
mod reconcile;
mod rows;
mod schedule;
mod settings;
mod supervisor;
mod tail;
mod users;

#[cfg(test)]
mod tests;

pub use code_pages::{code_page_name, code_pages};
pub use commands::{
    ClearRequest, Cleared, Copied, CopyResult, Deleted, OperationSeen, OperationsRead, Saved,
    SavedUser, TemplatesRead, UserChange,
};
pub use error::{CollectorError, CommandError};
pub use handle::{Collector, ConnectRequest, Connected, LiveState, TerminalStatus};
pub use line::{Aside, TerminalNow};
pub use settings::CollectorSettings;
pub use zk_client::{DoorState, TerminalState};

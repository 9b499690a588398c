//! What people may have a terminal do. Each command goes to the terminal's own task, which answers when it is done.

mod people;
mod short;

use std::path::PathBuf;

use domain::{LocalTime, TerminalId};
use storage::SyncRun;

pub use self::people::{Copied, CopyResult, Deleted, Saved, SavedUser, TemplatesRead, UserChange};
use crate::{
    Collector, CommandError,
    line::{Aside, Command},
};

/// Which log is to be cleared, and who wants that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearRequest {
    /// As the person read it off the terminal or its page: the confirmation that this terminal is meant.
    pub serial: String,
    /// Who asked, for the notice.
    pub by: String,
}

/// What was cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// Rows that the log had; all of them are in the ledger.
    pub rows: u64,
    /// The log, byte for byte.
    pub copy: PathBuf,
}

/// The terminal's own log of what was done at it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OperationsRead {
    /// Oldest first.
    pub operations: Vec<OperationSeen>,
    /// Rows that cannot be read.
    pub unreadable: usize,
}

/// One thing that was done at a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationSeen {
    /// The slot of the administrator who did it; 0 for nobody.
    pub by_slot: u16,
    pub operation: u8,
    /// `None` for an operation that is not known.
    pub name: Option<&'static str>,
    /// By the terminal's own clock.
    pub time: Option<LocalTime>,
    /// What it was done to; the meaning goes by the operation.
    pub values: [u16; 4],
}

impl Collector {
    /// Reads the whole log now, and says how its numbers add up.
    pub async fn read_all(&self, id: TerminalId) -> Result<SyncRun, CommandError> {
        self.0.ask(id, |reply| Command::ReadAll { reply }).await
    }

    /// Clears the terminal's log, after all of it was read, reconciled, and copied into a file, and counted again right
    /// before. Refuses where anything does not add up.
    pub async fn clear_log(
        &self,
        id: TerminalId,
        request: ClearRequest,
    ) -> Result<Cleared, CommandError> {
        self.0
            .ask(id, |reply| Command::ClearLog { request, reply })
            .await
    }

    /// Asked for once; the terminal is away for a while.
    pub async fn restart(&self, id: TerminalId) -> Result<(), CommandError> {
        self.0.ask(id, |reply| Command::Restart { reply }).await
    }

    /// Decodes the rows that could not be read once more; says how many became punches.
    pub async fn reread_unreadable(&self, id: TerminalId) -> Result<u64, CommandError> {
        self.0
            .ask(id, |reply| Command::RereadUnreadable { reply })
            .await
    }

    /// Reads the terminal's own log of what was done at it: menu opened, clock set, log cleared …
    pub async fn read_operations(&self, id: TerminalId) -> Result<OperationsRead, CommandError> {
        self.0
            .ask(id, |reply| Command::ReadOperations { reply })
            .await
    }

    /// Ends the collector's conversation with a terminal, so that somebody else can have one, for some minutes at most.
    /// When the answer is dropped the terminal is contacted at once: what was punched meanwhile is in its log.
    pub async fn step_aside(&self, id: TerminalId) -> Result<Aside, CommandError> {
        self.0.ask(id, |reply| Command::StepAside { reply }).await
    }
}

//! What people may have a terminal do. Each command goes to the terminal's own task, which answers when it is done.

mod people;
mod short;

use std::path::PathBuf;

use domain::TerminalId;
use storage::SyncRun;

pub use self::people::{Copied, CopyResult, Deleted, Saved, SavedUser, TemplatesRead, UserChange};
use crate::{Collector, CommandError, line::Command};

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
}

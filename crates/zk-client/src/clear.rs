use zk_wire::{FreeSizes, code};

use crate::{Error, Session, conversation::Repeat};

/// What is known after the attendance log was told to be cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCleared {
    /// Whether the terminal said that it did. Some say nothing; what is left tells.
    pub is_acknowledged: bool,
    /// The counters afterwards: rows that are left, or came meanwhile.
    pub left: Option<FreeSizes>,
}

impl Session {
    /// Clears the attendance log and counts what is left. What was in it is gone: have it stored first, and count right
    /// before.
    ///
    /// Sent once, whatever happens.
    pub async fn clear_log(&mut self) -> Result<LogCleared, Error> {
        let written = self
            .write(
                "clear its log",
                code::CLEAR_ATTENDANCE,
                Vec::new(),
                Repeat::Never,
            )
            .await?;
        self.refresh().await?;
        Ok(LogCleared {
            is_acknowledged: written.is_acknowledged(),
            left: self.counters().await?,
        })
    }
}

//! Clearing the terminal's log: only what is known to be in the ledger and in a file, and only where a person said the
//! terminal's serial number.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use storage::{NoticeLevel, SyncRun};
use zk_client::Error;
use zk_wire::FreeSizes;

use super::{Line, log::KnownLog, talk::Talk};
use crate::{
    ClearRequest, Cleared, CommandError,
    failure::{not_connected, once_failed},
};

/// Nobody can punch while the log is counted and cleared; the terminal ends this by itself after so long.
const AT_MOST: Duration = Duration::from_secs(30);

impl Line {
    pub(super) async fn clear_log(
        &mut self,
        request: &ClearRequest,
    ) -> Result<Cleared, CommandError> {
        if self.terminal.serial.as_deref() != Some(request.serial.trim()) {
            return Err(refused(format!(
                "{:?} is not the serial number of terminal {}; say which terminal is meant, so that no other one is \
                 cleared",
                request.serial, self.terminal.name
            )));
        }
        let (mut talk, greeting) = self.talk().await?;
        let result = self
            .clear_log_in(&mut talk, greeting.counters.as_ref(), request)
            .await;
        self.settle(talk, &result).await;
        result
    }

    async fn clear_log_in(
        &mut self,
        talk: &mut Talk,
        counters: Option<&FreeSizes>,
        request: &ClearRequest,
    ) -> Result<Cleared, CommandError> {
        let run = self.read_all_in(talk, counters).await?;
        let rows = reconciled(&run)?;
        let known = self.known_log().await?.position.as_ref();
        if known.is_some_and(|position| position.row_size == 0 && position.rows > 0) {
            return Err(refused(format!(
                "the log of terminal {} is in no layout that is known, so its punches are not in the ledger. Nothing was \
                 cleared; clear it at its own menu if you must",
                self.terminal.name
            )));
        }
        let copy = self.copy_log(talk, rows).await?;
        match self.disable(&mut talk.session, AT_MOST).await {
            // Then the count right before has to do.
            Ok(()) | Err(CommandError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        let cleared = self.count_and_clear(talk, rows).await;
        let enabled = self.enable(&mut talk.session).await;
        cleared?;
        self.log_is_gone(&request.by, rows, &copy).await?;
        enabled?;
        Ok(Cleared { rows, copy })
    }

    /// Writes the log to a file, as the terminal has it, and gives where.
    async fn copy_log(&mut self, talk: &mut Talk, rows: u64) -> Result<PathBuf, CommandError> {
        let failed = |error: Error| not_connected(&self.terminal, &error);
        let mut log = talk.session.prepare_log().await.map_err(failed)?;
        let mut bytes = Vec::with_capacity(log.bytes());
        while bytes.len() < log.bytes() {
            let until = log.bytes().min(bytes.len() + log.chunk_size());
            let piece = talk.session.read_log(&mut log, bytes.len()..until).await;
            bytes.extend(piece.map_err(failed)?);
        }
        talk.session.free_log(log).await;
        let size = self
            .known_log()
            .await?
            .position
            .as_ref()
            .map_or(0, |position| u64::from(position.row_size));
        is_still(rows, (bytes.len() as u64).checked_div(size).unwrap_or(0))?;
        let name = self.copy_name();
        let folder = self.shared.settings.copies.clone();
        let path = folder.join(name);
        let written = path.clone();
        self.shared
            .tracker
            .spawn_blocking(move || write_copy(&folder, &written, &bytes))
            .await
            .map_err(|_| CommandError::ShuttingDown)?
            .map_err(|error| {
                refused(format!(
                    "the copy of the log cannot be written to {} ({error}), so nothing was cleared; make room or \
                     give the program leave to write there",
                    path.display()
                ))
            })?;
        Ok(path)
    }

    fn copy_name(&self) -> String {
        let identity = self.terminal.identity.as_deref().unwrap_or("unknown");
        let safe: String = identity
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let layout = self
            .terminal
            .info
            .row_layout
            .as_deref()
            .unwrap_or("unknown");
        let now = self.shared.clock.now().strftime("%Y%m%dT%H%M%SZ");
        format!("{safe}-{now}-layout{layout}.log")
    }

    /// Counts once more, and clears; sent once, and counted again.
    async fn count_and_clear(&mut self, talk: &mut Talk, rows: u64) -> Result<(), CommandError> {
        let count = self.count(&mut talk.session).await?;
        let Some(count) = count.as_ref().and_then(FreeSizes::records) else {
            return Err(refused(format!(
                "terminal {} did not say right before the clearing how many punches it holds, so that one which came \
                 meanwhile might be lost. Nothing was cleared; try again, and look at the terminal where it stays so",
                self.terminal.name
            )));
        };
        is_still(rows, u64::from(count))?;
        // Whatever comes of it, what we know of the log is outdated.
        self.memory.log = Some(KnownLog::default());
        self.shared
            .store
            .forget_log_position(self.terminal.id)
            .await?;
        let cleared = talk
            .session
            .clear_log()
            .await
            .map_err(|error| once_failed(&self.terminal, &error))?;
        match cleared.left.as_ref().and_then(FreeSizes::records) {
            Some(0) => Ok(()),
            left => Err(CommandError::NotStored {
                reason: format!(
                    "terminal {} was told to clear its log and counts {} punches afterwards; look at its own menu, and \
                     do not repeat this before you know",
                    self.terminal.name,
                    left.map_or_else(
                        || "an unknown number of".to_owned(),
                        |left| left.to_string()
                    )
                ),
            }),
        }
    }

    async fn log_is_gone(&mut self, by: &str, rows: u64, copy: &Path) -> Result<(), CommandError> {
        self.terminal.info.counters = None;
        self.terminal.info.punches_says = Some(0);
        self.save_info().await?;
        let text = format!(
            "the log of terminal {} was cleared by {by}: {rows} punches, all of them in the ledger; a copy is in {}",
            self.terminal.name,
            copy.display()
        );
        self.shared
            .tell("log_cleared", self.terminal.id, NoticeLevel::Warning, text)
            .await
    }
}

/// The number of rows, where all of them are accounted for.
fn reconciled(run: &SyncRun) -> Result<u64, CommandError> {
    let Some(says) = run.terminal_says else {
        return Err(refused(
            "this terminal does not say how many punches it holds, so nobody can know that all of them are stored; \
             clear it at its own menu if you must"
                .to_owned(),
        ));
    };
    if run.difference != Some(0) || u64::from(says) != run.seen {
        return Err(refused(format!(
            "the log does not add up: the terminal says {says}, {} rows came, {} of them are stored, {} are exact \
             repeats and {} cannot be read. Nothing was cleared",
            run.seen,
            run.stored + run.stored_before,
            run.repeats,
            run.unreadable
        )));
    }
    Ok(run.seen)
}

/// Whether the log has as many rows as were stored.
fn is_still(rows: u64, now: u64) -> Result<(), CommandError> {
    if now > rows {
        return Err(refused(
            "somebody punched while the log was copied, so nothing was cleared; try again when it is quiet"
                .to_owned(),
        ));
    }
    if now < rows {
        return Err(refused(format!(
            "the log had {rows} punches and has {now} now: somebody else cleared it, or the terminal miscounts. Nothing \
             was cleared; look at its own menu"
        )));
    }
    Ok(())
}

fn refused(reason: String) -> CommandError {
    CommandError::Refused { reason }
}

/// The file is on the disk, name and all, when this returns.
fn write_copy(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // A folder cannot be opened as a file everywhere; where it can, its entry is written too.
    match File::open(folder) {
        Ok(folder) => folder.sync_all(),
        Err(_) => Ok(()),
    }
}

//! What a contact reads: nothing when the counters did not change, else the users and the log.

use std::sync::Arc;

use domain::{SyncRunId, Terminal};
use jiff::Timestamp;
use storage::{Intake, RunKind, RunResult};
use tokio::sync::SemaphorePermit;
use zk_client::Session;
use zk_wire::FreeSizes;

use super::{Line, contact::Contact, due::Due};
use crate::{
    CommandError, decode,
    failure::not_connected,
    people::People,
    rows::{Harvest, LogRow, Reading, Strangers},
};

/// Punches that are committed in one transaction.
const CHUNK: usize = Intake::AT_ONCE;
/// Rows that are looked up in one statement.
const LOOK_UP: usize = 2_000;
/// A log that may bring more new rows than this is large: few of those are in memory at a time.
const LARGE: u32 = 20_000;
/// How long a large log waits for its turn while the terminal's session is open.
const TURN: std::time::Duration = std::time::Duration::from_secs(2);

impl Line {
    pub(super) async fn read_what_changed(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
    ) -> Result<Contact, CommandError> {
        let now = self.shared.clock.now();
        if self.terminal.info.firmware.is_none() && !self.memory.info_was_read {
            self.read_info(session).await?;
        }
        let health = self.status().health;
        let due = Due::of(&self.terminal, &health, &self.memory.users, counters, now);
        if due.users {
            drop(self.read_users_if_it_can(session, counters).await?);
        }
        if due.log {
            self.read_log(session, counters, due.users, now).await
        } else {
            Ok(Contact::Done)
        }
    }

    /// Reads what the terminal says of itself.
    pub(super) async fn read_info(&mut self, session: &mut Session) -> Result<(), CommandError> {
        let info = session
            .device_info()
            .await
            .map_err(|error| not_connected(&self.terminal, &error))?;
        self.memory.info_was_read = true;
        self.terminal.info.model = info.name;
        self.terminal.info.platform = info.platform;
        self.terminal.info.firmware = info.firmware;
        self.terminal.info.mac = info.mac;
        self.save_info().await
    }

    /// Writes what was learned of the terminal, where it is new.
    pub(super) async fn save_info(&mut self) -> Result<(), CommandError> {
        if self.memory.saved_info == self.terminal.info {
            return Ok(());
        }
        self.shared
            .store
            .save_terminal_info(self.terminal.id, &self.terminal.info)
            .await?;
        self.memory.saved_info = self.terminal.info.clone();
        self.remember_terminal();
        Ok(())
    }

    /// Reads the log and stores what is new. The rows are held until the log is known to be complete, so that a read
    /// that breaks off leaves no gap behind. `users_are_new` says that this contact read the users.
    async fn read_log(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
        users_are_new: bool,
        now: Timestamp,
    ) -> Result<Contact, CommandError> {
        let shared = Arc::clone(&self.shared);
        let _turn = match turn(&shared.large_reads, &self.terminal, counters).await? {
            Turn::Free(permit) => permit,
            Turn::Wait => return Ok(Contact::LogWaits),
        };
        let mut harvest = self.fetch_log(session, counters).await?;
        let trusted = self.trusted_counters(session, counters, harvest.seen).await;
        // A terminal whose counters cannot be trusted is read at every contact: that alone is no news.
        let fingerprint = harvest.fingerprint();
        if self.memory.settled != Some(fingerprint) {
            let people = self
                .people_in(session, counters, users_are_new, &harvest)
                .await?;
            self.store(&mut harvest, &people, counters, now).await?;
            self.memory.settled = Some(fingerprint);
        }
        // Only what was stored is behind us.
        self.terminal.info.counters = trusted;
        self.terminal.info.punches_says = counters.and_then(FreeSizes::records);
        self.terminal.info.punches_capacity = counters.and_then(FreeSizes::record_capacity);
        self.save_info().await?;
        let finished = self.shared.clock.now();
        self.shared.update_status(self.terminal.id, |status| {
            status.health.punches_read_at = Some(finished);
        });
        Ok(Contact::Done)
    }

    /// Reads the whole log and sorts out what the ledger does not know.
    ///
    /// Reading only its end comes here: the rows arrive in the order of the log, and the ledger says which it knows.
    async fn fetch_log(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
    ) -> Result<Harvest, CommandError> {
        let mut harvest = Harvest::default();
        let failed = |error: zk_client::Error| not_connected(&self.terminal, &error);
        let mut log = session.attendance(counters).await.map_err(failed)?;
        let mut pending = Vec::new();
        while let Some(rows) = log.next_rows().await.map_err(failed)? {
            pending.extend(rows.iter().map(decode::log_row));
            if pending.len() >= LOOK_UP {
                self.look_up(&mut pending, &mut harvest).await?;
            }
        }
        let layout = log.finish().await.layout;
        self.look_up(&mut pending, &mut harvest).await?;
        if let Some(layout) = layout {
            self.terminal.info.row_layout = Some(layout.to_string());
        }
        Ok(harvest)
    }

    async fn look_up(
        &self,
        pending: &mut Vec<LogRow>,
        harvest: &mut Harvest,
    ) -> Result<(), CommandError> {
        if pending.is_empty() {
            return Ok(());
        }
        let raws = pending.iter().map(|row| row.raw.clone()).collect();
        let known = self.shared.store.known_rows(self.terminal.id, raws).await?;
        for (row, known) in pending.drain(..).zip(known) {
            harvest.take(row, known);
        }
        Ok(())
    }

    /// The terminal's people, read again where the new rows name somebody else, or only a slot: somebody else may have
    /// got it, and the counters need not show that.
    async fn people_in(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
        users_are_new: bool,
        harvest: &Harvest,
    ) -> Result<People, CommandError> {
        let id = self.terminal.id;
        let people = self.shared.people_of(id).await?;
        match harvest.strangers(&people) {
            Strangers::None if users_are_new || !harvest.names_slots() => return Ok(people),
            Strangers::Named => drop(self.read_users_if_it_can(session, counters).await?),
            // Stored under a wrong PIN they would stay so.
            Strangers::None | Strangers::Numbered => {
                drop(self.read_users(session, counters).await?);
            }
        }
        Ok(self.shared.people_of(id).await?)
    }

    /// Stores what is new, and writes down how the numbers add up.
    async fn store(
        &mut self,
        harvest: &mut Harvest,
        people: &People,
        counters: Option<&FreeSizes>,
        started: Timestamp,
    ) -> Result<(), CommandError> {
        let store = &self.shared.store;
        let run = store
            .start_run(self.terminal.id, RunKind::Punches, started)
            .await?;
        let mut numbers = RunResult {
            terminal_says: counters.and_then(FreeSizes::records),
            seen: harvest.seen,
            repeats: harvest.repeats,
            ..RunResult::default()
        };
        let result = self.store_in(run, harvest, people, &mut numbers).await;
        numbers.error = result
            .as_ref()
            .err()
            .map(|error| (error.code().to_owned(), error.to_string()));
        store
            .finish_run(run, numbers, self.shared.clock.now())
            .await?;
        result
    }

    async fn store_in(
        &self,
        run: SyncRunId,
        harvest: &mut Harvest,
        people: &People,
        numbers: &mut RunResult,
    ) -> Result<(), CommandError> {
        let (id, now) = (self.terminal.id, self.shared.clock.now());
        let (zone, zone_name) = self.shared.zone_of(&self.terminal);
        let identity = self.terminal.identity.as_deref().unwrap_or_default();
        let reading = Reading {
            identity,
            zone: &zone,
            zone_name: &zone_name,
            now,
            people,
        };
        let mut fresh = harvest.take_in_order().into_iter().peekable();
        while fresh.peek().is_some() {
            let mut chunk = Vec::with_capacity(CHUNK);
            for row in fresh.by_ref().take(CHUNK) {
                match reading.punch(row) {
                    Ok(punch) => chunk.push(punch),
                    Err(unreadable) => harvest.unreadable.push(unreadable),
                }
            }
            let intake = Intake {
                run: Some(run),
                ..Intake::of(id, chunk)
            };
            let stored = self.shared.store.ingest(intake, now).await?.stored;
            numbers.stored += stored;
            if stored > 0 {
                (self.shared.on_stored)();
            }
        }
        numbers.unreadable = harvest.unreadable.len() as u64;
        if numbers.unreadable > 0 {
            tracing::warn!(
                terminal.id = id.0,
                rows = numbers.unreadable,
                "some rows of the log cannot be read; they are kept raw"
            );
        }
        let intake = Intake {
            run: Some(run),
            unreadable: std::mem::take(&mut harvest.unreadable),
            ..Intake::of(id, Vec::new())
        };
        self.shared.store.ingest(intake, now).await?;
        Ok(())
    }

    /// The counters that were read before the log, for the next contact to stop at; but only where they told the truth
    /// about it. A punch during the read leaves them behind, and the next contact reads again.
    ///
    /// "No rows" is never believed: some terminals always say so, and an empty log is quickly read.
    async fn trusted_counters(
        &self,
        session: &mut Session,
        before: Option<&FreeSizes>,
        seen: u64,
    ) -> Option<Vec<u8>> {
        let says_seen = |counters: &FreeSizes| counters.records().map(u64::from) == Some(seen);
        let before = before.filter(|_| seen > 0)?;
        if !says_seen(before) {
            // The log is whole: should the connection break here, it is stored all the same, and read again.
            let after = self.count(session).await.ok().flatten()?;
            if !says_seen(&after) {
                return None;
            }
        }
        Some(before.raw().to_vec())
    }
}

enum Turn<'a> {
    /// It may be read now; a large log holds one of a few places meanwhile.
    Free(Option<SemaphorePermit<'a>>),
    Wait,
}

/// Whether the log may be read now. Only large ones ever wait, so that slow terminals do not hold up the daily work of
/// others.
async fn turn<'a>(
    places: &'a tokio::sync::Semaphore,
    terminal: &Terminal,
    counters: Option<&FreeSizes>,
) -> Result<Turn<'a>, CommandError> {
    let says = counters.and_then(FreeSizes::records).unwrap_or(0);
    let new = says.saturating_sub(terminal.info.punches_says.unwrap_or(0));
    if new <= LARGE {
        return Ok(Turn::Free(None));
    }
    match tokio::time::timeout(TURN, places.acquire()).await {
        Ok(Ok(permit)) => Ok(Turn::Free(Some(permit))),
        Ok(Err(_)) => Err(CommandError::ShuttingDown),
        Err(_) => Ok(Turn::Wait),
    }
}

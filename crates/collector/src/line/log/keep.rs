//! Storing what a read brought, together with where the next one begins, and writing down how the numbers add up.

use std::vec;

use domain::{LogPosition, NewPunch, Source, SyncRunId};
use jiff::Timestamp;
use storage::{Intake, NoticeLevel, ReadHow, RunKind, RunResult};
use zk_wire::{FreeSizes, RowLayout, quirks::Act};

use super::{Brought, KnownLog, Line, Talk};
use crate::{
    CommandError,
    people::People,
    reconcile::Numbers,
    rows::{Fresh, Harvest, Reading, Strangers},
};

/// Rows of which punches are made before other work has its turn: a millisecond.
const SLICE: usize = 500;

impl Line {
    /// `counters` were asked for before the read.
    pub(super) async fn keep(
        &mut self,
        talk: &mut Talk,
        mut brought: Brought,
        counters: Option<&FreeSizes>,
        users_are_new: bool,
        started: Timestamp,
    ) -> Result<(), CommandError> {
        // Counts that say nothing are not stopped at.
        let counting = counters.filter(|_| !self.must(Act::CountersUntrusted));
        let position = position(&mut brought, counting);
        let fingerprint = brought.harvest.fingerprint();
        let is_whole = brought.how == ReadHow::Full;
        let is_news = if is_whole {
            brought.is_proof || self.memory.settled != Some(fingerprint)
        } else {
            brought.harvest.seen > 0
        };
        if is_news {
            let people = self
                .people_in(talk, counters, users_are_new, &mut brought.harvest)
                .await?;
            let says = if is_whole {
                self.counted(talk, counters, brought.rows).await?
            } else {
                counting.and_then(FreeSizes::records).map(u64::from)
            };
            self.store(&mut brought, &people, says, &position, started)
                .await?;
        } else if self.known_log().await?.position.as_ref() != Some(&position) {
            // Only the counters moved, or a log is empty by now.
            let mut intake = Intake::of(self.terminal.id, Vec::new());
            intake.position = Some(position.clone());
            self.shared
                .store
                .ingest(intake, self.shared.clock.now())
                .await?;
        }
        self.compare_with_told(talk, brought.harvest.new);
        if is_whole {
            self.memory.settled = Some(fingerprint);
            self.memory.whole_is_asked = false;
            self.learn_layout(&brought).await?;
        }
        self.remember_log(position, is_whole.then_some(started));
        self.terminal.info.counters = counters.map(|counters| counters.raw().to_vec());
        self.terminal.info.punches_says = counters.and_then(FreeSizes::records);
        self.terminal.info.punches_capacity = counters.and_then(FreeSizes::record_capacity);
        self.save_info().await?;
        let finished = self.shared.clock.now();
        self.shared.update_status(self.terminal.id, |status| {
            status.health.punches_read_at = Some(finished);
        });
        Ok(())
    }

    fn remember_log(&mut self, position: LogPosition, proved_at: Option<Timestamp>) {
        let last_time = self.last_time(&position);
        let log = self.memory.log.get_or_insert_default();
        *log = KnownLog {
            last_time,
            position: Some(position),
            proved_at: proved_at.or(log.proved_at),
            difference: log.difference,
        };
    }

    /// What the terminal says that it holds, once a whole read is over: asked again where a punch may have come
    /// meanwhile. `None` where it does not count: some always say none, and some are known to miscount.
    async fn counted(
        &mut self,
        talk: &mut Talk,
        counters: Option<&FreeSizes>,
        rows: u64,
    ) -> Result<Option<u64>, CommandError> {
        let before = counters.and_then(FreeSizes::records).map(u64::from);
        let Some(before) = before.filter(|says| *says != rows) else {
            return Ok(before);
        };
        let after = self.count(&mut talk.session).await?;
        let after = after
            .as_ref()
            .and_then(FreeSizes::records)
            .map_or(before, u64::from);
        if before == 0 && after == 0 {
            return Ok(None);
        }
        let says = rows.clamp(before.min(after), before.max(after));
        let counts = says == rows || !self.must(Act::CountersUntrusted);
        Ok(counts.then_some(says))
    }

    /// The terminal's people, read again where the new rows name somebody else, or only a slot: somebody else may have
    /// got it, and the counters need not show that.
    async fn people_in(
        &mut self,
        talk: &mut Talk,
        counters: Option<&FreeSizes>,
        users_are_new: bool,
        harvest: &mut Harvest,
    ) -> Result<People, CommandError> {
        let id = self.terminal.id;
        if harvest.fresh.is_empty() {
            return Ok(People::default());
        }
        let people = self.shared.people_of(id).await?;
        let session = &mut talk.session;
        match harvest.strangers(&people) {
            Strangers::None if users_are_new || !harvest.names_slots() => return Ok(people),
            Strangers::Named => drop(self.read_users_if_it_can(session, counters).await?),
            Strangers::None | Strangers::Numbered => {
                let users = self.read_users_if_it_can(session, counters).await?;
                if users.is_none() {
                    harvest.set_slots_aside(
                        "it names only a slot, and the terminal does not hand out its users",
                    );
                }
            }
        }
        Ok(self.shared.people_of(id).await?)
    }

    /// Stores what is new, and writes down how the numbers add up.
    async fn store(
        &mut self,
        brought: &mut Brought,
        people: &People,
        says: Option<u64>,
        position: &LogPosition,
        started: Timestamp,
    ) -> Result<(), CommandError> {
        let (store, id) = (&self.shared.store, self.terminal.id);
        let run = store.start_run(id, RunKind::Punches, started).await?;
        let harvest = &mut brought.harvest;
        let mut result = RunResult {
            how: Some(brought.how),
            terminal_says: says.and_then(|says| u32::try_from(says).ok()),
            seen: harvest.seen,
            repeats: harvest.repeats,
            stored_before: harvest.known,
            ..RunResult::default()
        };
        let stored = self
            .store_in(run, harvest, people, position, &mut result)
            .await;
        let mut told = None;
        if stored.is_ok() && brought.how == ReadHow::Full {
            let numbers = Numbers {
                says,
                rows: brought.rows,
                stored: result.stored + result.stored_before,
                repeats: result.repeats,
                unreadable: result.unreadable,
            };
            told = self.difference_to_tell(&numbers);
        }
        result.error = stored
            .as_ref()
            .err()
            .map(|error| (error.code().to_owned(), error.to_string()));
        if stored.is_ok() && result.stored > 0 {
            tracing::info!(
                terminal.id = id.0,
                punches = result.stored,
                "new punches were read from terminal {}",
                self.terminal.address
            );
        }
        let store = &self.shared.store;
        store
            .finish_run(run, result, self.shared.clock.now())
            .await?;
        if let Some(text) = told {
            self.shared
                .tell("log_does_not_add_up", id, NoticeLevel::Error, text)
                .await?;
        }
        stored
    }

    /// What people are to be told of numbers that do not add up; a difference that stays is told once.
    fn difference_to_tell(&mut self, numbers: &Numbers) -> Option<String> {
        let log = self.memory.log.get_or_insert_default();
        let before = std::mem::replace(&mut log.difference, numbers.difference());
        let difference = numbers
            .difference()
            .filter(|_| before != numbers.difference())?;
        Some(format!(
            "the log of terminal {} does not add up, {} of its punches differ: {}. Nothing is lost on the terminal: \
             compare its own count in its menu, and do not clear its log before the two agree",
            self.terminal.name,
            difference.unsigned_abs(),
            numbers.in_words()
        ))
    }

    async fn store_in(
        &self,
        run: SyncRunId,
        harvest: &mut Harvest,
        people: &People,
        position: &LogPosition,
        result: &mut RunResult,
    ) -> Result<(), CommandError> {
        let (id, now) = (self.terminal.id, self.shared.clock.now());
        let (zone, zone_name) = self.shared.zone_of(&self.terminal);
        let reading = Reading {
            identity: self.terminal.identity.as_deref().unwrap_or_default(),
            zone: &zone,
            zone_name: &zone_name,
            now,
            people,
            source: Source::Pull,
        };
        let mut making = Making {
            reading,
            fresh: harvest.take_in_order().into_iter(),
            unreadable: std::mem::take(&mut harvest.unreadable),
        };
        let not_kept = harvest.not_kept;
        let mut next = Some(making.next().await);
        while let Some(punches) = next {
            let mut intake = Intake::of(id, punches);
            intake.run = Some(run);
            let is_last = making.fresh.len() == 0;
            if is_last {
                result.unreadable = making.unreadable.len() as u64 + not_kept;
                intake.unreadable = std::mem::take(&mut making.unreadable);
                intake.position = Some(position.clone());
            }
            let making_next = async {
                if is_last {
                    None
                } else {
                    Some(making.next().await)
                }
            };
            let (done, made) = tokio::join!(self.shared.store.ingest(intake, now), making_next);
            let done = done?;
            next = made;
            harvest.new += done.stored;
            result.stored += done.stored;
            result.stored_before += done.known;
            if done.stored > 0 {
                (self.shared.on_stored)();
            }
        }
        result.stored_before = result.stored_before.saturating_sub(harvest.fresh_repeats);
        if result.unreadable > 0 {
            tracing::warn!(
                terminal.id = id.0,
                rows = result.unreadable,
                "some rows of the log cannot be read; they are kept raw"
            );
        }
        Ok(())
    }
}

/// Rows that become punches, by so many as are stored at once: the next ones are made while the last are being stored.
struct Making<'a> {
    reading: Reading<'a>,
    fresh: vec::IntoIter<Fresh>,
    /// Raw bytes and the reason.
    unreadable: Vec<(Vec<u8>, String)>,
}

impl Making<'_> {
    async fn next(&mut self) -> Vec<NewPunch> {
        let mut punches = Vec::with_capacity(self.fresh.len().min(Intake::AT_ONCE));
        for (row, number) in self.fresh.by_ref().take(Intake::AT_ONCE).zip(1_usize..) {
            match self.reading.punch(row) {
                Ok(punch) => punches.push(punch),
                Err(reason) => self.unreadable.push(reason),
            }
            if number.is_multiple_of(SLICE) {
                tokio::task::yield_now().await;
            }
        }
        punches
    }
}

/// Where the next read begins. The counters are kept to stop at only where they told the truth about the log; a punch
/// during the read leaves them behind.
///
/// "No rows" is never believed: some terminals always say so, and an empty log is quickly read.
fn position(brought: &mut Brought, counters: Option<&FreeSizes>) -> LogPosition {
    let told_the_truth = |counters: &&FreeSizes| {
        brought.rows > 0 && counters.records().map(u64::from) == Some(brought.rows)
    };
    let counters = counters
        .filter(told_the_truth)
        .map(|counters| counters.raw().to_vec());
    let (name, size) = match brought.layout {
        // Which of the two is meant is a setting, and may change.
        // No row has a place of its own: the next read is a whole one again.
        Some(layout) if !layout.is_known() || !brought.bytes.is_multiple_of(layout.size()) => {
            (String::new(), 0)
        }
        Some(layout @ RowLayout::R16VerifyFirst) => (RowLayout::R16.to_string(), layout.size()),
        Some(layout) => (layout.to_string(), layout.size()),
        None => (String::new(), 0),
    };
    std::mem::take(&mut brought.ends).into_position(brought.rows, name, size, counters)
}

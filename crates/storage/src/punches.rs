//! Punches on their way into the ledger, each with its outbox rows in the same transaction.

use domain::{LogPosition, NewPunch, Source, SyncRunId, TerminalId};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{
    Result, Store, Weight,
    known_rows::{RowKey, learn},
    live, log_positions,
    many_rows::{in_steps, statement},
    people,
    queueing::queue_new,
    unreadable,
};

/// What a read of a terminal, or an event, brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    pub terminal: TerminalId,
    pub run: Option<SyncRunId>,
    /// In the order in which they are delivered.
    pub punches: Vec<NewPunch>,
    /// Rows that no layout could read, with the reason.
    pub unreadable: Vec<(Vec<u8>, String)>,
    /// Where the next read begins once all this is stored.
    pub position: Option<LogPosition>,
}

/// What came of punches that were handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ingested {
    pub stored: u64,
    /// In the ledger already: same terminal, person, time and state; or told as it happened (`matched`).
    pub known: u64,
    /// Rows of the log of which a live event told before.
    pub matched: u64,
    /// Of those, the ones in which the log says otherwise than the event did.
    pub corrected: u64,
    /// Outbox rows that wait to be sent.
    pub queued: u64,
    /// Outbox rows that wait for a person, because the time cannot be right.
    pub held: u64,
}

impl Intake {
    /// Punches that fit into one transaction. What a read holds until it is whole is best handed in by so many.
    pub const AT_ONCE: usize = Weight::MOST_PUNCHES;

    pub fn of(terminal: TerminalId, punches: Vec<NewPunch>) -> Self {
        Self {
            terminal,
            run: None,
            punches,
            unreadable: Vec::new(),
            position: None,
        }
    }
}

impl Store {
    /// Stores punches in the order given, each with one outbox row for every destination that wants it. What is in the
    /// ledger already is counted, not stored.
    ///
    /// More than fit into one transaction go in several; what a failure leaves out can be handed in again. The rows that
    /// nobody could read and the position of the log go with the last one.
    pub async fn ingest(&self, intake: Intake, now: Timestamp) -> Result<Ingested> {
        const DESTINATIONS: &str = "SELECT COUNT(*) FROM destinations";
        let Intake {
            terminal,
            run,
            punches,
            unreadable,
            position,
        } = intake;
        let destinations: i64 = sqlx::query_scalar(DESTINATIONS)
            .fetch_one(self.reader())
            .await?;
        let size = Weight::punches_at_once(destinations);
        let mut total = Ingested::default();
        let mut punches = punches.into_iter();
        let mut last = Some((unreadable, position));
        while last.is_some() {
            let chunk: Vec<_> = punches.by_ref().take(size).collect();
            let rest = if punches.len() == 0 {
                last.take()
            } else {
                None
            };
            let count = i64::try_from(chunk.len()).unwrap_or(i64::MAX);
            let more = rest
                .as_ref()
                .map_or(0, |(unreadable, _)| 10 + unreadable.len());
            let weight = Weight::punches(
                count,
                count
                    .saturating_mul(destinations)
                    .saturating_add(i64::try_from(more).unwrap_or(i64::MAX)),
            );
            if count == 0
                && rest
                    .as_ref()
                    .is_some_and(|(rows, at)| rows.is_empty() && at.is_none())
            {
                break;
            }
            let done = self
                .write(weight, move |conn| {
                    Box::pin(async move {
                        let done = insert(conn, terminal, run, chunk, now).await?;
                        if let Some((unreadable, position)) = rest {
                            unreadable::save(conn, terminal, run, &unreadable, now).await?;
                            if let Some(position) = position {
                                log_positions::save(conn, terminal, &position, now).await?;
                            }
                        }
                        Ok(done)
                    })
                })
                .await?;
            total.add(done);
        }
        Ok(total)
    }
}

/// Stores punches of one terminal, as far as they are new.
pub(crate) async fn insert(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    run: Option<SyncRunId>,
    punches: Vec<NewPunch>,
    now: Timestamp,
) -> Result<Ingested> {
    const LAST: &str = "SELECT COALESCE(MAX(id), 0) FROM punches";
    let given = count(punches.len());
    if given == 0 {
        return Ok(Ingested::default());
    }
    let rows: Vec<_> = punches
        .iter()
        .filter(|punch| matches!(punch.source, Source::Pull | Source::Import))
        .map(|punch| RowKey::of(terminal, &punch.raw))
        .collect();
    let (punches, met) = live::match_rows(conn, terminal, punches, now).await?;
    let last: i64 = sqlx::query_scalar(LAST).fetch_one(&mut *conn).await?;
    let stored = insert_new(conn, terminal, run, &punches, now).await?;
    learn(conn, terminal, rows).await?;
    let mut done = Ingested {
        stored,
        known: given.saturating_sub(stored),
        matched: met.matched,
        corrected: met.corrected,
        ..Ingested::default()
    };
    if stored > 0 {
        if punches.iter().any(|punch| punch.source == Source::Live) {
            live::await_rows(conn, last).await?;
        }
        people::notice_punches(conn, terminal, &punches, now).await?;
        (done.queued, done.held) = queue_new(conn, last).await?;
    }
    Ok(done)
}

/// Gives how many were new.
async fn insert_new(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    run: Option<SyncRunId>,
    punches: &[NewPunch],
    now: Timestamp,
) -> Result<u64> {
    // Whoever fails undoes all of its transaction, so no statement needs to be undone by itself: `OR FAIL` spares a copy of
    // each page that it changes.
    const INSERT: &str = "INSERT OR FAIL INTO punches (terminal_id, sync_run_id, stored_at, record_id, pin, local_time, state,
            verify, work_code, zone, instant, flag, source, person_name, raw)
        VALUES ";
    const ROW: &str = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let mut stored = 0;
    for some in in_steps(punches) {
        let text = statement(INSERT, ROW, some.len(), " ON CONFLICT DO NOTHING");
        let mut insert = sqlx::query(AssertSqlSafe(text));
        for punch in some {
            insert = insert
                .bind(terminal.0)
                .bind(run.map(|run| run.0))
                .bind(now.as_millisecond())
                .bind(punch.record_id.as_str())
                .bind(punch.pin.as_str())
                .bind(punch.local_time.to_string())
                .bind(punch.state.code())
                .bind(punch.verify)
                .bind(punch.work_code)
                .bind(punch.zone.as_str())
                .bind(punch.instant.as_second())
                .bind(punch.flag.as_str())
                .bind(punch.source.as_str())
                .bind(punch.person_name.as_str())
                .bind(punch.raw.as_slice());
        }
        stored += insert.execute(&mut *conn).await?.rows_affected();
    }
    Ok(stored)
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

impl Ingested {
    pub(crate) fn add(&mut self, more: Self) {
        self.stored += more.stored;
        self.known += more.known;
        self.matched += more.matched;
        self.corrected += more.corrected;
        self.queued += more.queued;
        self.held += more.held;
    }
}

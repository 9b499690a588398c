//! Punches on their way into the ledger, each with its outbox rows in the same transaction.

use domain::{NewPunch, SyncRunId, TerminalId};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::SqliteConnection;

use crate::{
    Result, Store, Weight,
    columns::{hex, json, narrow},
};

/// What came of punches that were handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ingested {
    pub stored: u64,
    /// In the ledger already: same terminal, person, time and state.
    pub known: u64,
    /// Outbox rows that wait to be sent.
    pub queued: u64,
    /// Outbox rows that wait for a person, because the time cannot be right.
    pub held: u64,
}

/// A punch as the statement takes it, by position.
#[derive(Serialize)]
struct Row<'a>(
    &'a str,
    &'a str,
    String,
    u8,
    u8,
    u32,
    &'a str,
    i64,
    &'static str,
    &'static str,
    &'a str,
    String,
);

impl Store {
    /// Stores punches in the order given, each with one outbox row for every destination that wants it. What is in the
    /// ledger already is counted, not stored.
    ///
    /// More than fit into one transaction go in several; what a failure leaves out can be handed in again.
    pub async fn ingest(
        &self,
        terminal: TerminalId,
        run: Option<SyncRunId>,
        punches: Vec<NewPunch>,
        now: Timestamp,
    ) -> Result<Ingested> {
        const DESTINATIONS: &str = "SELECT COUNT(*) FROM destinations";
        let mut total = Ingested::default();
        let destinations: i64 = sqlx::query_scalar(DESTINATIONS)
            .fetch_one(self.reader())
            .await?;
        let size = Weight::punches_at_once(destinations);
        for chunk in punches.chunks(size) {
            let count = i64::try_from(chunk.len()).unwrap_or(i64::MAX);
            let rows = json(&chunk.iter().map(Row::from).collect::<Vec<_>>())?;
            let done = self
                .write(
                    Weight::punches(count, count.saturating_mul(destinations)),
                    move |conn| {
                        Box::pin(async move { insert(conn, terminal, run, &rows, now).await })
                    },
                )
                .await?;
            total.stored += done.stored;
            total.known += u64::try_from(chunk.len())
                .unwrap_or(u64::MAX)
                .saturating_sub(done.stored);
            total.queued += done.queued;
            total.held += done.held;
        }
        Ok(total)
    }

    /// Keeps rows that no layout could read, raw and with the reason; those that are kept already once only.
    pub async fn save_unreadable(
        &self,
        terminal: TerminalId,
        run: Option<SyncRunId>,
        rows: Vec<(Vec<u8>, String)>,
        now: Timestamp,
    ) -> Result<()> {
        const INSERT: &str = "INSERT INTO unreadable_rows (terminal_id, raw, reason, sync_run_id, seen_at)
            SELECT ?1, unhex(n.value ->> 0), n.value ->> 1, ?3, ?4 FROM json_each(?2) AS n WHERE true ORDER BY n.key
            ON CONFLICT (terminal_id, raw) DO NOTHING";
        const CHUNK: usize = 2_000;
        for chunk in rows.chunks(CHUNK) {
            let rows: Vec<_> = chunk
                .iter()
                .map(|(raw, reason)| (hex(raw), reason))
                .collect();
            let weight = Weight::outbox(i64::try_from(rows.len()).unwrap_or(i64::MAX));
            let rows = json(&rows)?;
            self.write(weight, move |conn| {
                Box::pin(async move {
                    sqlx::query(INSERT)
                        .bind(terminal.0)
                        .bind(rows)
                        .bind(run.map(|run| run.0))
                        .bind(now.as_millisecond())
                        .execute(conn)
                        .await?;
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }
}

async fn insert(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    run: Option<SyncRunId>,
    rows: &str,
    now: Timestamp,
) -> Result<Ingested> {
    const LAST: &str = "SELECT COALESCE(MAX(id), 0) FROM punches";
    const PUNCHES: &str = "INSERT INTO punches (record_id, terminal_id, pin, local_time, state, verify, work_code, zone,
            instant, flag, source, person_name, raw, sync_run_id, stored_at)
        SELECT n.value ->> 0, ?1, n.value ->> 1, n.value ->> 2, n.value ->> 3, n.value ->> 4, n.value ->> 5,
            n.value ->> 6, n.value ->> 7, n.value ->> 8, n.value ->> 9, n.value ->> 10, unhex(n.value ->> 11), ?3, ?4
        FROM json_each(?2) AS n WHERE true ORDER BY n.key
        ON CONFLICT DO NOTHING";
    const OUTBOX: &str = "INSERT INTO outbox (destination_id, punch_id, terminal_id, pin, state)
        SELECT d.id, p.id, p.terminal_id, p.pin, CASE p.flag WHEN 'implausible' THEN 'held' ELSE 'waiting' END
        FROM punches p JOIN destinations d ON d.start_from <= p.local_time
        WHERE p.id > ? ORDER BY p.id, d.id";
    const HELD: &str =
        "SELECT COUNT(*) FROM punches p JOIN destinations d ON d.start_from <= p.local_time
        WHERE p.id > ? AND p.flag = 'implausible'";
    let last: i64 = sqlx::query_scalar(LAST).fetch_one(&mut *conn).await?;
    let stored = sqlx::query(PUNCHES)
        .bind(terminal.0)
        .bind(rows)
        .bind(run.map(|run| run.0))
        .bind(now.as_millisecond())
        .execute(&mut *conn)
        .await?
        .rows_affected();
    if stored == 0 {
        return Ok(Ingested::default());
    }
    let rows = sqlx::query(OUTBOX)
        .bind(last)
        .execute(&mut *conn)
        .await?
        .rows_affected();
    let held: i64 = sqlx::query_scalar(HELD).bind(last).fetch_one(conn).await?;
    let held: u64 = narrow(held, "outbox count")?;
    Ok(Ingested {
        stored,
        known: 0,
        queued: rows.saturating_sub(held),
        held,
    })
}

impl<'a> From<&'a NewPunch> for Row<'a> {
    fn from(punch: &'a NewPunch) -> Self {
        Self(
            punch.record_id.as_str(),
            punch.pin.as_str(),
            punch.local_time.to_string(),
            punch.state.code(),
            punch.verify,
            punch.work_code,
            &punch.zone,
            punch.instant.as_second(),
            punch.flag.as_str(),
            punch.source.as_str(),
            &punch.person_name,
            hex(&punch.raw),
        )
    }
}

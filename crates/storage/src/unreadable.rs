//! Rows of logs that no layout could read: kept raw, to be decoded again after an update.

use domain::{NewPunch, SyncRunId, TerminalId, UnreadableId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Ingested, Result, Store, StoreError, Weight,
    columns::{hex, json, moment, narrow},
    punches::insert,
};

/// A row that nobody could read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableRow {
    pub id: UnreadableId,
    pub terminal_id: TerminalId,
    pub raw: Vec<u8>,
    pub reason: String,
    pub seen_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    terminal_id: i64,
    raw: Vec<u8>,
    reason: String,
    seen_at: i64,
}

/// Punches that one transaction takes over, and those of one more row.
const CHUNK: usize = 1_000;
/// Bytes that are kept of one terminal. A log in no known layout is cut otherwise with every punch, and each piece would
/// stay for ever.
const MOST: i64 = 64 << 20;

impl Store {
    /// In the order in which they were met, of one terminal or all; `after` is the last one of the page before.
    pub async fn unreadable_rows(
        &self,
        terminal: Option<TerminalId>,
        after: Option<UnreadableId>,
        limit: u32,
    ) -> Result<Vec<UnreadableRow>> {
        const SELECT: &str = "SELECT id, terminal_id, raw, reason, seen_at FROM unreadable_rows
            WHERE id > ?1 AND (?2 IS NULL OR terminal_id = ?2) ORDER BY id LIMIT ?3";
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(after.map_or(0, |id| id.0))
            .bind(terminal.map(|id| id.0))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(UnreadableRow::try_from).collect()
    }

    pub async fn count_unreadable(&self, terminal: Option<TerminalId>) -> Result<u64> {
        const COUNT: &str =
            "SELECT COUNT(*) FROM unreadable_rows WHERE ?1 IS NULL OR terminal_id = ?1";
        let count: i64 = sqlx::query_scalar(COUNT)
            .bind(terminal.map(|id| id.0))
            .fetch_one(self.reader())
            .await?;
        narrow(count, "count of unreadable rows")
    }

    /// Rows that can be read by now become punches, some several; each leaves the list in the transaction that stores its
    /// punches.
    pub async fn take_readable(
        &self,
        terminal: TerminalId,
        rows: Vec<(UnreadableId, Vec<NewPunch>)>,
        now: Timestamp,
    ) -> Result<Ingested> {
        const REMOVE: &str = "DELETE FROM unreadable_rows
            WHERE terminal_id = ?1 AND id IN (SELECT value FROM json_each(?2))";
        let mut total = Ingested::default();
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let (mut ids, mut punches) = (Vec::new(), Vec::new());
            for (id, of_row) in rows.by_ref() {
                ids.push(id.0);
                punches.extend(of_row);
                if punches.len() >= CHUNK {
                    break;
                }
            }
            let ids = json(&ids)?;
            let count = i64::try_from(punches.len()).unwrap_or(i64::MAX);
            let done = self
                .write(Weight::punches(count, count), move |conn| {
                    Box::pin(async move {
                        sqlx::query(REMOVE)
                            .bind(terminal.0)
                            .bind(ids)
                            .execute(&mut *conn)
                            .await?;
                        insert(conn, terminal, None, punches, now).await
                    })
                })
                .await?;
            total.add(done);
        }
        Ok(total)
    }
}

/// Keeps rows with the reason; those that are kept already once only, and no more than there is room for.
pub(crate) async fn save(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    run: Option<SyncRunId>,
    rows: &[(Vec<u8>, String)],
    now: Timestamp,
) -> Result<()> {
    const INSERT: &str = "INSERT INTO unreadable_rows (terminal_id, raw, reason, sync_run_id, seen_at)
        SELECT ?1, unhex(n.value ->> 0), n.value ->> 1, ?3, ?4 FROM json_each(?2) AS n
        WHERE (SELECT COALESCE(SUM(LENGTH(raw)), 0) FROM unreadable_rows WHERE terminal_id = ?1) < ?5
        ORDER BY n.key
        ON CONFLICT (terminal_id, raw) DO UPDATE SET reason = excluded.reason";
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|(raw, reason)| (hex(raw), reason))
        .collect();
    sqlx::query(INSERT)
        .bind(terminal.0)
        .bind(json(&rows)?)
        .bind(run.map(|run| run.0))
        .bind(now.as_millisecond())
        .bind(MOST)
        .execute(conn)
        .await?;
    Ok(())
}

impl TryFrom<Row> for UnreadableRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: UnreadableId(row.id),
            terminal_id: TerminalId(row.terminal_id),
            raw: row.raw,
            reason: row.reason,
            seen_at: moment(row.seen_at)?,
        })
    }
}

//! Which rows of a terminal's log the ledger knows by their raw bytes.
//!
//! They are known by 64 bits of a hash, without a look at the bytes: of a million rows of a terminal a new one is taken
//! for one of them once in 10¹³ times.

use std::collections::BTreeMap;

use domain::TerminalId;
use ring::digest::{Context, SHA256};
use serde::Serialize;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{
    Result, Store, StoreError,
    columns::json,
    many_rows::{in_steps, statement},
};

/// Rows that one statement looks up.
const CHUNK: usize = 5_000;

impl Store {
    /// For each row whether a punch of this terminal has exactly these bytes.
    pub async fn known_rows(&self, terminal: TerminalId, raws: Vec<Vec<u8>>) -> Result<Vec<bool>> {
        const ANY: &str = "SELECT EXISTS (SELECT 1 FROM punches WHERE terminal_id = ?)";
        // One text of 0s and 1s instead of a row for each.
        const LOOK: &str = "SELECT COALESCE(group_concat(
                EXISTS (SELECT 1 FROM known_rows k
                    WHERE k.terminal_id = ?1 AND k.day = n.value ->> 0 AND k.hash = n.value ->> 1), ''
                ORDER BY n.key), '')
            FROM json_each(?2) AS n";
        let any: bool = sqlx::query_scalar(ANY)
            .bind(terminal.0)
            .fetch_one(self.reader())
            .await?;
        if !any {
            return Ok(vec![false; raws.len()]);
        }
        let mut known = Vec::with_capacity(raws.len());
        for chunk in raws.chunks(CHUNK) {
            let asked: Vec<_> = chunk.iter().map(|raw| RowKey::of(terminal, raw)).collect();
            let found: String = sqlx::query_scalar(LOOK)
                .bind(terminal.0)
                .bind(json(&asked)?)
                .fetch_one(self.reader())
                .await?;
            if found.len() != chunk.len() {
                return Err(StoreError::damaged(format!(
                    "{} rows looked up, {} found",
                    chunk.len(),
                    found.len()
                )));
            }
            known.extend(found.bytes().map(|digit| digit == b'1'));
        }
        Ok(known)
    }
}

/// Under what a row of a terminal's log is known within it: a day, and a hash. Written into ledgers: it must stay as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct RowKey(u32, i64);

impl RowKey {
    pub(crate) fn of(terminal: TerminalId, raw: &[u8]) -> Self {
        let mut digest = Context::new(&SHA256);
        digest.update(&terminal.0.to_be_bytes());
        digest.update(raw);
        let digest = digest.finish();
        let hash = digest
            .as_ref()
            .first_chunk()
            .map_or(0, |bytes| i64::from_be_bytes(*bytes));
        Self(day(raw), hash)
    }
}

/// The day of a row, only so that rows of one time are stored side by side: a wrong one costs time and nothing else.
fn day(raw: &[u8]) -> u32 {
    const SECONDS: u32 = 86_400;
    let at = match raw.len() {
        16 => 4,
        40.. => 27,
        _ => return 0,
    };
    raw.get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |time| u32::from_le_bytes(*time) / SECONDS)
}

/// Makes rows of a terminal known; those that are known already stay so.
pub(crate) async fn learn(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    mut rows: Vec<RowKey>,
) -> Result<()> {
    // Nothing in these rows can be refused but that they are known.
    const LEARN: &str = "INSERT OR IGNORE INTO known_rows (terminal_id, day, hash) VALUES ";
    const ROW: &str = "(?, ?, ?)";
    rows.sort_unstable();
    for some in in_steps(&rows) {
        let text = statement(LEARN, ROW, some.len(), "");
        let mut insert = sqlx::query(AssertSqlSafe(text));
        for RowKey(day, hash) in some {
            insert = insert.bind(terminal.0).bind(day).bind(hash);
        }
        insert.execute(&mut *conn).await?;
    }
    Ok(())
}

/// A ledger of before knows its rows by a look at all of them: they are hashed once.
pub(crate) async fn learn_all(conn: &mut SqliteConnection) -> Result<()> {
    const LEARNT: &str = "SELECT EXISTS (SELECT 1 FROM known_rows)";
    const NEXT: &str = "SELECT id, terminal_id, raw FROM punches WHERE id > ? ORDER BY id LIMIT ?";
    if sqlx::query_scalar(LEARNT).fetch_one(&mut *conn).await? {
        return Ok(());
    }
    let mut after = 0;
    loop {
        let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(NEXT)
            .bind(after)
            .bind(i64::try_from(CHUNK).unwrap_or(i64::MAX))
            .fetch_all(&mut *conn)
            .await?;
        let Some((last, ..)) = rows.last() else {
            return Ok(());
        };
        after = *last;
        let mut keys: BTreeMap<TerminalId, Vec<RowKey>> = BTreeMap::new();
        for (_, terminal, raw) in &rows {
            let terminal = TerminalId(*terminal);
            let keys = keys.entry(terminal).or_default();
            keys.push(RowKey::of(terminal, raw));
        }
        for (terminal, keys) in keys {
            learn(conn, terminal, keys).await?;
        }
    }
}

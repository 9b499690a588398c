//! How far each terminal's log was read.

use domain::{LogPosition, TerminalId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result, Store, StoreError, Weight,
    columns::{hex, json, narrow, unhex},
};

#[derive(sqlx::FromRow)]
struct SavedPosition {
    rows: i64,
    row_size: i64,
    layout: String,
    last_rows: String,
    counters: Option<Vec<u8>>,
}

impl Store {
    /// `None` where the log was never read, or must be read anew.
    pub async fn log_position(&self, terminal: TerminalId) -> Result<Option<LogPosition>> {
        const SELECT: &str = "SELECT rows, row_size, layout, last_rows, counters FROM log_positions
            WHERE terminal_id = ?";
        let row: Option<SavedPosition> = sqlx::query_as(SELECT)
            .bind(terminal.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(LogPosition::try_from).transpose()
    }

    /// The next read begins at the beginning of the log.
    pub async fn forget_log_position(&self, terminal: TerminalId) -> Result<()> {
        const FORGET: &str = "DELETE FROM log_positions WHERE terminal_id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(FORGET).bind(terminal.0).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }
}

/// Only ever in the transaction of the punches that it covers.
pub(crate) async fn save(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    position: &LogPosition,
    now: Timestamp,
) -> Result<()> {
    const SAVE: &str = "INSERT INTO log_positions (terminal_id, rows, row_size, layout, last_rows, counters, saved_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (terminal_id) DO UPDATE SET rows = excluded.rows, row_size = excluded.row_size,
            layout = excluded.layout, last_rows = excluded.last_rows, counters = excluded.counters,
            saved_at = excluded.saved_at";
    let surplus = position
        .last_rows
        .len()
        .saturating_sub(LogPosition::MOST_ROWS);
    let last: Vec<_> = position
        .last_rows
        .iter()
        .skip(surplus)
        .map(|row| hex(row))
        .collect();
    sqlx::query(SAVE)
        .bind(terminal.0)
        .bind(i64::try_from(position.rows).unwrap_or(i64::MAX))
        .bind(i64::from(position.row_size))
        .bind(&position.layout)
        .bind(json(&last)?)
        .bind(&position.counters)
        .bind(now.as_millisecond())
        .execute(conn)
        .await?;
    Ok(())
}

impl TryFrom<SavedPosition> for LogPosition {
    type Error = StoreError;

    fn try_from(row: SavedPosition) -> Result<Self> {
        let damaged = || StoreError::damaged("log_positions.last_rows cannot be read");
        let last: Vec<String> = serde_json::from_str(&row.last_rows).map_err(|_| damaged())?;
        Ok(Self {
            rows: narrow(row.rows, "log_positions.rows")?,
            row_size: narrow(row.row_size, "log_positions.row_size")?,
            layout: row.layout,
            last_rows: last
                .iter()
                .map(|row| unhex(row).ok_or_else(damaged))
                .collect::<Result<_>>()?,
            counters: row.counters,
        })
    }
}

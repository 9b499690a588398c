//! Receivers of punches: their settings, and what follows from a change of them.

use domain::{Destination, DestinationId, LocalTime, Mode};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result, Store, StoreError, Weight,
    columns::narrow,
    destination_health::END_STREAK,
    destination_row::{DestinationRow, select_destinations},
    dissolve::{Dissolve, dissolve},
    outbox::withdraw_earlier,
    queueing::{Window, queue_missing},
};

/// What POST /api/export-config changes; `None` leaves a setting as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportChange {
    /// `Some(None)` clears the URL: punches go on queueing, nothing is sent.
    pub url: Option<Option<String>>,
    pub auto_export: Option<bool>,
    pub start_from: Option<LocalTime>,
    pub batch_size: Option<u32>,
    pub with_record_id: Option<bool>,
}

/// What a change of the settings came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportSaved {
    pub destination: Destination,
    /// Stored punches that are wanted now and were not before.
    pub queued: u64,
    /// Waiting records that are not wanted any more.
    pub withdrawn: u64,
    /// Records that are not wanted any more but may have arrived already; they stay.
    pub in_doubt: u64,
}

/// Rows that one transaction of a long change touches at most.
const CHUNK: i64 = 5_000;
/// Start of a destination whose URL nobody has set yet: it wants no punch.
const NEVER: &str = "9999-12-31 23:59:59";

pub(crate) const BY_ID: &str = select_destinations!("AND id = ?");
const BY_NAME: &str = select_destinations!("AND name = ?");
const ALL: &str = select_destinations!("ORDER BY id");
pub(crate) const DEFAULT_NAME: &str = "default";

impl Store {
    /// The destination of /api/export-config; `None` until its settings are first touched.
    pub async fn default_destination(&self) -> Result<Option<Destination>> {
        let row: Option<DestinationRow> = sqlx::query_as(BY_NAME)
            .bind(DEFAULT_NAME)
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| row.into_destination(self.sealer()))
            .transpose()
    }

    pub async fn destination(&self, id: DestinationId) -> Result<Option<Destination>> {
        let row: Option<DestinationRow> = sqlx::query_as(BY_ID)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| row.into_destination(self.sealer()))
            .transpose()
    }

    pub async fn destinations(&self) -> Result<Vec<Destination>> {
        let rows: Vec<DestinationRow> = sqlx::query_as(ALL).fetch_all(self.reader()).await?;
        rows.into_iter()
            .map(|row| row.into_destination(self.sealer()))
            .collect()
    }

    /// Saves export settings and brings the queue in line with them.
    ///
    /// Any call, also with unchanged values, resumes a paused destination and makes everything due. Where many records
    /// are queued or withdrawn this goes by in several transactions, the settings with the last one: if it is cut off,
    /// the old settings hold and the call can be repeated.
    pub async fn save_export_settings(
        &self,
        change: ExportChange,
        now: Timestamp,
        default_start: LocalTime,
    ) -> Result<ExportSaved> {
        let (mut queued, mut withdrawn) = (0, 0);
        for _ in 0..TRIES {
            let before = match self.default_destination().await? {
                Some(destination) => destination,
                None => self.create_default(now).await?,
            };
            let never = before.filter.from.to_string() == NEVER;
            let first_url = before.url.is_none() && matches!(change.url, Some(Some(_)));
            let start = change
                .start_from
                .or_else(|| (never && first_url).then_some(default_start));
            let mut upto = 0;
            let mut in_doubt = 0;
            match start {
                Some(start) if start < before.filter.from => {
                    let some;
                    (some, upto) = self.queue_history(before.id, start).await?;
                    queued += some;
                }
                Some(start) if start > before.filter.from => {
                    let some;
                    (some, in_doubt) = self.withdraw_history(before.id, start, now).await?;
                    withdrawn += some;
                }
                Some(_) | None => {}
            }
            let applied = self
                .apply(before.clone(), change.clone(), start, upto, now)
                .await?;
            if let Some((more_queued, more_withdrawn)) = applied {
                return Ok(ExportSaved {
                    destination: self.destination(before.id).await?.unwrap_or(before),
                    queued: queued + more_queued,
                    withdrawn: withdrawn + more_withdrawn,
                    in_doubt,
                });
            }
        }
        Err(StoreError::conflict(
            "somebody else changes start_from at the same time; look at what it is now and try again",
        ))
    }

    async fn create_default(&self, now: Timestamp) -> Result<Destination> {
        const INSERT: &str =
            "INSERT INTO destinations (name, start_from, created_at) VALUES (?, ?, ?)
            ON CONFLICT (name) DO NOTHING";
        let sealer = self.sealer().clone();
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(INSERT)
                    .bind(DEFAULT_NAME)
                    .bind(NEVER)
                    .bind(now.as_millisecond())
                    .execute(&mut *conn)
                    .await?;
                let row: DestinationRow = sqlx::query_as(BY_NAME)
                    .bind(DEFAULT_NAME)
                    .fetch_one(conn)
                    .await?;
                row.into_destination(&sealer)
            })
        })
        .await
    }

    /// Queues what is stored from `start` on, window by window of the ledger; also says how far it came.
    async fn queue_history(&self, id: DestinationId, start: LocalTime) -> Result<(u64, i64)> {
        const LAST: &str = "SELECT COALESCE(MAX(id), 0) FROM punches";
        let last: i64 = sqlx::query_scalar(LAST).fetch_one(self.reader()).await?;
        let mut queued = 0;
        let mut from = 0;
        while from < last {
            let to = (from + CHUNK).min(last);
            queued += self
                .write(Weight::outbox(CHUNK), move |conn| {
                    Box::pin(async move { queue_missing(conn, window(id, start, from, to)).await })
                })
                .await?;
            from = to;
        }
        Ok((queued, last))
    }

    async fn withdraw_history(
        &self,
        id: DestinationId,
        start: LocalTime,
        now: Timestamp,
    ) -> Result<(u64, u64)> {
        let in_doubt = self
            .write(Weight::outbox(CHUNK), move |conn| {
                Box::pin(async move {
                    dissolve(conn, id, Dissolve::Before(start)).await?;
                    count_in_doubt(conn, id, start).await
                })
            })
            .await?;
        let mut withdrawn = 0;
        loop {
            let some = self
                .write(Weight::outbox(CHUNK), move |conn| {
                    Box::pin(async move { withdraw_earlier(conn, id, start, now, CHUNK).await })
                })
                .await?;
            withdrawn += some;
            if some == 0 {
                return Ok((withdrawn, in_doubt));
            }
        }
    }

    /// The last transaction of a change: the settings, and what arrived while the others ran. `None` where the queue
    /// was brought in line with a start that somebody else changed meanwhile: to be done again.
    async fn apply(
        &self,
        before: Destination,
        change: ExportChange,
        start: Option<LocalTime>,
        upto: i64,
        now: Timestamp,
    ) -> Result<Option<(u64, u64)>> {
        let sealer = self.sealer().clone();
        self.write(Weight::outbox(CHUNK), move |conn| {
            Box::pin(async move {
                let id = before.id;
                let row: DestinationRow = sqlx::query_as(BY_ID)
                    .bind(id.0)
                    .fetch_one(&mut *conn)
                    .await?;
                let current = row.into_destination(&sealer)?;
                if start.is_some() && current.filter.from != before.filter.from {
                    return Ok(None);
                }
                let start = start.unwrap_or(current.filter.from);
                let queued = if start < current.filter.from {
                    queue_missing(conn, window(id, start, upto, i64::MAX)).await?
                } else {
                    0
                };
                let withdrawn = if start > current.filter.from {
                    // A batch may have been opened since the others were dissolved.
                    dissolve(conn, id, Dissolve::Before(start)).await?;
                    withdraw_earlier(conn, id, start, now, -1).await?
                } else {
                    0
                };
                let url = change.url.unwrap_or_else(|| current.url.clone());
                let moved = url != current.url;
                let batch_size = change.batch_size.unwrap_or(current.batch_size);
                let with_record_id = change.with_record_id.unwrap_or(current.with_record_id);
                let mode = match change.auto_export {
                    Some(true) => Mode::On,
                    Some(false) => Mode::Off,
                    None => current.mode,
                };
                let looks_different = moved || with_record_id != current.with_record_id;
                sqlx::query(SAVE)
                    .bind(url)
                    .bind(mode.as_str())
                    .bind(start.to_string())
                    .bind(batch_size)
                    .bind(with_record_id)
                    .bind(looks_different.then(|| now.as_millisecond()))
                    .bind(id.0)
                    .execute(&mut *conn)
                    .await?;
                sqlx::query(END_STREAK)
                    .bind(id.0)
                    .execute(&mut *conn)
                    .await?;
                if moved {
                    sqlx::query(FORGET).bind(id.0).execute(&mut *conn).await?;
                }
                if batch_size < current.batch_size {
                    dissolve(conn, id, Dissolve::Larger(batch_size)).await?;
                }
                Ok(Some((queued, withdrawn)))
            })
        })
        .await
    }
}

/// How often a change of `start_from` begins anew because somebody else changed it meanwhile.
const TRIES: u32 = 5;
/// Saving also resumes: no pause, no schedule, no streak.
const SAVE: &str = "UPDATE destinations SET url = ?, mode = ?, start_from = ?, batch_size = ?, with_record_id = ?,
        changed_at = COALESCE(?, changed_at), failures = 0, retry_at = NULL, paused_code = NULL, paused_reason = NULL, paused_at = NULL, probe_at = NULL,
        refused_streak = 0
    WHERE id = ?";
/// Another URL is another receiver, though the same destination: nothing is known of it.
pub(crate) const FORGET: &str =
    "UPDATE destinations SET max_batch = NULL, bare_only = 0, bare_rescues = 0 WHERE id = ?";
fn window(destination: DestinationId, start: LocalTime, after: i64, upto: i64) -> Window {
    Window {
        destination,
        start,
        after,
        upto,
        late: false,
    }
}

async fn count_in_doubt(
    conn: &mut SqliteConnection,
    id: DestinationId,
    start: LocalTime,
) -> Result<u64> {
    const COUNT: &str = "SELECT COUNT(*) FROM batches b
        JOIN outbox o ON o.batch_id = b.id AND o.state = 'batched' AND o.asked = 0
        JOIN shown_punches p ON p.id = o.punch_id AND p.local_time < ?
        WHERE b.destination_id = ? AND b.state <> 'done'";
    let count: i64 = sqlx::query_scalar(COUNT)
        .bind(start.to_string())
        .bind(id.0)
        .fetch_one(conn)
        .await?;
    narrow(count, "outbox count")
}

//! Receivers of punches: their settings, and what follows from a change of them.

use domain::{Destination, DestinationId, LocalTime, Pause};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result, Store, StoreError, Weight,
    columns::{json, local_time, moment, moment_opt, narrow},
    outbox::{queue_missing, withdraw_earlier},
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

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    url: Option<String>,
    auto_export: bool,
    start_from: String,
    batch_size: i64,
    with_record_id: bool,
    created_at: i64,
    failures: i64,
    retry_at: Option<i64>,
    paused_code: Option<String>,
    paused_reason: Option<String>,
    paused_at: Option<i64>,
    probe_at: Option<i64>,
    max_batch: Option<i64>,
    bare_only: bool,
    bare_rescues: i64,
    refused_streak: i64,
    delivered_count: i64,
    last_attempt_at: Option<i64>,
    last_success_at: Option<i64>,
    last_status: Option<i64>,
    last_error: Option<String>,
    last_error_at: Option<i64>,
}

/// A statement over all columns of [`Row`].
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, url, auto_export, start_from, batch_size, with_record_id, created_at, failures, retry_at,
                paused_code, paused_reason, paused_at, probe_at, max_batch, bare_only, bare_rescues, refused_streak,
                delivered_count, last_attempt_at, last_success_at, last_status, last_error, last_error_at
            FROM destinations ",
            $rest
        )
    };
}

const BY_ID: &str = select!("WHERE id = ?");
const BY_NAME: &str = select!("WHERE name = ?");
const ALL: &str = select!("ORDER BY id");
const DEFAULT_NAME: &str = "default";

impl Store {
    /// The destination of /api/export-config; `None` until its settings are first touched.
    pub async fn default_destination(&self) -> Result<Option<Destination>> {
        let row: Option<Row> = sqlx::query_as(BY_NAME)
            .bind(DEFAULT_NAME)
            .fetch_optional(self.reader())
            .await?;
        row.map(Destination::try_from).transpose()
    }

    pub async fn destination(&self, id: DestinationId) -> Result<Option<Destination>> {
        let row: Option<Row> = sqlx::query_as(BY_ID)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(Destination::try_from).transpose()
    }

    pub async fn destinations(&self) -> Result<Vec<Destination>> {
        let rows: Vec<Row> = sqlx::query_as(ALL).fetch_all(self.reader()).await?;
        rows.into_iter().map(Destination::try_from).collect()
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
            let never = before.start_from.to_string() == NEVER;
            let first_url = before.url.is_none() && matches!(change.url, Some(Some(_)));
            let start = change
                .start_from
                .or_else(|| (never && first_url).then_some(default_start));
            let mut upto = 0;
            let mut in_doubt = 0;
            match start {
                Some(start) if start < before.start_from => {
                    let some;
                    (some, upto) = self.queue_history(before.id, start).await?;
                    queued += some;
                }
                Some(start) if start > before.start_from => {
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
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(INSERT)
                    .bind(DEFAULT_NAME)
                    .bind(NEVER)
                    .bind(now.as_millisecond())
                    .execute(&mut *conn)
                    .await?;
                let row: Row = sqlx::query_as(BY_NAME)
                    .bind(DEFAULT_NAME)
                    .fetch_one(conn)
                    .await?;
                row.try_into()
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
                    Box::pin(async move { queue_missing(conn, id, start, from, to).await })
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
        self.write(Weight::outbox(CHUNK), move |conn| {
            Box::pin(async move {
                let id = before.id;
                let row: Row = sqlx::query_as(BY_ID)
                    .bind(id.0)
                    .fetch_one(&mut *conn)
                    .await?;
                let current = Destination::try_from(row)?;
                if start.is_some() && current.start_from != before.start_from {
                    return Ok(None);
                }
                let start = start.unwrap_or(current.start_from);
                let queued = if start < current.start_from {
                    queue_missing(conn, id, start, upto, i64::MAX).await?
                } else {
                    0
                };
                let withdrawn = if start > current.start_from {
                    // A batch may have been opened since the others were dissolved.
                    dissolve(conn, id, Dissolve::Before(start)).await?;
                    withdraw_earlier(conn, id, start, now, -1).await?
                } else {
                    0
                };
                let url = change.url.unwrap_or_else(|| current.url.clone());
                let moved = url != current.url;
                let batch_size = change.batch_size.unwrap_or(current.batch_size);
                sqlx::query(SAVE)
                    .bind(url)
                    .bind(change.auto_export.unwrap_or(current.auto_export))
                    .bind(start.to_string())
                    .bind(batch_size)
                    .bind(change.with_record_id.unwrap_or(current.with_record_id))
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
const SAVE: &str = "UPDATE destinations SET url = ?, auto_export = ?, start_from = ?, batch_size = ?, with_record_id = ?,
        failures = 0, retry_at = NULL, paused_code = NULL, paused_reason = NULL, paused_at = NULL, probe_at = NULL,
        refused_streak = 0
    WHERE id = ?";
/// Another URL is another receiver, though the same destination: nothing is known of it.
const FORGET: &str =
    "UPDATE destinations SET max_batch = NULL, bare_only = 0, bare_rescues = 0 WHERE id = ?";
pub(crate) const END_STREAK: &str =
    "UPDATE outbox SET streak = 0
    WHERE destination_id = ? AND state = 'parked' AND streak = 1 AND state IN ('held', 'parked', 'withdrawn')";

/// Which open batches are given up, so that their records wait again.
///
/// Never one that is being sent or that may have arrived: it must be sent again under its own id.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dissolve {
    /// That hold a record from before this time.
    Before(LocalTime),
    /// That hold more records than this.
    Larger(u32),
    /// In the shape of a batch.
    Enveloped,
    /// Not tried yet.
    Untried,
}

pub(crate) async fn dissolve(
    conn: &mut SqliteConnection,
    id: DestinationId,
    which: Dissolve,
) -> Result<u64> {
    const BEFORE: &str = "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND EXISTS (
            SELECT 1 FROM outbox o JOIN punches p ON p.id = o.punch_id
            WHERE o.batch_id = batches.id AND o.state = 'batched' AND o.asked = 0 AND p.local_time < ?2)";
    const LARGER: &str = "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND size > ?2";
    const ENVELOPED: &str = "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND shape = 'batch'";
    const UNTRIED: &str = "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND attempts = 0";
    const CLOSE: &str = "UPDATE batches SET state = 'done', last_error = 'dissolved'
        WHERE id IN (SELECT value FROM json_each(?))";
    const FREE: &str = "UPDATE outbox SET state = 'waiting', batch_id = NULL
        WHERE state = 'batched' AND batch_id IN (SELECT value FROM json_each(?))";
    let select = match which {
        Dissolve::Before(start) => sqlx::query_scalar(BEFORE)
            .bind(id.0)
            .bind(start.to_string()),
        Dissolve::Larger(size) => sqlx::query_scalar(LARGER).bind(id.0).bind(size),
        Dissolve::Enveloped => sqlx::query_scalar(ENVELOPED).bind(id.0),
        Dissolve::Untried => sqlx::query_scalar(UNTRIED).bind(id.0),
    };
    let given_up: Vec<i64> = select.fetch_all(&mut *conn).await?;
    if given_up.is_empty() {
        return Ok(0);
    }
    let given_up = json(&given_up)?;
    sqlx::query(CLOSE)
        .bind(&given_up)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query(FREE)
        .bind(&given_up)
        .execute(conn)
        .await?
        .rows_affected())
}

async fn count_in_doubt(
    conn: &mut SqliteConnection,
    id: DestinationId,
    start: LocalTime,
) -> Result<u64> {
    const COUNT: &str = "SELECT COUNT(*) FROM batches b
        JOIN outbox o ON o.batch_id = b.id AND o.state = 'batched' AND o.asked = 0
        JOIN punches p ON p.id = o.punch_id AND p.local_time < ?
        WHERE b.destination_id = ? AND b.state <> 'done'";
    let count: i64 = sqlx::query_scalar(COUNT)
        .bind(start.to_string())
        .bind(id.0)
        .fetch_one(conn)
        .await?;
    narrow(count, "outbox count")
}

impl TryFrom<Row> for Destination {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let pause = match (row.paused_code, row.paused_reason, row.paused_at) {
            (Some(code), Some(reason), Some(since)) => Some(Pause {
                code,
                reason,
                since: moment(since)?,
                probe_at: moment_opt(row.probe_at)?,
            }),
            _ => None,
        };
        Ok(Self {
            id: DestinationId(row.id),
            name: row.name,
            url: row.url,
            auto_export: row.auto_export,
            start_from: local_time(&row.start_from)?,
            batch_size: narrow(row.batch_size, "destinations.batch_size")?,
            with_record_id: row.with_record_id,
            created_at: moment(row.created_at)?,
            failures: narrow(row.failures, "destinations.failures")?,
            retry_at: moment_opt(row.retry_at)?,
            pause,
            max_batch: row
                .max_batch
                .map(|size| narrow(size, "destinations.max_batch"))
                .transpose()?,
            bare_only: row.bare_only,
            bare_rescues: narrow(row.bare_rescues, "destinations.bare_rescues")?,
            refused_streak: narrow(row.refused_streak, "destinations.refused_streak")?,
            delivered_count: narrow(row.delivered_count, "destinations.delivered_count")?,
            last_attempt_at: moment_opt(row.last_attempt_at)?,
            last_success_at: moment_opt(row.last_success_at)?,
            last_status: row
                .last_status
                .map(|status| narrow(status, "destinations.last_status"))
                .transpose()?,
            last_error: row.last_error,
            last_error_at: moment_opt(row.last_error_at)?,
        })
    }
}

//! Sending a range of punches on purpose, whatever was or was not sent of it before.

use domain::{DestinationId, JobId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::{
    PeopleMeant, PunchFilter, Result, Store, StoreError, Weight,
    columns::{json, narrow},
    people::is_meant,
};

/// What is done with punches that were delivered already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resend {
    Skip,
    /// They are sent again under the same ids.
    Force,
}

/// What POST /api/send-attendance queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendJob {
    pub job_id: JobId,
    pub matched: u64,
    pub queued: u64,
    /// Delivered before.
    pub skipped: u64,
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SendJobProgress {
    pub matched: u64,
    pub queued: u64,
    pub delivered: u64,
    pub skipped: u64,
    /// Refused by themselves and parked.
    pub failed: u64,
    /// Not decided yet; the job is done when this is 0.
    pub waiting: u64,
}

#[derive(Serialize, Deserialize, Default)]
struct Tally {
    matched: u64,
    queued: u64,
    skipped: u64,
}

/// Punches that one transaction touches at most.
const CHUNK: i64 = 2_000;

impl Store {
    /// Queues every punch that matches, in the order of the ledger, and records it as a job.
    pub async fn queue_for_sending(
        &self,
        destination: DestinationId,
        filter: &PunchFilter,
        resend: Resend,
        now: Timestamp,
    ) -> Result<SendJob> {
        const MATCH: &str = concat!(
            "SELECT p.id FROM shown_punches p
            WHERE p.id > ?1 AND (?2 IS NULL OR p.local_time >= ?2) AND (?3 IS NULL OR p.local_time <= ?3)
                AND (?4 IS NULL OR p.terminal_id = ?4) AND (?5 IS NULL OR p.pin IN (SELECT value FROM json_each(?5)))",
            is_meant!("p.local_time", "?7"),
            "ORDER BY p.id LIMIT ?6"
        );
        let job = self.start_send_job(filter, resend, now).await?;
        let people = if filter.people.is_empty() {
            None
        } else {
            Some(json(&filter.people)?)
        };
        let meant = PeopleMeant::json(filter.meant.as_ref())?;
        let mut tally = Tally::default();
        let mut after = 0;
        loop {
            let punches: Vec<i64> = sqlx::query_scalar(MATCH)
                .bind(after)
                .bind(filter.range.from.map(|from| from.to_string()))
                .bind(filter.range.to.map(|to| to.to_string()))
                .bind(filter.terminal.map(|id| id.0))
                .bind(&people)
                .bind(CHUNK)
                .bind(&meant)
                .fetch_all(self.reader())
                .await?;
            let Some(last) = punches.last() else { break };
            after = *last;
            tally.matched += u64::try_from(punches.len()).unwrap_or(0);
            let punches = json(&punches)?;
            let (queued, skipped) = self
                .write(Weight::outbox(CHUNK), move |conn| {
                    Box::pin(
                        async move { queue_chunk(conn, job, destination, &punches, resend).await },
                    )
                })
                .await?;
            tally.queued += queued;
            tally.skipped += skipped;
        }
        self.save_tally(job, &tally).await?;
        Ok(SendJob {
            job_id: job,
            matched: tally.matched,
            queued: tally.queued,
            skipped: tally.skipped,
        })
    }

    /// How far a job has come; `None` when there is no such job of this kind.
    pub async fn send_job_progress(&self, job: JobId) -> Result<Option<SendJobProgress>> {
        const TALLY: &str =
            "SELECT COALESCE(result, '') FROM jobs WHERE id = ? AND kind = 'send_attendance'";
        const STATES: &str = "SELECT COUNT(*) FILTER (WHERE o.state = 'delivered') AS delivered,
                COUNT(*) FILTER (WHERE o.state = 'parked') AS failed,
                COUNT(*) FILTER (WHERE o.state IN ('waiting', 'batched', 'held')) AS waiting
            FROM job_items i JOIN outbox o ON o.id = i.outbox_id WHERE i.job_id = ?";
        let tally: Option<String> = sqlx::query_scalar(TALLY)
            .bind(job.0)
            .fetch_optional(self.reader())
            .await?;
        let Some(tally) = tally else { return Ok(None) };
        // No tally: the program ended while the job was being queued.
        let tally: Tally = serde_json::from_str(&tally).unwrap_or_default();
        let (delivered, failed, waiting): (i64, i64, i64) = sqlx::query_as(STATES)
            .bind(job.0)
            .fetch_one(self.reader())
            .await?;
        Ok(Some(SendJobProgress {
            matched: tally.matched,
            queued: tally.queued,
            delivered: narrow(delivered, "job count")?,
            skipped: tally.skipped,
            failed: narrow(failed, "job count")?,
            waiting: narrow(waiting, "job count")?,
        }))
    }

    async fn start_send_job(
        &self,
        filter: &PunchFilter,
        resend: Resend,
        now: Timestamp,
    ) -> Result<JobId> {
        const INSERT: &str = "INSERT INTO jobs (kind, state, created_at, request)
            VALUES ('send_attendance', 'running', ?, ?) RETURNING id";
        let request = serde_json::json!({
            "start_date": filter.range.from,
            "end_date": filter.range.to,
            "emp_no": filter.people,
            "terminal_id": filter.terminal,
            "resend": resend,
        });
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let id: i64 = sqlx::query_scalar(INSERT)
                    .bind(now.as_millisecond())
                    .bind(request.to_string())
                    .fetch_one(conn)
                    .await?;
                Ok(JobId(id))
            })
        })
        .await
    }

    async fn save_tally(&self, job: JobId, tally: &Tally) -> Result<()> {
        const SAVE: &str = "UPDATE jobs SET result = ? WHERE id = ?";
        let tally =
            serde_json::to_string(tally).map_err(|error| StoreError::damaged(error.to_string()))?;
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(SAVE)
                    .bind(tally)
                    .bind(job.0)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}

/// Queues some punches; gives how many are queued now and how many are skipped.
async fn queue_chunk(
    conn: &mut SqliteConnection,
    job: JobId,
    destination: DestinationId,
    punches: &str,
    resend: Resend,
) -> Result<(u64, u64)> {
    const INSERT: &str = "INSERT INTO outbox (destination_id, punch_id, terminal_id, pin, state, asked)
        SELECT ?1, p.id, p.terminal_id, p.pin, 'waiting', 1 FROM punches p
        WHERE p.id IN (SELECT value FROM json_each(?2))
            AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.destination_id = ?1 AND o.punch_id = p.id)
        ORDER BY p.id";
    const HURRY: &str = "UPDATE outbox SET asked = 1, due_at = NULL
        WHERE destination_id = ?1 AND punch_id IN (SELECT value FROM json_each(?2)) AND state IN ('waiting', 'batched')";
    const HURRY_BATCHES: &str = "UPDATE batches SET holds_asked = 1
        WHERE destination_id = ?1 AND state <> 'done' AND EXISTS (SELECT 1 FROM outbox o
            WHERE o.batch_id = batches.id AND o.state = 'batched' AND o.asked = 1)";
    const REPLAY: &str = "UPDATE outbox SET told_as = CASE in_doubt WHEN 1 THEN told_as END, state = 'waiting', asked = 1, late = 1, streak = 0, tries = 0, due_at = NULL,
            first_failed_at = NULL, reason = NULL, cause = NULL, done_at = NULL
        WHERE destination_id = ?1 AND punch_id IN (SELECT value FROM json_each(?2))
            AND state IN ('parked', 'withdrawn', 'held')";
    const FORCE: &str = "UPDATE outbox SET state = 'waiting', asked = 1, late = 1, tries = 0, due_at = NULL,
            first_failed_at = NULL, reason = NULL, cause = NULL, done_at = NULL
        WHERE destination_id = ?1 AND punch_id IN (SELECT value FROM json_each(?2)) AND state = 'delivered'";
    const UNCOUNT: &str =
        "UPDATE destinations SET delivered_count = delivered_count - ? WHERE id = ?";
    const DELIVERED: &str = "SELECT COUNT(*) FROM outbox
        WHERE destination_id = ?1 AND punch_id IN (SELECT value FROM json_each(?2)) AND state = 'delivered'";
    const RECORD: &str = "INSERT INTO job_items (job_id, outbox_id)
        SELECT ?3, id FROM outbox
        WHERE destination_id = ?1 AND punch_id IN (SELECT value FROM json_each(?2)) AND state IN ('waiting', 'batched')";
    for statement in [INSERT, HURRY, REPLAY] {
        sqlx::query(statement)
            .bind(destination.0)
            .bind(punches)
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query(HURRY_BATCHES)
        .bind(destination.0)
        .execute(&mut *conn)
        .await?;
    let skipped: i64 = match resend {
        Resend::Skip => {
            sqlx::query_scalar(DELIVERED)
                .bind(destination.0)
                .bind(punches)
                .fetch_one(&mut *conn)
                .await?
        }
        Resend::Force => {
            let again = sqlx::query(FORCE)
                .bind(destination.0)
                .bind(punches)
                .execute(&mut *conn)
                .await?
                .rows_affected();
            sqlx::query(UNCOUNT)
                .bind(i64::try_from(again).unwrap_or(0))
                .bind(destination.0)
                .execute(&mut *conn)
                .await?;
            0
        }
    };
    let queued = sqlx::query(RECORD)
        .bind(destination.0)
        .bind(punches)
        .bind(job.0)
        .execute(conn)
        .await?
        .rows_affected();
    Ok((queued, narrow(skipped, "outbox count")?))
}

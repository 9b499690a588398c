//! What attempts came to: each way in which a batch goes on, in one transaction.

use domain::{BatchId, DestinationId, LocalTime, OutboxId, Pause};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    AttemptEnd, BatchPart, Result, Store, Weight, attempt_log,
    batches::{From, keep_bytes, take_members},
    columns::{json, narrow},
    destination_health::{extend_streak, note_failure, shut, welcome},
    dissolve::{Dissolve, dissolve},
};

/// An attempt in short, kept with the destination and the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptNote {
    pub destination: DestinationId,
    pub batch: BatchId,
    pub status: Option<u16>,
    /// `None` when it was accepted.
    pub error: Option<String>,
    pub at: Timestamp,
    /// Where it is of a request.
    pub attempt: Option<AttemptEnd>,
}

/// What changed for the destination when a batch was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// It had been paused.
    pub resumed: bool,
    /// It refuses batches and takes bare records; this was learned just now.
    pub learned_bare: bool,
}

/// A record that was not taken while others of its batch were, or that fails by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    pub id: OutboxId,
    pub reason: String,
    /// The same as a code.
    pub cause: &'static str,
    /// When it is tried again by itself; `None`: never, it is parked.
    pub due: Option<Timestamp>,
}

/// How a batch that failed for now is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Postponed {
    /// It may have arrived all the same.
    pub may_have_arrived: bool,
    /// Answers 500 in a row, this one included.
    pub server_errors: u32,
    /// The destination's transient failures in a row, and when it is tried again; `None` leaves its schedule alone.
    pub schedule: Option<(u32, Timestamp)>,
    /// Of a paused destination: when it is probed again.
    pub probe_at: Option<Timestamp>,
}

impl Store {
    /// All but the leftovers arrived.
    pub async fn settle_accepted(
        &self,
        note: AttemptNote,
        leftovers: Vec<Leftover>,
    ) -> Result<Accepted> {
        const DELIVER: &str =
            "UPDATE outbox SET state = 'delivered', done_at = ?, in_doubt = 0, due_at = NULL,
                reason = NULL, cause = NULL
            WHERE batch_id = ? AND state = 'batched'";
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                set_aside(conn, note.batch, &leftovers, note.at).await?;
                let delivered = sqlx::query(DELIVER)
                    .bind(note.at.as_millisecond())
                    .bind(note.batch.0)
                    .execute(&mut *conn)
                    .await?
                    .rows_affected();
                if delivered == 0 {
                    // A list of verdicts that took nothing is a refusal of each.
                    let refused = i64::try_from(leftovers.len()).unwrap_or(i64::MAX);
                    extend_streak(conn, note.destination, refused).await?;
                    finish(conn, &note).await?;
                    return Ok(Accepted {
                        resumed: false,
                        learned_bare: false,
                    });
                }
                let accepted = welcome(conn, &note, delivered, !leftovers.is_empty()).await?;
                finish(conn, &note).await?;
                Ok(accepted)
            })
        })
        .await
    }

    /// The same batch goes again, later.
    pub async fn settle_postponed(&self, note: AttemptNote, postponed: Postponed) -> Result<()> {
        const REOPEN: &str =
            "UPDATE batches SET state = 'open', in_doubt = MAX(in_doubt, ?), server_errors = ?,
                last_status = ?, last_error = ?
            WHERE id = ?";
        const SCHEDULE: &str = "UPDATE destinations SET failures = ?, retry_at = ? WHERE id = ?";
        const PROBE: &str =
            "UPDATE destinations SET probe_at = ? WHERE id = ? AND probe_at IS NOT NULL";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(REOPEN)
                    .bind(postponed.may_have_arrived)
                    .bind(postponed.server_errors)
                    .bind(note.status)
                    .bind(&note.error)
                    .bind(note.batch.0)
                    .execute(&mut *conn)
                    .await?;
                if let Some((failures, retry_at)) = postponed.schedule {
                    sqlx::query(SCHEDULE)
                        .bind(failures)
                        .bind(retry_at.as_millisecond())
                        .bind(note.destination.0)
                        .execute(&mut *conn)
                        .await?;
                }
                if let Some(probe_at) = postponed.probe_at {
                    sqlx::query(PROBE)
                        .bind(probe_at.as_millisecond())
                        .bind(note.destination.0)
                        .execute(&mut *conn)
                        .await?;
                }
                attempt_log::end(conn, &note).await?;
                note_failure(conn, &note).await
            })
        })
        .await
    }

    /// The batch is done and its records go on in parts, which inherit the doubt. `learned_size`: the receiver takes
    /// no more than that many at once.
    pub async fn settle_divided(
        &self,
        note: AttemptNote,
        parts: Vec<BatchPart>,
        export_time: LocalTime,
        learned_size: Option<u32>,
    ) -> Result<()> {
        const INSERT: &str = "INSERT INTO batches (destination_id, terminal_id, shape, idempotency_key, device_ip,
                device_port, device_name, device_serial, export_time, size, first_punch_id, halved, witness, others_passed, in_doubt, state,
                created_at, parent_id)
            SELECT destination_id, terminal_id, ?2, ?3, device_ip, device_port, device_name, device_serial, ?4, ?5, first_punch_id, ?6, ?7, ?8,
                in_doubt, 'open', ?9, id
            FROM batches WHERE id = ?1 RETURNING id";
        const LEARN: &str =
            "UPDATE destinations SET max_batch = MIN(COALESCE(max_batch, ?1), ?1) WHERE id = ?2";
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                for part in parts {
                    let (halved, witness) = part.role.columns();
                    let id: i64 = sqlx::query_scalar(INSERT)
                        .bind(note.batch.0)
                        .bind(part.shape.as_str())
                        .bind(part.idempotency_key)
                        .bind(export_time.to_string())
                        .bind(i64::try_from(part.records.len()).unwrap_or(i64::MAX))
                        .bind(halved)
                        .bind(witness)
                        .bind(part.others_passed)
                        .bind(note.at.as_millisecond())
                        .fetch_one(&mut *conn)
                        .await?;
                    take_members(conn, BatchId(id), &part.records, From::Batch(note.batch)).await?;
                    keep_bytes(conn, BatchId(id)).await?;
                }
                if let Some(size) = learned_size {
                    sqlx::query(LEARN)
                        .bind(size)
                        .bind(note.destination.0)
                        .execute(&mut *conn)
                        .await?;
                }
                finish(conn, &note).await?;
                note_failure(conn, &note).await
            })
        })
        .await
    }

    /// The records were refused by themselves. Gives how many were refused in a row by now.
    pub async fn settle_refused(&self, note: AttemptNote, leftovers: Vec<Leftover>) -> Result<u32> {
        const STREAK: &str = "SELECT refused_streak FROM destinations WHERE id = ?";
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                set_aside(conn, note.batch, &leftovers, note.at).await?;
                let refused = leftovers.iter().filter(|each| each.due.is_none()).count();
                extend_streak(
                    conn,
                    note.destination,
                    i64::try_from(refused).unwrap_or(i64::MAX),
                )
                .await?;
                finish(conn, &note).await?;
                note_failure(conn, &note).await?;
                let streak: i64 = sqlx::query_scalar(STREAK)
                    .bind(note.destination.0)
                    .fetch_one(conn)
                    .await?;
                narrow(streak, "destinations.refused_streak")
            })
        })
        .await
    }

    /// The receiver's door is shut: the batch stays open, nothing more is sent but probes.
    pub async fn settle_shut(&self, note: AttemptNote, pause: Pause) -> Result<()> {
        const REOPEN: &str =
            "UPDATE batches SET state = 'open', last_status = ?, last_error = ? WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(REOPEN)
                    .bind(note.status)
                    .bind(&note.error)
                    .bind(note.batch.0)
                    .execute(&mut *conn)
                    .await?;
                shut(conn, note.destination, &pause).await?;
                attempt_log::end(conn, &note).await?;
                note_failure(conn, &note).await
            })
        })
        .await
    }

    /// The receiver refused everything of late: what was parked in this streak waits again, and nothing more is sent.
    /// Gives the number of records put back.
    pub async fn put_back_refused(&self, destination: DestinationId, pause: Pause) -> Result<u64> {
        const PUT_BACK: &str =
            "UPDATE outbox SET state = 'waiting', streak = 0, tries = 0, first_failed_at = NULL,
                reason = NULL, cause = NULL, done_at = NULL, told_as = CASE in_doubt WHEN 1 THEN told_as END
            WHERE destination_id = ? AND state = 'parked' AND streak = 1
                AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')";
        const END: &str = "UPDATE destinations SET refused_streak = 0 WHERE id = ?";
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                let count = sqlx::query(PUT_BACK)
                    .bind(destination.0)
                    .execute(&mut *conn)
                    .await?;
                // What was not tried yet comes behind the records put back, as it arrived behind them.
                dissolve(conn, destination, Dissolve::Untried).await?;
                sqlx::query(END)
                    .bind(destination.0)
                    .execute(&mut *conn)
                    .await?;
                shut(conn, destination, &pause).await?;
                Ok(count.rows_affected())
            })
        })
        .await
    }
}

/// Takes records out of their batch: to wait by themselves, or parked.
async fn set_aside(
    conn: &mut SqliteConnection,
    batch: BatchId,
    leftovers: &[Leftover],
    now: Timestamp,
) -> Result<()> {
    const SET_ASIDE: &str = "UPDATE outbox SET
            state = CASE WHEN l.due IS NULL THEN 'parked' ELSE 'waiting' END,
            streak = l.due IS NULL,
            done_at = CASE WHEN l.due IS NULL THEN ?3 END,
            due_at = l.due,
            reason = l.reason,
            tries = tries + 1,
            first_failed_at = COALESCE(first_failed_at, ?3),
            late = 1,
            in_doubt = MAX(in_doubt, (SELECT b.in_doubt FROM batches b WHERE b.id = ?1)),
            cause = l.cause
        FROM (SELECT value ->> 0 AS id, value ->> 1 AS due, value ->> 2 AS reason, value ->> 3 AS cause
            FROM json_each(?2)) AS l
        WHERE outbox.id = l.id AND outbox.batch_id = ?1 AND outbox.state = 'batched'";
    if leftovers.is_empty() {
        return Ok(());
    }
    let list: Vec<_> = leftovers
        .iter()
        .map(|each| {
            (
                each.id.0,
                each.due.map(Timestamp::as_millisecond),
                each.reason.as_str(),
                each.cause,
            )
        })
        .collect();
    sqlx::query(SET_ASIDE)
        .bind(batch.0)
        .bind(json(&list)?)
        .bind(now.as_millisecond())
        .execute(conn)
        .await?;
    Ok(())
}

/// The batch is done, however it ended.
async fn finish(conn: &mut SqliteConnection, note: &AttemptNote) -> Result<()> {
    const FINISH: &str =
        "UPDATE batches SET state = 'done', finished_at = ?, last_status = ?, last_error = ?
        WHERE id = ?";
    attempt_log::end(conn, note).await?;
    sqlx::query(FINISH)
        .bind(note.at.as_millisecond())
        .bind(note.status)
        .bind(&note.error)
        .bind(note.batch.0)
        .execute(conn)
        .await?;
    Ok(())
}

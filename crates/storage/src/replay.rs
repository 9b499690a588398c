//! Sending again what stands aside, or what was delivered already.

use domain::{DestinationId, OutboxId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{PunchCursor, PunchFilter, Resend, Result, Store, Weight, columns::json};

/// Which records of a destination go again. Each is marked late, and goes though the destination is off or its filter
/// does not want it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// These, wherever they stand but on their way.
    Records(Vec<OutboxId>, Resend),
    /// Those parked for this cause; without a reason, whatever the receiver's words were.
    Cause {
        cause: String,
        reason: Option<String>,
    },
    /// All that are parked.
    Parked,
    /// Those of punches that match, wherever they stand but on their way.
    Range(PunchFilter, Resend),
}

/// Rows that one transaction touches at most.
const CHUNK: u32 = 2_000;

macro_rules! again {
    ($which:literal) => {
        concat!(
            "UPDATE outbox SET told_as = CASE WHEN state = 'delivered' OR in_doubt = 1 THEN told_as END,
                state = 'waiting', asked = 1, late = 1, streak = 0, tries = 0, due_at = NULL,
                first_failed_at = NULL, reason = NULL, cause = NULL, done_at = NULL WHERE ",
            $which
        )
    };
}

impl Store {
    /// Puts records back into the queue; gives how many.
    pub async fn replay(
        &self,
        destination: DestinationId,
        replay: Replay,
        now: Timestamp,
    ) -> Result<u64> {
        match replay {
            Replay::Records(records, resend) => {
                let mut count = 0;
                for chunk in records.chunks(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
                    let ids = json(&chunk.iter().map(|id| id.0).collect::<Vec<_>>())?;
                    count += self
                        .again(destination, Listed::Records, ids, resend)
                        .await?;
                }
                Ok(count)
            }
            Replay::Cause { cause, reason } => {
                self.again_parked(destination, Some(cause), reason, now)
                    .await
            }
            Replay::Parked => self.again_parked(destination, None, None, now).await,
            Replay::Range(filter, resend) => self.again_in_range(destination, filter, resend).await,
        }
    }

    async fn again_in_range(
        &self,
        destination: DestinationId,
        filter: PunchFilter,
        resend: Resend,
    ) -> Result<u64> {
        let mut count = 0;
        let mut after: Option<PunchCursor> = None;
        loop {
            let punches = self.punches(&filter, after, CHUNK).await?;
            let Some(last) = punches.last() else {
                return Ok(count);
            };
            after = Some(last.into());
            let ids = json(&punches.iter().map(|punch| punch.id.0).collect::<Vec<_>>())?;
            count += self
                .again(destination, Listed::Punches, ids, resend)
                .await?;
        }
    }

    async fn again(
        &self,
        destination: DestinationId,
        listed: Listed,
        ids: String,
        resend: Resend,
    ) -> Result<u64> {
        self.write(Weight::outbox(i64::from(CHUNK)), move |conn| {
            Box::pin(async move { again_listed(conn, destination, listed, &ids, resend).await })
        })
        .await
    }

    /// What is parked anew meanwhile is left alone.
    async fn again_parked(
        &self,
        destination: DestinationId,
        cause: Option<String>,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<u64> {
        const AGAIN: &str = again!(
            "id IN (SELECT id FROM outbox
                WHERE destination_id = ?1 AND state = 'parked' AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')
                    AND (?2 IS NULL OR cause = ?2) AND (?3 IS NULL OR reason = ?3) AND done_at <= ?4
                ORDER BY id LIMIT ?5)"
        );
        let mut count = 0;
        loop {
            let (cause, reason) = (cause.clone(), reason.clone());
            let some = self
                .write(Weight::outbox(i64::from(CHUNK)), move |conn| {
                    Box::pin(async move {
                        Ok(sqlx::query(AGAIN)
                            .bind(destination.0)
                            .bind(cause)
                            .bind(reason)
                            .bind(now.as_millisecond())
                            .bind(CHUNK)
                            .execute(conn)
                            .await?
                            .rows_affected())
                    })
                })
                .await?;
            count += some;
            if some == 0 {
                return Ok(count);
            }
        }
    }
}

/// What a list of numbers names.
#[derive(Debug, Clone, Copy)]
enum Listed {
    Records,
    Punches,
}

async fn again_listed(
    conn: &mut SqliteConnection,
    destination: DestinationId,
    listed: Listed,
    ids: &str,
    resend: Resend,
) -> Result<u64> {
    const RECORDS_ASIDE: &str = again!(
        "id IN (SELECT value FROM json_each(?2)) AND destination_id = ?1 AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')"
    );
    const RECORDS_DELIVERED: &str = again!(
        "id IN (SELECT value FROM json_each(?2)) AND destination_id = ?1 AND state = 'delivered'"
    );
    const PUNCHES_ASIDE: &str = again!(
        "destination_id = ?1 AND punch_id IN (SELECT value FROM json_each(?2))
            AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')"
    );
    const PUNCHES_DELIVERED: &str = again!(
        "destination_id = ?1 AND punch_id IN (SELECT value FROM json_each(?2)) AND state = 'delivered'"
    );
    const UNCOUNT: &str =
        "UPDATE destinations SET delivered_count = delivered_count - ? WHERE id = ?";
    let (aside, delivered) = match listed {
        Listed::Records => (RECORDS_ASIDE, RECORDS_DELIVERED),
        Listed::Punches => (PUNCHES_ASIDE, PUNCHES_DELIVERED),
    };
    let mut count = sqlx::query(aside)
        .bind(destination.0)
        .bind(ids)
        .execute(&mut *conn)
        .await?
        .rows_affected();
    if resend == Resend::Force {
        let forced = sqlx::query(delivered)
            .bind(destination.0)
            .bind(ids)
            .execute(&mut *conn)
            .await?
            .rows_affected();
        sqlx::query(UNCOUNT)
            .bind(i64::try_from(forced).unwrap_or(0))
            .bind(destination.0)
            .execute(conn)
            .await?;
        count += forced;
    }
    Ok(count)
}

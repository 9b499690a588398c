//! Giving up open batches, so that their records wait again.

use domain::{DestinationId, LocalTime};
use sqlx::SqliteConnection;

use crate::{Result, columns::json};

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
    const FREE: &str = "UPDATE outbox SET state = 'waiting', batch_id = NULL,
            correction_id = CASE (SELECT b.attempts FROM batches b WHERE b.id = outbox.batch_id)
                WHEN 0 THEN NULL ELSE correction_id END
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

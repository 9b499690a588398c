//! Giving up open batches, so that their records wait again.

use domain::{DestinationId, LocalTime};
use sqlx::SqliteConnection;

use crate::{
    Result,
    columns::{json, narrow},
    filter_match::wanted,
};

/// The members of batch `batches` that nobody asked for and that the filter of destination ?1 does not want.
macro_rules! unwanted_member {
    () => {
        concat!(
            "SELECT 1 FROM outbox o WHERE o.batch_id = batches.id AND o.state = 'batched' AND o.asked = 0
                AND NOT EXISTS (SELECT 1 FROM shown_punches p JOIN destinations d ON d.id = ?1
                    WHERE p.id = o.punch_id AND d.start_from <= p.local_time AND ",
            wanted!(),
            ")"
        )
    };
}

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
    /// That hold a record which the destination's filter does not want.
    Unwanted,
}

pub(crate) async fn dissolve(
    conn: &mut SqliteConnection,
    id: DestinationId,
    which: Dissolve,
) -> Result<u64> {
    const BEFORE: &str = "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND EXISTS (
            SELECT 1 FROM outbox o JOIN shown_punches p ON p.id = o.punch_id
            WHERE o.batch_id = batches.id AND o.state = 'batched' AND o.asked = 0 AND p.local_time < ?2)";
    const LARGER: &str = "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND size > ?2";
    const ENVELOPED: &str = "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND shape = 'batch'";
    const UNTRIED: &str = "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND attempts = 0";
    const UNWANTED: &str = concat!(
        "SELECT id FROM batches
        WHERE destination_id = ?1 AND state = 'open' AND in_doubt = 0 AND EXISTS (",
        unwanted_member!(),
        ")"
    );
    const CLOSE: &str =
        "UPDATE batches SET state = 'done', last_error = 'dissolved', finished_at = created_at
        WHERE id IN (SELECT value FROM json_each(?))";
    const FREE: &str = "UPDATE outbox SET state = 'waiting',
            correction_id = CASE (SELECT b.attempts FROM batches b WHERE b.id = outbox.batch_id)
                WHEN 0 THEN NULL ELSE correction_id END,
            told_as = CASE (SELECT b.attempts FROM batches b WHERE b.id = outbox.batch_id)
                WHEN 0 THEN NULL ELSE told_as END
        WHERE state = 'batched' AND batch_id IN (SELECT value FROM json_each(?))";
    let select = match which {
        Dissolve::Before(start) => sqlx::query_scalar(BEFORE)
            .bind(id.0)
            .bind(start.to_string()),
        Dissolve::Larger(size) => sqlx::query_scalar(LARGER).bind(id.0).bind(size),
        Dissolve::Enveloped => sqlx::query_scalar(ENVELOPED).bind(id.0),
        Dissolve::Untried => sqlx::query_scalar(UNTRIED).bind(id.0),
        Dissolve::Unwanted => sqlx::query_scalar(UNWANTED).bind(id.0),
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

/// Records that the filter does not want but that may have arrived already, or are just being sent.
pub(crate) async fn count_unwanted(conn: &mut SqliteConnection, id: DestinationId) -> Result<u64> {
    const COUNT: &str = concat!(
        "SELECT COALESCE(SUM((SELECT COUNT(*) FROM (",
        unwanted_member!(),
        "))), 0) FROM batches WHERE destination_id = ?1 AND state <> 'done'"
    );
    let count: i64 = sqlx::query_scalar(COUNT).bind(id.0).fetch_one(conn).await?;
    narrow(count, "outbox count")
}

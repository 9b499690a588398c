//! Which destination wants which punch, and the outbox row that follows from it.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{Result, columns::narrow};

/// Queues the punches after a place in the ledger for every destination that wants them, in the transaction that stores
/// them. Gives how many rows wait to be sent, and how many wait for a person.
pub(crate) async fn queue_new(conn: &mut SqliteConnection, after: i64) -> Result<(u64, u64)> {
    const OUTBOX: &str = "INSERT INTO outbox (destination_id, punch_id, terminal_id, pin, state)
        SELECT d.id, p.id, p.terminal_id, p.pin, CASE p.flag WHEN 'implausible' THEN 'held' ELSE 'waiting' END
        FROM punches p JOIN destinations d ON d.start_from <= p.local_time
        WHERE p.id > ? ORDER BY p.id, d.id";
    const HELD: &str =
        "SELECT COUNT(*) FROM punches p JOIN destinations d ON d.start_from <= p.local_time
        WHERE p.id > ? AND p.flag = 'implausible'";
    let rows = sqlx::query(OUTBOX)
        .bind(after)
        .execute(&mut *conn)
        .await?
        .rows_affected();
    let held: i64 = sqlx::query_scalar(HELD).bind(after).fetch_one(conn).await?;
    let held: u64 = narrow(held, "outbox count")?;
    Ok((rows.saturating_sub(held), held))
}

/// Punches that were released by the corrections after `correction` go to every destination that wants them as they are
/// now. Gives how many outbox rows wait to be sent by that.
pub(crate) async fn queue_released(
    conn: &mut SqliteConnection,
    correction: i64,
    now: Timestamp,
) -> Result<u64> {
    const LET_GO: &str = "UPDATE outbox SET state = 'waiting', late = 1
        WHERE state = 'held' AND destination_id IN (SELECT id FROM destinations)
            AND punch_id IN (SELECT punch_id FROM corrections WHERE id > ?1)
            AND EXISTS (SELECT 1 FROM shown_punches p JOIN destinations d ON d.id = outbox.destination_id
                WHERE p.id = outbox.punch_id AND d.start_from <= p.local_time)";
    const WITHDRAW: &str =
        "UPDATE outbox SET state = 'withdrawn', done_at = ?2, reason = 'before start_from'
        WHERE state = 'held' AND destination_id IN (SELECT id FROM destinations)
            AND punch_id IN (SELECT punch_id FROM corrections WHERE id > ?1)";
    const QUEUE: &str = "INSERT INTO outbox (destination_id, punch_id, terminal_id, pin, state, late)
        SELECT d.id, p.id, p.terminal_id, p.pin, 'waiting', 1
        FROM corrections n CROSS JOIN shown_punches p ON p.id = n.punch_id
            CROSS JOIN destinations d ON d.start_from <= p.local_time
        WHERE n.id > ?1 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.destination_id = d.id AND o.punch_id = p.id)
        ORDER BY p.id, d.id";
    let let_go = sqlx::query(LET_GO)
        .bind(correction)
        .execute(&mut *conn)
        .await?
        .rows_affected();
    sqlx::query(WITHDRAW)
        .bind(correction)
        .bind(now.as_millisecond())
        .execute(&mut *conn)
        .await?;
    let queued = sqlx::query(QUEUE)
        .bind(correction)
        .execute(conn)
        .await?
        .rows_affected();
    Ok(let_go + queued)
}

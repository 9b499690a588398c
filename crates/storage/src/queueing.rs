//! Which destination wants which punch, and the outbox row that follows from it.

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

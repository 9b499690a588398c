//! Which destination wants which punch, and the outbox row that follows from it.

use domain::{DestinationId, LocalTime};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{Result, columns::narrow, filter_match::wanted};

/// Of what is new, which destination wants it. The order of the tables is not left to `SQLite`, which made an index of all
/// punches that were ever stored for one transaction.
macro_rules! from_new {
    ($punches:literal) => {
        concat!(
            "FROM ",
            $punches,
            " CROSS JOIN destinations d ON d.deleted_at IS NULL AND d.start_from <= p.local_time AND ",
            wanted!(),
            " WHERE p.id > ? "
        )
    };
}

// Whoever fails undoes all of its transaction, so no statement needs to be undone by itself: `OR FAIL` spares a copy of
// each page that it changes.
const QUEUE: &str = concat!(
    "INSERT OR FAIL INTO outbox (destination_id, punch_id, terminal_id, pin, state)
    SELECT d.id, p.id, p.terminal_id, p.pin, CASE p.flag WHEN 'implausible' THEN 'held' ELSE 'waiting' END ",
    from_new!("punches p NOT INDEXED"),
    "ORDER BY p.id, d.id"
);
const HELD: &str = concat!(
    "SELECT COUNT(*) ",
    from_new!("punches p INDEXED BY punches_implausible"),
    "AND p.flag = 'implausible'"
);

/// What every punch costs; see `tests::plans`.
#[cfg(test)]
pub(crate) const LOOKS: [&str; 2] = [QUEUE, HELD];

/// Queues the punches after a place in the ledger for every destination that wants them, in the transaction that stores
/// them. Gives how many rows wait to be sent, and how many wait for a person.
pub(crate) async fn queue_new(conn: &mut SqliteConnection, after: i64) -> Result<(u64, u64)> {
    let rows = sqlx::query(QUEUE)
        .bind(after)
        .execute(&mut *conn)
        .await?
        .rows_affected();
    let held: i64 = sqlx::query_scalar(HELD).bind(after).fetch_one(conn).await?;
    let held: u64 = narrow(held, "outbox count")?;
    Ok((rows.saturating_sub(held), held))
}

/// A window of the ledger, as seen by one destination.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) destination: DestinationId,
    /// Punches whose local time is earlier are left out, whatever the destination's own start is.
    pub(crate) start: LocalTime,
    /// Left out itself.
    pub(crate) after: i64,
    pub(crate) upto: i64,
    /// Later ones may have been sent already.
    pub(crate) late: bool,
}

/// Queues the stored punches of a window that are wanted: those that were never queued, and those that were withdrawn.
/// Gives their number.
pub(crate) async fn queue_missing(conn: &mut SqliteConnection, window: Window) -> Result<u64> {
    const INSERT: &str = concat!(
        "INSERT INTO outbox (destination_id, punch_id, terminal_id, pin, state, late)
        SELECT d.id, p.id, p.terminal_id, p.pin, CASE p.flag WHEN 'implausible' THEN 'held' ELSE 'waiting' END, ?5
        FROM shown_punches p JOIN destinations d ON d.id = ?1
        WHERE p.id > ?3 AND p.id <= ?4 AND p.local_time >= ?2 AND ",
        wanted!(),
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.destination_id = ?1 AND o.punch_id = p.id)
        ORDER BY p.id"
    );
    const AGAIN: &str = concat!(
        "UPDATE outbox SET state = (SELECT CASE p.flag WHEN 'implausible' THEN 'held' ELSE 'waiting' END
                FROM shown_punches p WHERE p.id = outbox.punch_id),
            late = 1, reason = NULL, cause = NULL, done_at = NULL
        WHERE destination_id = ?1 AND state = 'withdrawn' AND punch_id > ?3 AND punch_id <= ?4
            AND EXISTS (SELECT 1 FROM shown_punches p JOIN destinations d ON d.id = ?1
                WHERE p.id = outbox.punch_id AND p.local_time >= ?2 AND ",
        wanted!(),
        ")"
    );
    let queued = sqlx::query(INSERT)
        .bind(window.destination.0)
        .bind(window.start.to_string())
        .bind(window.after)
        .bind(window.upto)
        .bind(window.late)
        .execute(&mut *conn)
        .await?
        .rows_affected();
    let again = sqlx::query(AGAIN)
        .bind(window.destination.0)
        .bind(window.start.to_string())
        .bind(window.after)
        .bind(window.upto)
        .execute(conn)
        .await?
        .rows_affected();
    Ok(queued + again)
}

/// Punches that were released by the corrections after `correction` go to every destination that wants them as they are
/// now. Gives how many outbox rows wait to be sent by that.
pub(crate) async fn queue_released(
    conn: &mut SqliteConnection,
    correction: i64,
    now: Timestamp,
) -> Result<u64> {
    const LET_GO: &str = concat!(
        "UPDATE outbox SET state = 'waiting', late = 1
        WHERE state = 'held' AND destination_id IN (SELECT id FROM destinations)
            AND punch_id IN (SELECT punch_id FROM corrections WHERE id > ?1)
            AND EXISTS (SELECT 1 FROM shown_punches p JOIN destinations d ON d.id = outbox.destination_id
                WHERE p.id = outbox.punch_id AND d.start_from <= p.local_time AND ",
        wanted!(),
        ")"
    );
    const WITHDRAW: &str = "UPDATE outbox
        SET state = 'withdrawn', done_at = ?2, reason = 'not wanted with its corrected time', cause = 'filter'
        WHERE state = 'held' AND destination_id IN (SELECT id FROM destinations)
            AND punch_id IN (SELECT punch_id FROM corrections WHERE id > ?1)";
    const QUEUE: &str = concat!(
        "INSERT INTO outbox (destination_id, punch_id, terminal_id, pin, state, late)
        SELECT d.id, p.id, p.terminal_id, p.pin, 'waiting', 1
        FROM corrections n CROSS JOIN shown_punches p ON p.id = n.punch_id
            CROSS JOIN destinations d ON d.deleted_at IS NULL AND d.start_from <= p.local_time
        WHERE n.id > ?1 AND ",
        wanted!(),
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.destination_id = d.id AND o.punch_id = p.id)
        ORDER BY p.id, d.id"
    );
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

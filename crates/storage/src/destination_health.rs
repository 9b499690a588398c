//! What an attempt says of the destination: well, failing, refusing, shut.

use domain::{DestinationId, Pause};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Accepted, AttemptNote, Batch, Result,
    columns::narrow,
    dissolve::{Dissolve, dissolve},
};

/// Refused batches of one whose bare record was taken, after which only bare records are sent.
const RESCUES_TO_LEARN: u32 = 3;

pub(crate) const END_STREAK: &str =
    "UPDATE outbox SET streak = 0
    WHERE destination_id = ? AND state = 'parked' AND streak = 1 AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')";

/// The destination took something: everything is due, and what is said against it is forgotten.
pub(crate) async fn welcome(
    conn: &mut SqliteConnection,
    note: &AttemptNote,
    delivered: u64,
    some_parked: bool,
) -> Result<Accepted> {
    #[derive(sqlx::FromRow)]
    struct Row {
        paused: bool,
        refused_streak: i64,
        bare_only: bool,
        bare_rescues: i64,
        bare: bool,
    }
    const LOOK: &str =
        "SELECT d.paused_code IS NOT NULL AS paused, d.refused_streak, d.bare_only, d.bare_rescues,
            b.shape = 'bare' AS bare
        FROM destinations d JOIN batches b ON b.id = ? WHERE d.id = ?";
    const WELL: &str = "UPDATE destinations SET failures = 0, retry_at = NULL, paused_code = NULL, paused_reason = NULL,
            paused_at = NULL, probe_at = NULL, refused_streak = 0, delivered_count = delivered_count + ?,
            bare_rescues = ?, bare_only = ?, last_success_at = ?, last_status = ?, last_error = NULL
        WHERE id = ?";
    // The receiver may just have got well: a record by itself is tried once more before it is to blame.
    const OTHERS: &str = "UPDATE batches SET others_passed = 1,
            server_errors = CASE WHEN size = 1 AND (halved = 1 OR server_errors >= ?3) THEN 0 ELSE server_errors END,
            halved = CASE WHEN size = 1 AND server_errors >= ?3 THEN 1 ELSE halved END
        WHERE destination_id = ?1 AND state <> 'done' AND id <> ?2 AND (halved = 1 OR server_errors > 0)";
    let before: Row = sqlx::query_as(LOOK)
        .bind(note.batch.0)
        .bind(note.destination.0)
        .fetch_one(&mut *conn)
        .await?;
    let mut rescues: u32 = narrow(before.bare_rescues, "destinations.bare_rescues")?;
    if !before.bare {
        rescues = 0;
    } else if !before.bare_only {
        rescues += 1;
    }
    let learned_bare = !before.bare_only && rescues >= RESCUES_TO_LEARN;
    sqlx::query(WELL)
        .bind(i64::try_from(delivered).unwrap_or(i64::MAX))
        .bind(rescues)
        .bind(before.bare_only || learned_bare)
        .bind(note.at.as_millisecond())
        .bind(note.status)
        .bind(note.destination.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query(OTHERS)
        .bind(note.destination.0)
        .bind(note.batch.0)
        .bind(Batch::SERVER_ERRORS)
        .execute(&mut *conn)
        .await?;
    if some_parked || before.refused_streak > 0 {
        sqlx::query(END_STREAK)
            .bind(note.destination.0)
            .execute(&mut *conn)
            .await?;
    }
    if learned_bare {
        dissolve(conn, note.destination, Dissolve::Enveloped).await?;
    }
    Ok(Accepted {
        resumed: before.paused,
        learned_bare,
    })
}

pub(crate) async fn extend_streak(
    conn: &mut SqliteConnection,
    destination: DestinationId,
    by: i64,
) -> Result<()> {
    const EXTEND: &str = "UPDATE destinations SET refused_streak = refused_streak + ? WHERE id = ?";
    sqlx::query(EXTEND)
        .bind(by)
        .bind(destination.0)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn note_failure(conn: &mut SqliteConnection, note: &AttemptNote) -> Result<()> {
    const NOTE: &str =
        "UPDATE destinations SET last_status = ?, last_error = ?, last_error_at = ? WHERE id = ?";
    sqlx::query(NOTE)
        .bind(note.status)
        .bind(&note.error)
        .bind(note.at.as_millisecond())
        .bind(note.destination.0)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn shut(
    conn: &mut SqliteConnection,
    destination: DestinationId,
    pause: &Pause,
) -> Result<()> {
    const SHUT: &str = "UPDATE destinations SET paused_code = ?, paused_reason = ?, paused_at = COALESCE(paused_at, ?),
            probe_at = ?, failures = 0, retry_at = NULL
        WHERE id = ?";
    sqlx::query(SHUT)
        .bind(&pause.code)
        .bind(&pause.reason)
        .bind(pause.since.as_millisecond())
        .bind(pause.probe_at.map(Timestamp::as_millisecond))
        .bind(destination.0)
        .execute(conn)
        .await?;
    Ok(())
}

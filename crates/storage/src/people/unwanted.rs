//! Waiting records that a destination does not want any more, now that it is known otherwise whose they are, or where
//! their terminal stands.

use domain::{DestinationId, LocalTime};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result,
    dissolve::{Dissolve, dissolve},
    queue_works::{NewWork, QueueWorkKind, begin},
};

/// To be called in the transaction after which records are other people's, or people or terminals stand elsewhere: each
/// destination that asks for people or sites looks through its queue again, and sends nothing meanwhile that it has not looked at.
pub(crate) async fn look_again(conn: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    const CONCERNED: &str = "SELECT d.id FROM destinations d WHERE d.deleted_at IS NULL
            AND EXISTS (SELECT 1 FROM destination_wants w
                WHERE w.destination_id = d.id AND w.kind IN ('person', 'group', 'site'))
            AND (EXISTS (SELECT 1 FROM outbox o WHERE o.destination_id = d.id AND o.state = 'waiting')
                OR EXISTS (SELECT 1 FROM batches b WHERE b.destination_id = d.id AND b.state <> 'done'))";
    const FROM_THE_START: &str = "UPDATE queue_works SET cursor = 0, holds = 1
        WHERE destination_id = ? AND kind = 'withdraw' AND finished_at IS NULL";
    let concerned: Vec<i64> = sqlx::query_scalar(CONCERNED).fetch_all(&mut *conn).await?;
    for id in concerned {
        dissolve(conn, DestinationId(id), Dissolve::Unwanted).await?;
        let begun = sqlx::query(FROM_THE_START)
            .bind(id)
            .execute(&mut *conn)
            .await?;
        if begun.rows_affected() == 0 {
            let work = NewWork {
                kind: QueueWorkKind::Withdraw,
                since: LocalTime::from_civil(jiff::civil::DateTime::constant(0, 1, 1, 0, 0, 0, 0)),
                holds: true,
            };
            begin(conn, DestinationId(id), work, now).await?;
        }
    }
    Ok(())
}

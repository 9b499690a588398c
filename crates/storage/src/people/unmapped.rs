//! Records that wait until somebody is mapped to their PIN.

use domain::{DestinationId, OutboxId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::person_of;
use crate::{Result, Store, Weight, columns::json, filter_match::wanted};

/// Records that one transaction lets go.
const CHUNK: i64 = 5_000;

impl Store {
    /// Sets waiting records aside that are of nobody who is mapped; gives how many. They go on by themselves once their
    /// PIN is mapped.
    pub async fn hold_unmapped(&self, records: Vec<OutboxId>) -> Result<u64> {
        const HOLD: &str = concat!(
            "UPDATE outbox SET state = 'held', cause = 'unmapped', due_at = NULL,
                reason = 'nobody is mapped to this user id yet'
            WHERE id IN (SELECT value FROM json_each(?)) AND state = 'waiting' AND COALESCE(told_as, 0) = 0
                AND (SELECT ",
            person_of!(),
            " FROM shown_punches p WHERE p.id = outbox.punch_id) IS NULL"
        );
        let ids = json(&records.iter().map(|id| id.0).collect::<Vec<_>>())?;
        let weight = Weight::outbox(i64::try_from(records.len()).unwrap_or(i64::MAX));
        self.write(weight, move |conn| {
            Box::pin(async move {
                Ok(sqlx::query(HOLD)
                    .bind(ids)
                    .execute(conn)
                    .await?
                    .rows_affected())
            })
        })
        .await
    }
}

/// Lets go what waited for a mapping of these places and has one now; what its destination does not want, now that it is
/// known whose it is, is withdrawn. Gives how many wait to be sent.
pub(super) async fn release(
    conn: &mut SqliteConnection,
    places: &str,
    now: Timestamp,
) -> Result<u64> {
    macro_rules! of_places {
        ($rest:expr) => {
            concat!(
                "WHERE id IN (SELECT o.id FROM json_each(?1) AS n CROSS JOIN outbox o INDEXED BY outbox_unmapped
                    ON o.terminal_id = n.value ->> 0 AND o.pin = n.value ->> 1
                    CROSS JOIN shown_punches p ON p.id = o.punch_id
                    JOIN destinations d ON d.id = o.destination_id
                    WHERE o.state = 'held' AND o.cause = 'unmapped' AND ",
                person_of!(),
                " IS NOT NULL ",
                $rest,
                ")"
            )
        };
    }
    // Later ones of the same person may have been sent from another terminal.
    const LET_GO: &str = concat!(
        "UPDATE outbox SET state = 'waiting', late = 1, cause = NULL, reason = NULL, told_as = NULL ",
        of_places!(concat!(
            "AND (o.asked = 1 OR (d.start_from <= p.local_time AND ",
            wanted!(),
            "))"
        ))
    );
    const WITHDRAW: &str = concat!(
        "UPDATE outbox SET state = 'withdrawn', done_at = ?2, cause = 'filter',
            reason = 'the filter of the destination does not want this person' ",
        of_places!("")
    );
    let released = sqlx::query(LET_GO)
        .bind(places)
        .execute(&mut *conn)
        .await?
        .rows_affected();
    sqlx::query(WITHDRAW)
        .bind(places)
        .bind(now.as_millisecond())
        .execute(conn)
        .await?;
    Ok(released)
}

impl Store {
    /// A destination does not need mappings any more: what waited for one goes as it is.
    pub async fn release_unmapped(&self, destination: DestinationId) -> Result<u64> {
        let mut count = 0;
        loop {
            let some = self.release_some_unmapped(destination).await?;
            count += some;
            if some == 0 {
                return Ok(count);
            }
        }
    }

    async fn release_some_unmapped(&self, destination: DestinationId) -> Result<u64> {
        const LET_GO: &str = "UPDATE outbox SET state = 'waiting', late = 1, cause = NULL, reason = NULL
        WHERE id IN (SELECT id FROM outbox WHERE destination_id = ? AND state = 'held' AND cause = 'unmapped'
            AND (state = 'held' OR state = 'parked' OR state = 'withdrawn') LIMIT ?)";
        self.write(Weight::outbox(CHUNK), move |conn| {
            Box::pin(async move {
                Ok(sqlx::query(LET_GO)
                    .bind(destination.0)
                    .bind(CHUNK)
                    .execute(conn)
                    .await?
                    .rows_affected())
            })
        })
        .await
    }
}

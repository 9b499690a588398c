//! Bringing a long queue in line with a destination's wishes: bit by bit, so that nobody else waits, and going on after
//! a restart where it stood.

use domain::{DestinationId, LocalTime, QueueWorkId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result, Store, StoreError, Weight,
    columns::{json, local_time, moment, moment_opt, narrow},
    dissolve::{Dissolve, dissolve},
    filter_match::wanted,
    queueing::{Window, queue_missing},
};

/// What is done to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueWorkKind {
    /// Stored punches that are wanted are queued.
    History,
    /// Waiting records that are not wanted any more are withdrawn.
    Withdraw,
    /// The same with those that wait for a person.
    WithdrawHeld,
}

/// How far a piece of work has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueWork {
    pub id: QueueWorkId,
    pub destination_id: DestinationId,
    pub kind: QueueWorkKind,
    /// Of history: from which local time on.
    pub since: LocalTime,
    /// Places in the ledger: what is done, and what there was to do.
    pub cursor: u64,
    pub upto: u64,
    /// Records queued or withdrawn so far.
    pub touched: u64,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// A piece of work to be begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewWork {
    pub(crate) kind: QueueWorkKind,
    pub(crate) since: LocalTime,
    /// Later punches are not sent meanwhile, so that nobody's record overtakes an earlier one.
    pub(crate) holds: bool,
}

/// Rows that one step looks at.
const CHUNK: i64 = 5_000;

macro_rules! select_works {
    ($rest:literal) => {
        concat!(
            "SELECT id, destination_id, kind, since, cursor, upto, holds, touched, started_at, finished_at
            FROM queue_works ",
            $rest
        )
    };
}

const NEXT: &str = select_works!(
    "WHERE destination_id = ? AND finished_at IS NULL ORDER BY kind = 'history', id LIMIT 1"
);
const NEXT_WAITING: &str = "SELECT MAX(punch_id) FROM (SELECT punch_id FROM outbox
    WHERE destination_id = ? AND state = 'waiting' AND punch_id > ? ORDER BY punch_id LIMIT ?)";
const NEXT_HELD: &str = "SELECT MAX(id) FROM (SELECT id FROM outbox
    WHERE destination_id = ? AND state = 'held' AND (state = 'held' OR state = 'parked' OR state = 'withdrawn') AND id > ?
    ORDER BY id LIMIT ?)";

#[cfg(test)]
pub(crate) const LOOKS: [&str; 2] = [NEXT_WAITING, NEXT_HELD];

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    destination_id: i64,
    kind: String,
    since: String,
    cursor: i64,
    upto: i64,
    holds: bool,
    touched: i64,
    started_at: i64,
    finished_at: Option<i64>,
}

impl Store {
    /// Queues stored punches that a destination wants and that were never queued or were withdrawn, in the background.
    /// They are marked late: later ones may have been sent.
    pub async fn queue_past(
        &self,
        destination: DestinationId,
        since: LocalTime,
        now: Timestamp,
    ) -> Result<QueueWorkId> {
        let work = NewWork {
            kind: QueueWorkKind::History,
            since,
            holds: false,
        };
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move { begin(conn, destination, work, now).await })
        })
        .await
    }

    /// Destinations whose queue is being brought in line.
    pub async fn unfinished_queues(&self) -> Result<Vec<DestinationId>> {
        const SELECT: &str =
            "SELECT DISTINCT destination_id FROM queue_works WHERE finished_at IS NULL";
        let ids: Vec<i64> = sqlx::query_scalar(SELECT).fetch_all(self.reader()).await?;
        Ok(ids.into_iter().map(DestinationId).collect())
    }

    /// What was and is done to a destination's queue, newest first.
    pub async fn queue_works(
        &self,
        destination: DestinationId,
        limit: u32,
    ) -> Result<Vec<QueueWork>> {
        const SELECT: &str = select_works!("WHERE destination_id = ? ORDER BY id DESC LIMIT ?");
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(destination.0)
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(QueueWork::try_from).collect()
    }

    /// How many of these are not finished, and how many records they touched.
    pub(crate) async fn progress_of(&self, works: &[QueueWorkId]) -> Result<(u64, u64)> {
        const LOOK: &str =
            "SELECT COUNT(*) FILTER (WHERE finished_at IS NULL), COALESCE(SUM(touched), 0) FROM queue_works
            WHERE id IN (SELECT value FROM json_each(?))";
        let ids = json(&works.iter().map(|id| id.0).collect::<Vec<_>>())?;
        let (unfinished, touched): (i64, i64) = sqlx::query_as(LOOK)
            .bind(ids)
            .fetch_one(self.reader())
            .await?;
        Ok((
            narrow(unfinished, "queue_works count")?,
            narrow(touched, "queue_works.touched")?,
        ))
    }

    /// Does the next bit of a destination's unfinished work, withdrawals first; `None` when there is none.
    pub async fn step_queue(
        &self,
        destination: DestinationId,
        now: Timestamp,
    ) -> Result<Option<QueueWork>> {
        const SAVE: &str = "UPDATE queue_works SET cursor = ?, touched = touched + ?, finished_at = ? WHERE id = ?";
        self.write(Weight::outbox(CHUNK), move |conn| {
            Box::pin(async move {
                let row: Option<Row> = sqlx::query_as(NEXT)
                    .bind(destination.0)
                    .fetch_optional(&mut *conn)
                    .await?;
                let Some(mut row) = row else { return Ok(None) };
                let (cursor, touched) = match kind(&row.kind)? {
                    QueueWorkKind::History => queue_window(conn, &row).await?,
                    QueueWorkKind::Withdraw => withdraw_window(conn, &row, now).await?,
                    QueueWorkKind::WithdrawHeld => withdraw_held(conn, &row, now).await?,
                };
                row.touched += i64::try_from(touched).unwrap_or(i64::MAX);
                row.cursor = cursor.unwrap_or(row.upto);
                row.finished_at = cursor.is_none().then(|| now.as_millisecond());
                sqlx::query(SAVE)
                    .bind(row.cursor)
                    .bind(i64::try_from(touched).unwrap_or(i64::MAX))
                    .bind(row.finished_at)
                    .bind(row.id)
                    .execute(conn)
                    .await?;
                row.try_into().map(Some)
            })
        })
        .await
    }
}

pub(crate) async fn begin(
    conn: &mut SqliteConnection,
    destination: DestinationId,
    work: NewWork,
    now: Timestamp,
) -> Result<QueueWorkId> {
    const INSERT: &str =
        "INSERT INTO queue_works (destination_id, kind, since, upto, holds, started_at)
        VALUES (?, ?, ?, (SELECT COALESCE(MAX(id), 0) FROM punches), ?, ?) RETURNING id";
    let id: i64 = sqlx::query_scalar(INSERT)
        .bind(destination.0)
        .bind(work.kind.as_str())
        .bind(work.since.to_string())
        .bind(work.holds)
        .bind(now.as_millisecond())
        .fetch_one(conn)
        .await?;
    Ok(QueueWorkId(id))
}

/// Where it came to (`None`: to the end), and how many records it touched.
type Step = (Option<i64>, u64);

async fn queue_window(conn: &mut SqliteConnection, work: &Row) -> Result<Step> {
    let upto = work.cursor.saturating_add(CHUNK).min(work.upto);
    let window = Window {
        destination: DestinationId(work.destination_id),
        start: local_time(&work.since)?,
        after: work.cursor,
        upto,
        late: !work.holds,
    };
    let queued = queue_missing(conn, window).await?;
    Ok(((upto < work.upto).then_some(upto), queued))
}

macro_rules! not_wanted {
    ($state:literal, $place:literal) => {
        concat!(
            "UPDATE outbox SET state = 'withdrawn', done_at = ?2, due_at = NULL, cause = 'filter',
                reason = 'the filter of the destination does not want it any more'
            WHERE destination_id = ?1 AND state = '",
            $state,
            "' AND asked = 0 AND ",
            $place,
            " AND NOT EXISTS (SELECT 1 FROM shown_punches p JOIN destinations d ON d.id = ?1
                WHERE p.id = outbox.punch_id AND d.start_from <= p.local_time AND ",
            wanted!(),
            ")"
        )
    };
}

async fn withdraw_window(conn: &mut SqliteConnection, work: &Row, now: Timestamp) -> Result<Step> {
    const WITHDRAW: &str = not_wanted!("waiting", "punch_id > ?3 AND punch_id <= ?4");
    let destination = DestinationId(work.destination_id);
    let end: Option<i64> = sqlx::query_scalar(NEXT_WAITING)
        .bind(destination.0)
        .bind(work.cursor)
        .bind(CHUNK)
        .fetch_one(&mut *conn)
        .await?;
    let Some(end) = end else {
        // A batch may have been opened since those with unwanted records were dissolved: once more from the start.
        let freed = dissolve(conn, destination, Dissolve::Unwanted).await?;
        return Ok(((freed > 0).then_some(0), 0));
    };
    let withdrawn = sqlx::query(WITHDRAW)
        .bind(destination.0)
        .bind(now.as_millisecond())
        .bind(work.cursor)
        .bind(end)
        .execute(conn)
        .await?
        .rows_affected();
    Ok((Some(end), withdrawn))
}

async fn withdraw_held(conn: &mut SqliteConnection, work: &Row, now: Timestamp) -> Result<Step> {
    const WITHDRAW: &str = not_wanted!(
        "held",
        "(state = 'held' OR state = 'parked' OR state = 'withdrawn') AND id > ?3 AND id <= ?4"
    );
    let end: Option<i64> = sqlx::query_scalar(NEXT_HELD)
        .bind(work.destination_id)
        .bind(work.cursor)
        .bind(CHUNK)
        .fetch_one(&mut *conn)
        .await?;
    let Some(end) = end else { return Ok((None, 0)) };
    let withdrawn = sqlx::query(WITHDRAW)
        .bind(work.destination_id)
        .bind(now.as_millisecond())
        .bind(work.cursor)
        .bind(end)
        .execute(conn)
        .await?
        .rows_affected();
    Ok((Some(end), withdrawn))
}

fn kind(word: &str) -> Result<QueueWorkKind> {
    match word {
        "history" => Ok(QueueWorkKind::History),
        "withdraw" => Ok(QueueWorkKind::Withdraw),
        "withdraw_held" => Ok(QueueWorkKind::WithdrawHeld),
        other => Err(StoreError::damaged(format!(
            "{other:?} is nothing to do with a queue"
        ))),
    }
}

impl QueueWorkKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Withdraw => "withdraw",
            Self::WithdrawHeld => "withdraw_held",
        }
    }
}

impl TryFrom<Row> for QueueWork {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: QueueWorkId(row.id),
            destination_id: DestinationId(row.destination_id),
            kind: kind(&row.kind)?,
            since: local_time(&row.since)?,
            cursor: narrow(row.cursor, "queue_works.cursor")?,
            upto: narrow(row.upto, "queue_works.upto")?,
            touched: narrow(row.touched, "queue_works.touched")?,
            started_at: moment(row.started_at)?,
            finished_at: moment_opt(row.finished_at)?,
        })
    }
}

//! What was sent when, and what came back: one row a request.

use domain::{AttemptId, BatchId, DestinationId, OutboxId};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::SqliteConnection;

use crate::{
    AttemptNote, Result, Store, StoreError, Weight,
    columns::{moment, moment_opt, narrow},
};

/// Why a request was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AttemptKind {
    Delivery,
    /// To a paused destination, once an hour.
    Probe,
    /// A sample that a person sent.
    Test,
}

/// A request that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptStart {
    pub kind: AttemptKind,
    pub records: u32,
    /// `None` where it could not be rendered.
    pub body: Option<BodyMark>,
}

/// By what a body is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyMark {
    pub size: u64,
    /// SHA-256.
    pub digest: Vec<u8>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptEnd {
    pub id: AttemptId,
    pub class: &'static str,
    pub duration_ms: u64,
    /// `None` of a plain success, and where nothing came.
    pub answer: Option<Vec<u8>>,
    /// When the same records are tried again.
    pub next_at: Option<Timestamp>,
}

/// A request, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    pub destination_id: DestinationId,
    pub batch_id: Option<BatchId>,
    pub kind: AttemptKind,
    /// `sending` until it is settled, `interrupted` where the program ended before.
    pub class: String,
    pub records: u32,
    pub at: Timestamp,
    pub duration_ms: Option<u64>,
    pub status: Option<u16>,
    pub error: Option<String>,
    pub answer: Option<Vec<u8>>,
    pub next_at: Option<Timestamp>,
    pub body: Option<BodyMark>,
}

/// Which attempts are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AttemptFilter {
    #[default]
    All,
    /// All but plain successes.
    Failed,
    Class(String),
}

/// Class of a request whose outcome is not known yet, and of one whose outcome never will be.
const SENDING: &str = "sending";
const INTERRUPTED: &str = "interrupted";
/// How much of an answer is kept.
pub const KEPT_OF_ANSWER: usize = 4 * 1024;

macro_rules! select_attempts {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.destination_id, a.batch_id, a.kind, a.class, a.records, a.at, a.duration_ms, a.status,
                a.error, a.answer, a.next_at, a.body_size, a.body_digest ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    destination_id: i64,
    batch_id: Option<i64>,
    kind: String,
    class: String,
    records: i64,
    at: i64,
    duration_ms: Option<i64>,
    status: Option<i64>,
    error: Option<String>,
    answer: Option<Vec<u8>>,
    next_at: Option<i64>,
    body_size: Option<i64>,
    body_digest: Option<Vec<u8>>,
}

const ALL: &str = select_attempts!(
    "FROM attempts a WHERE a.destination_id = ?1 AND a.id < ?2 ORDER BY a.id DESC LIMIT ?3"
);
const FAILED: &str = select_attempts!(
    "FROM attempts a WHERE a.destination_id = ?1 AND a.id < ?2 AND a.class <> 'delivered'
    ORDER BY a.id DESC LIMIT ?3"
);
const CLASS: &str = select_attempts!(
    "FROM attempts a WHERE a.destination_id = ?1 AND a.id < ?2 AND a.class = ?4 AND a.class <> 'delivered'
    ORDER BY a.id DESC LIMIT ?3"
);
const DELIVERED: &str = select_attempts!(
    "FROM attempts a WHERE a.destination_id = ?1 AND a.id < ?2 AND a.class = 'delivered'
    ORDER BY a.id DESC LIMIT ?3"
);
// The oldest stand first, whatever the clock said then.
const OLD_ATTEMPTS: &str = "DELETE FROM attempts WHERE id IN (
    SELECT id FROM (SELECT id, at FROM attempts WHERE destination_id = ?1 ORDER BY id LIMIT ?3) WHERE at < ?2)";
const OLD_BATCHES: &str = "DELETE FROM batches WHERE id IN (
    SELECT id FROM batches WHERE destination_id = ?1 AND state = 'done' AND finished_at < ?2
    ORDER BY finished_at LIMIT ?3)";

/// What is asked again and again, however many attempts there are.
#[cfg(test)]
pub(crate) const LOOKS: [&str; 6] = [ALL, FAILED, CLASS, DELIVERED, OLD_ATTEMPTS, OLD_BATCHES];

impl Store {
    /// A destination's attempts, newest first; `before` is the last one of the page before.
    pub async fn attempts(
        &self,
        destination: DestinationId,
        filter: &AttemptFilter,
        before: Option<AttemptId>,
        limit: u32,
    ) -> Result<Vec<Attempt>> {
        let (statement, class) = match filter {
            AttemptFilter::All => (ALL, None),
            AttemptFilter::Failed => (FAILED, None),
            AttemptFilter::Class(class) if class == "delivered" => (DELIVERED, None),
            AttemptFilter::Class(class) => (CLASS, Some(class)),
        };
        let rows: Vec<Row> = sqlx::query_as(statement)
            .bind(destination.0)
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(limit)
            .bind(class)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Attempt::try_from).collect()
    }

    pub async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>> {
        const SELECT: &str = select_attempts!("FROM attempts a WHERE a.id = ?");
        let row: Option<Row> = sqlx::query_as(SELECT)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(Attempt::try_from).transpose()
    }

    /// The attempts of the batches that one record went through, newest first.
    pub async fn attempts_of_record(&self, record: OutboxId, limit: u32) -> Result<Vec<Attempt>> {
        const SELECT: &str = concat!(
            "WITH RECURSIVE way (batch_id) AS (
                SELECT batch_id FROM outbox WHERE id = ?1 AND batch_id IS NOT NULL
                UNION
                SELECT b.parent_id FROM way JOIN batches b ON b.id = way.batch_id WHERE b.parent_id IS NOT NULL
                LIMIT 1000) ",
            select_attempts!(
                "FROM way JOIN attempts a ON a.batch_id = way.batch_id ORDER BY a.id DESC LIMIT ?2"
            )
        );
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(record.0)
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Attempt::try_from).collect()
    }

    /// Keeps a test that a person sent.
    pub async fn save_test(
        &self,
        destination: DestinationId,
        start: AttemptStart,
        at: Timestamp,
        status: Option<u16>,
        error: Option<String>,
        end: impl FnOnce(AttemptId) -> AttemptEnd + Send + 'static,
    ) -> Result<AttemptId> {
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let id = begin(conn, destination, None, &start, at).await?;
                finish(conn, &end(id), status, error.as_deref()).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Forgets some of what is older than each destination keeps it: attempts, and batches that are done. Gives how many
    /// rows; 0: nothing is left to forget.
    pub async fn forget_old(&self, destination: DestinationId, before: Timestamp) -> Result<u64> {
        const CHUNK: i64 = 1_000;
        self.write(Weight::outbox(2 * CHUNK), move |conn| {
            Box::pin(async move {
                let mut rows = 0;
                for statement in [OLD_ATTEMPTS, OLD_BATCHES] {
                    rows += sqlx::query(statement)
                        .bind(destination.0)
                        .bind(before.as_millisecond())
                        .bind(CHUNK)
                        .execute(&mut *conn)
                        .await?
                        .rows_affected();
                }
                Ok(rows)
            })
        })
        .await
    }
}

pub(crate) async fn begin(
    conn: &mut SqliteConnection,
    destination: DestinationId,
    batch: Option<BatchId>,
    start: &AttemptStart,
    at: Timestamp,
) -> Result<AttemptId> {
    const INSERT: &str =
        "INSERT INTO attempts (destination_id, batch_id, kind, class, records, at, body_size, body_digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let size = start.body.as_ref().map(|body| body.size);
    let id: i64 = sqlx::query_scalar(INSERT)
        .bind(destination.0)
        .bind(batch.map(|batch| batch.0))
        .bind(start.kind.as_str())
        .bind(SENDING)
        .bind(start.records)
        .bind(at.as_millisecond())
        .bind(size.map(|size| i64::try_from(size).unwrap_or(i64::MAX)))
        .bind(start.body.as_ref().map(|body| body.digest.as_slice()))
        .fetch_one(conn)
        .await?;
    Ok(AttemptId(id))
}

/// Where the note is of a request, its row says how it ended.
pub(crate) async fn end(conn: &mut SqliteConnection, note: &AttemptNote) -> Result<()> {
    match &note.attempt {
        Some(attempt) => finish(conn, attempt, note.status, note.error.as_deref()).await,
        None => Ok(()),
    }
}

async fn finish(
    conn: &mut SqliteConnection,
    end: &AttemptEnd,
    status: Option<u16>,
    error: Option<&str>,
) -> Result<()> {
    const FINISH: &str =
        "UPDATE attempts SET class = ?, duration_ms = ?, status = ?, error = ?, answer = ?, next_at = ?
        WHERE id = ?";
    let answer = end
        .answer
        .as_deref()
        .map(|answer| answer.get(..KEPT_OF_ANSWER).unwrap_or(answer));
    sqlx::query(FINISH)
        .bind(end.class)
        .bind(i64::try_from(end.duration_ms).unwrap_or(i64::MAX))
        .bind(status)
        .bind(error)
        .bind(answer)
        .bind(end.next_at.map(Timestamp::as_millisecond))
        .bind(end.id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// After a start: nobody will ever know how these ended.
pub(crate) async fn interrupt(
    conn: &mut SqliteConnection,
    destination: DestinationId,
) -> Result<()> {
    const INTERRUPT: &str =
        "UPDATE attempts SET class = ?, error = 'the program ended before the outcome was written'
        WHERE destination_id = ? AND class = ? AND class <> 'delivered'";
    sqlx::query(INTERRUPT)
        .bind(INTERRUPTED)
        .bind(destination.0)
        .bind(SENDING)
        .execute(conn)
        .await?;
    Ok(())
}

impl AttemptKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Probe => "probe",
            Self::Test => "test",
        }
    }
}

impl TryFrom<Row> for Attempt {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let body = match (row.body_size, row.body_digest) {
            (Some(size), Some(digest)) => Some(BodyMark {
                size: narrow(size, "attempts.body_size")?,
                digest,
            }),
            _ => None,
        };
        Ok(Self {
            id: AttemptId(row.id),
            destination_id: DestinationId(row.destination_id),
            batch_id: row.batch_id.map(BatchId),
            kind: match row.kind.as_str() {
                "probe" => AttemptKind::Probe,
                "test" => AttemptKind::Test,
                _ => AttemptKind::Delivery,
            },
            class: row.class,
            records: narrow(row.records, "attempts.records")?,
            at: moment(row.at)?,
            duration_ms: row
                .duration_ms
                .map(|duration| narrow(duration, "attempts.duration_ms"))
                .transpose()?,
            status: row
                .status
                .map(|status| narrow(status, "attempts.status"))
                .transpose()?,
            error: row.error,
            answer: row.answer,
            next_at: moment_opt(row.next_at)?,
            body,
        })
    }
}

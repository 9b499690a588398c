//! Records that leave together in one request: their membership, id and export time, committed before the first send.

use domain::{
    AttemptId, BatchId, BatchShape, DestinationId, LocalTime, OutboxId, PersonId, Pin, PunchId,
    PunchState, RecordId, Source, TerminalId, TimeFlag, reworded_key,
};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    AttemptStart, KnownAs, Result, Store, StoreError, Weight, attempt_log,
    columns::{json, local_time, moment, moment_opt, narrow, second},
    members,
    outbox::Whose,
    people::told_of,
    punch_list::{flag, source},
};

/// Records that leave, or left, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: BatchId,
    pub destination_id: DestinationId,
    pub terminal_id: TerminalId,
    pub shape: BatchShape,
    pub idempotency_key: String,
    pub device_ip: String,
    pub device_port: u16,
    /// The terminal's name when the batch was opened.
    pub device_name: String,
    pub device_serial: Option<String>,
    pub export_time: String,
    pub size: u32,
    /// A person asked for one of its records.
    pub holds_asked: bool,
    pub attempts: u32,
    /// Answers 500 in a row.
    pub server_errors: u32,
    /// An attempt was left without a clear answer: it may have arrived.
    pub in_doubt: bool,
    pub role: BatchRole,
    /// Another batch was accepted while this one was answered 500.
    pub others_passed: bool,
    pub created_at: Timestamp,
}

/// Why a batch was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchRole {
    /// The next in the queue, or a part of what was refused.
    Plain,
    /// Part of a batch that was answered 500 four times, or a record that fails by itself.
    Suspected,
    /// One record, sent to find out whose fault the answers 500 are.
    Witness,
}

/// A record as a request shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    pub id: OutboxId,
    pub punch_id: PunchId,
    pub record_id: RecordId,
    pub pin: Pin,
    /// The terminal's own name; the PIN where there is none.
    pub person_name: String,
    /// The person behind the PIN; `None` where nobody is mapped.
    pub known_as: Option<KnownAs>,
    pub local_time: LocalTime,
    pub zone: String,
    pub instant: Timestamp,
    pub flag: TimeFlag,
    pub state: PunchState,
    pub verify: u8,
    pub work_code: u32,
    pub source: Source,
    /// An earlier attempt with it was left without a clear answer.
    pub in_doubt: bool,
    /// How often it failed by itself, and since when.
    pub tries: u32,
    pub first_failed_at: Option<Timestamp>,
}

/// A batch to be opened with waiting records of one terminal.
#[derive(Debug, Clone)]
pub struct NewBatch {
    pub destination_id: DestinationId,
    pub terminal_id: TerminalId,
    pub shape: BatchShape,
    pub idempotency_key: String,
    pub export_time: LocalTime,
    pub role: BatchRole,
    /// Others were accepted since its record began to fail.
    pub others_passed: bool,
    /// In the order in which they are sent, which is that of their punches.
    pub records: Vec<OutboxId>,
}

/// A part of a batch that is divided.
#[derive(Debug, Clone)]
pub struct BatchPart {
    pub idempotency_key: String,
    pub shape: BatchShape,
    pub role: BatchRole,
    pub others_passed: bool,
    pub records: Vec<OutboxId>,
}

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "one for each column")]
struct Row {
    id: i64,
    destination_id: i64,
    terminal_id: i64,
    shape: String,
    idempotency_key: String,
    device_ip: String,
    device_port: i64,
    device_name: String,
    device_serial: Option<String>,
    export_time: String,
    size: i64,
    holds_asked: bool,
    attempts: i64,
    server_errors: i64,
    in_doubt: bool,
    halved: bool,
    witness: bool,
    others_passed: bool,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    id: i64,
    punch_id: i64,
    record_id: String,
    pin: String,
    person_name: String,
    told_person: Option<i64>,
    told_number: Option<String>,
    told_name: Option<String>,
    local_time: String,
    zone: String,
    instant: i64,
    flag: String,
    state: u8,
    verify: u8,
    work_code: i64,
    source: String,
    in_doubt: bool,
    tries: i64,
    first_failed_at: Option<i64>,
}

/// A statement over all columns of [`Row`].
macro_rules! select_batches {
    ($rest:literal) => {
        concat!(
            "SELECT id, destination_id, terminal_id, shape, idempotency_key, device_ip, device_port, device_name,
                device_serial, export_time, size, holds_asked, attempts, server_errors, in_doubt, halved, witness,
                others_passed, created_at
            FROM batches ",
            $rest
        )
    };
}

/// A statement over all columns of [`RecordRow`].
macro_rules! select_records {
    ($rest:literal) => {
        select_records!("o.correction_id", "o.told_as", $rest)
    };
    ($correction:literal, $told:expr, $rest:literal) => {
        concat!(
            "SELECT o.id, o.punch_id, p.record_id, o.pin, p.person_name, v.person_id AS told_person,
                v.employee_number AS told_number, v.name AS told_name, COALESCE(c.local_time, p.local_time) AS local_time,
                COALESCE(c.zone, p.zone) AS zone, COALESCE(c.instant, p.instant) AS instant,
                COALESCE(c.flag, p.flag) AS flag, COALESCE(c.state, p.state) AS state,
                COALESCE(c.verify, p.verify) AS verify, COALESCE(c.work_code, p.work_code) AS work_code, p.source,
                o.in_doubt, o.tries, o.first_failed_at
            FROM outbox o JOIN punches p ON p.id = o.punch_id LEFT JOIN corrections c ON c.id = ",
            $correction,
            " LEFT JOIN person_versions v ON v.id = ",
            $told,
            " ",
            $rest
        )
    };
}

const OPEN: &str =
    select_batches!("WHERE destination_id = ? AND state <> 'done' ORDER BY first_punch_id, id");
const MEMBERS_OF_OPEN: &str =
    select_records!("WHERE o.batch_id = ? AND o.state = 'batched' ORDER BY o.punch_id");
const KEEP_BYTES: &str = "UPDATE batches
SET device_ip = sent.device_ip, device_port = sent.device_port, device_name = sent.device_name,
    device_serial = sent.device_serial, export_time = sent.export_time
FROM (SELECT s.device_ip, s.device_port, s.device_name, s.device_serial, s.export_time FROM batches b
    JOIN batches s ON s.destination_id = b.destination_id AND s.idempotency_key = b.idempotency_key
    WHERE b.id = ?1 AND s.id < ?1 AND s.attempts > 0 ORDER BY s.id DESC LIMIT 1) AS sent
WHERE batches.id = ?1";

const SAID_OTHERWISE: &str = "SELECT b.idempotency_key, b.words FROM batches b
    WHERE b.id = ?1 AND (SELECT s.words FROM batches s WHERE s.destination_id = b.destination_id
        AND s.idempotency_key = b.idempotency_key AND s.id < ?1 AND s.attempts > 0 ORDER BY s.id DESC LIMIT 1) <> b.words";

/// What is asked again and again, however many batches are done.
#[cfg(test)]
pub(crate) const LOOKS: [&str; 4] = [OPEN, MEMBERS_OF_OPEN, KEEP_BYTES, SAID_OTHERWISE];

impl Batch {
    /// Answers 500 to one batch after which it may be the batch's fault.
    pub const SERVER_ERRORS: u32 = 4;
}

impl Store {
    /// The batches of a destination that are not done, oldest records first.
    pub async fn open_batches(&self, destination: DestinationId) -> Result<Vec<Batch>> {
        let rows: Vec<Row> = sqlx::query_as(OPEN)
            .bind(destination.0)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Batch::try_from).collect()
    }

    /// The members of an open batch, in the order in which they are sent.
    pub async fn batch_records(&self, batch: BatchId) -> Result<Vec<BatchRecord>> {
        let rows: Vec<RecordRow> = sqlx::query_as(MEMBERS_OF_OPEN)
            .bind(batch.0)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(BatchRecord::try_from).collect()
    }

    /// A batch with the members that it had when it was opened, also when it is done; `None` when it is forgotten.
    pub async fn batch_as_opened(
        &self,
        batch: BatchId,
    ) -> Result<Option<(Batch, Vec<BatchRecord>)>> {
        const BATCH: &str = select_batches!("WHERE id = ?");
        const MEMBERS: &str = "SELECT punches FROM batches WHERE id = ?";
        const RECORDS: &str = select_records!(
            "WHERE o.destination_id = ? AND o.punch_id IN (SELECT value FROM json_each(?)) ORDER BY o.punch_id"
        );
        let row: Option<Row> = sqlx::query_as(BATCH)
            .bind(batch.0)
            .fetch_optional(self.reader())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let batch = Batch::try_from(row)?;
        let members: Option<Option<Vec<u8>>> = sqlx::query_scalar(MEMBERS)
            .bind(batch.id.0)
            .fetch_optional(self.reader())
            .await?;
        // None of batches from before members were written down.
        let Some(members) = members.flatten() else {
            return Ok(None);
        };
        let rows: Vec<RecordRow> = sqlx::query_as(RECORDS)
            .bind(batch.destination_id.0)
            .bind(json(&members::decode(&members)?)?)
            .fetch_all(self.reader())
            .await?;
        let records: Result<Vec<_>> = rows.into_iter().map(BatchRecord::try_from).collect();
        Ok(Some((batch, records?)))
    }

    /// Records as they would be sent now, in the order in which they would be.
    pub async fn records(&self, ids: &[OutboxId]) -> Result<Vec<BatchRecord>> {
        const SELECT: &str = select_records!(
            "COALESCE(o.correction_id, (SELECT MAX(l.id) FROM corrections l WHERE l.punch_id = o.punch_id))",
            concat!("COALESCE(o.told_as, ", told_of!("o"), ")"),
            "WHERE o.id IN (SELECT value FROM json_each(?)) ORDER BY o.punch_id"
        );
        let rows: Vec<RecordRow> = sqlx::query_as(SELECT)
            .bind(json(&ids.iter().map(|id| id.0).collect::<Vec<_>>())?)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(BatchRecord::try_from).collect()
    }

    /// Takes waiting records into a new batch. `Conflict` when one of them does not wait any more: choose again.
    ///
    /// Its export time is that of the batch with the same id that was sent before, where there is one.
    pub async fn open_batch(&self, new: NewBatch, now: Timestamp) -> Result<BatchId> {
        const INSERT: &str = "INSERT INTO batches (destination_id, terminal_id, shape, idempotency_key, device_ip,
                device_port, device_name, device_serial, export_time, size, first_punch_id, halved, witness, others_passed, state, created_at)
            SELECT ?1, id, ?3, ?4, host, port, name, serial, ?5, ?6, 0, ?7, ?8, ?9, 'open', ?10 FROM terminals WHERE id = ?2
            RETURNING id";
        let weight = Weight::outbox(i64::try_from(new.records.len()).unwrap_or(i64::MAX));
        self.write(weight, move |conn| {
            Box::pin(async move {
                let (halved, witness) = new.role.columns();
                let id: i64 = sqlx::query_scalar(INSERT)
                    .bind(new.destination_id.0)
                    .bind(new.terminal_id.0)
                    .bind(new.shape.as_str())
                    .bind(new.idempotency_key)
                    .bind(new.export_time.to_string())
                    .bind(i64::try_from(new.records.len()).unwrap_or(i64::MAX))
                    .bind(halved)
                    .bind(witness)
                    .bind(new.others_passed)
                    .bind(now.as_millisecond())
                    .fetch_one(&mut *conn)
                    .await?;
                take_members(conn, BatchId(id), &new.records, From::Waiting).await?;
                keep_bytes(conn, BatchId(id)).await?;
                Ok(BatchId(id))
            })
        })
        .await
    }

    /// Commits that a batch is about to be sent; without this nothing may be sent.
    ///
    /// `Conflict` when the batch was dissolved meanwhile, or its destination paused or removed.
    pub async fn begin_attempt(
        &self,
        batch: BatchId,
        start: AttemptStart,
        now: Timestamp,
    ) -> Result<AttemptId> {
        const BEGIN: &str = "UPDATE batches SET state = 'sending', attempts = attempts + 1
            WHERE id = ? AND state <> 'done' AND EXISTS (SELECT 1 FROM destinations d
                WHERE d.id = destination_id AND d.mode <> 'paused' AND d.deleted_at IS NULL)
            RETURNING destination_id";
        const NOTE: &str = "UPDATE destinations SET last_attempt_at = ? WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let begun: Option<i64> = sqlx::query_scalar(BEGIN)
                    .bind(batch.0)
                    .fetch_optional(&mut *conn)
                    .await?;
                let destination = DestinationId(begun.ok_or_else(|| {
                    StoreError::conflict(
                        "the batch was dissolved, or its destination paused, meanwhile",
                    )
                })?);
                sqlx::query(NOTE)
                    .bind(now.as_millisecond())
                    .bind(destination.0)
                    .execute(&mut *conn)
                    .await?;
                attempt_log::begin(conn, destination, Some(batch), &start, now).await
            })
        })
        .await
    }

    /// After a start: batches whose answer was never seen go again under their old id. Gives their number.
    pub async fn recover_batches(&self, destination: DestinationId) -> Result<u64> {
        const RECOVER: &str = "UPDATE batches SET state = 'open', in_doubt = 1
            WHERE destination_id = ? AND state = 'sending'";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                attempt_log::interrupt(conn, destination).await?;
                Ok(sqlx::query(RECOVER)
                    .bind(destination.0)
                    .execute(conn)
                    .await?
                    .rows_affected())
            })
        })
        .await
    }
}

/// Where the members of a new batch come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum From {
    Waiting,
    Batch(BatchId),
}

/// Makes records members of a batch; an error when one of them is elsewhere.
pub(crate) async fn take_members(
    conn: &mut SqliteConnection,
    batch: BatchId,
    records: &[OutboxId],
    from: From,
) -> Result<()> {
    const PARENT: &str =
        "UPDATE batches SET parent_id = (SELECT batch_id FROM outbox WHERE id = ?2) WHERE id = ?1";
    // What a record says is settled with its first batch, so that it has the same bytes for good.
    const FROM_WAITING: &str = concat!(
        "UPDATE outbox SET state = 'batched', batch_id = ?1, correction_id = COALESCE(correction_id,
                (SELECT MAX(c.id) FROM corrections c WHERE c.punch_id = outbox.punch_id), 0),
            told_as = COALESCE(told_as, ",
        told_of!("outbox"),
        ") WHERE id IN (SELECT value FROM json_each(?2)) AND state = 'waiting'"
    );
    const FROM_BATCH: &str = "UPDATE outbox SET batch_id = ?1
        WHERE id IN (SELECT value FROM json_each(?2)) AND state = 'batched' AND batch_id = ?3";
    const MEMBERS: &str = "SELECT o.punch_id, o.correction_id, v.employee_number, v.name
        FROM outbox o LEFT JOIN person_versions v ON v.id = o.told_as
        WHERE o.batch_id = ? AND o.state = 'batched' ORDER BY o.punch_id";
    const DESCRIBE: &str = "UPDATE batches SET first_punch_id = ?2, punches = ?3, words = ?4,
            holds_asked = (SELECT COALESCE(MAX(asked), 0) FROM outbox WHERE batch_id = ?1 AND state = 'batched')
        WHERE id = ?1";
    let ids = json(&records.iter().map(|id| id.0).collect::<Vec<_>>())?;
    if let (From::Waiting, [only]) = (from, records) {
        sqlx::query(PARENT)
            .bind(batch.0)
            .bind(only.0)
            .execute(&mut *conn)
            .await?;
    }
    let take = match from {
        From::Waiting => sqlx::query(FROM_WAITING).bind(batch.0).bind(ids),
        From::Batch(parent) => sqlx::query(FROM_BATCH)
            .bind(batch.0)
            .bind(ids)
            .bind(parent.0),
    };
    let taken = take.execute(&mut *conn).await?.rows_affected();
    if usize::try_from(taken) != Ok(records.len()) {
        return Err(StoreError::conflict(
            "a record for the batch was taken away meanwhile",
        ));
    }
    let members: Vec<Words> = sqlx::query_as(MEMBERS)
        .bind(batch.0)
        .fetch_all(&mut *conn)
        .await?;
    let punches: Vec<i64> = members.iter().map(|member| member.punch_id).collect();
    sqlx::query(DESCRIBE)
        .bind(batch.0)
        .bind(punches.first().copied().unwrap_or(0))
        .bind(members::encode(&punches))
        .bind(Words::digest(&members)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// What a member says that may be another thing when it is sent anew.
#[derive(sqlx::FromRow, serde::Serialize)]
struct Words {
    punch_id: i64,
    correction_id: Option<i64>,
    employee_number: Option<String>,
    name: Option<String>,
}

impl Words {
    fn digest(members: &[Self]) -> Result<i64> {
        let digest = ring::digest::digest(&ring::digest::SHA256, json(&members)?.as_bytes());
        let first = digest.as_ref().first_chunk();
        Ok(first.map_or(0, |bytes| i64::from_be_bytes(*bytes)))
    }
}

/// The same id means the same bytes: a receiver may compare them, and refuse an id that comes with others. So the envelope
/// is that of the first time, and what went before in other words gets an id of its own.
pub(crate) async fn keep_bytes(conn: &mut SqliteConnection, batch: BatchId) -> Result<()> {
    const SET: &str = "UPDATE batches SET idempotency_key = ? WHERE id = ?";
    let said: Option<(String, i64)> = sqlx::query_as(SAID_OTHERWISE)
        .bind(batch.0)
        .fetch_optional(&mut *conn)
        .await?;
    if let Some((key, words)) = said {
        sqlx::query(SET)
            .bind(reworded_key(&key, words))
            .bind(batch.0)
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query(KEEP_BYTES).bind(batch.0).execute(conn).await?;
    Ok(())
}

impl BatchRole {
    /// As the columns `halved` and `witness`.
    pub(crate) fn columns(self) -> (bool, bool) {
        match self {
            Self::Plain => (false, false),
            Self::Suspected => (true, false),
            Self::Witness => (true, true),
        }
    }
}

impl TryFrom<Row> for Batch {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: BatchId(row.id),
            destination_id: DestinationId(row.destination_id),
            terminal_id: TerminalId(row.terminal_id),
            shape: match row.shape.as_str() {
                "bare" => BatchShape::Bare,
                _ => BatchShape::Batch,
            },
            idempotency_key: row.idempotency_key,
            device_ip: row.device_ip,
            device_port: narrow(row.device_port, "batches.device_port")?,
            device_name: row.device_name,
            device_serial: row.device_serial,
            export_time: row.export_time,
            size: narrow(row.size, "batches.size")?,
            holds_asked: row.holds_asked,
            attempts: narrow(row.attempts, "batches.attempts")?,
            server_errors: narrow(row.server_errors, "batches.server_errors")?,
            in_doubt: row.in_doubt,
            role: match (row.halved, row.witness) {
                (_, true) => BatchRole::Witness,
                (true, false) => BatchRole::Suspected,
                (false, false) => BatchRole::Plain,
            },
            others_passed: row.others_passed,
            created_at: moment(row.created_at)?,
        })
    }
}

impl BatchRecord {
    pub fn whose(&self) -> Whose {
        Whose::of(
            self.known_as.as_ref().map(|known| known.person),
            self.pin.as_str(),
        )
    }
}

impl TryFrom<RecordRow> for BatchRecord {
    type Error = StoreError;

    fn try_from(row: RecordRow) -> Result<Self> {
        Ok(Self {
            id: OutboxId(row.id),
            punch_id: PunchId(row.punch_id),
            record_id: RecordId::from_stored(row.record_id),
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            person_name: row.person_name,
            known_as: match (row.told_person, row.told_number, row.told_name) {
                (Some(person), Some(employee_number), Some(name)) => Some(KnownAs {
                    person: PersonId(person),
                    employee_number,
                    name,
                }),
                _ => None,
            },
            local_time: local_time(&row.local_time)?,
            zone: row.zone,
            instant: second(row.instant)?,
            flag: flag(&row.flag)?,
            state: PunchState::new(row.state),
            verify: row.verify,
            work_code: narrow(row.work_code, "punches.work_code")?,
            source: source(&row.source)?,
            in_doubt: row.in_doubt,
            tries: narrow(row.tries, "outbox.tries")?,
            first_failed_at: moment_opt(row.first_failed_at)?,
        })
    }
}

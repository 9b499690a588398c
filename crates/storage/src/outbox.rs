//! Punches on their way to a destination.
//!
//! `SQLite` takes the index of records that were set aside (`outbox_set_aside`) only where a statement repeats its
//! condition word by word; without it, all that was ever delivered is walked through.

use domain::{DestinationId, LocalTime, OutboxId, PersonId, Pin, PunchId, RecordId, TerminalId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result, Store, StoreError,
    columns::{local_time, moment, moment_opt, narrow},
    people::person_of,
};

/// A waiting record that may go into the next batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: OutboxId,
    pub punch_id: PunchId,
    pub record_id: RecordId,
    pub terminal_id: TerminalId,
    pub pin: String,
    /// As whom it was told, else who is behind the PIN now.
    pub person: Option<PersonId>,
}

/// Whose a record is, as far as the order of sending goes: the person's, over all terminals; where nobody is mapped, the
/// same PIN may be the same person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whose {
    Person(PersonId),
    Pin(String),
}

/// Which waiting records are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// All, in the order of arrival, up to a place in the ledger.
    All { upto: Option<PunchId> },
    /// Only those that a person asked for.
    Asked,
}

/// How many records stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCounts {
    /// Their time cannot be right; a person decides.
    pub held: u64,
    /// They wait until somebody is mapped to their PIN.
    pub unmapped: u64,
    pub waiting: u64,
    pub batched: u64,
    pub delivered: u64,
    pub parked: u64,
    pub withdrawn: u64,
    /// Since when the record that waits longest waits; records in open batches count as waiting.
    pub oldest_waiting: Option<Timestamp>,
}

/// A record that was refused by itself, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedRecord {
    pub id: OutboxId,
    pub record_id: RecordId,
    pub terminal_id: TerminalId,
    pub pin: Pin,
    /// As whom it was told.
    pub person: Option<PersonId>,
    pub person_name: String,
    pub local_time: LocalTime,
    pub reason: Option<String>,
    pub since: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct CandidateRow {
    id: i64,
    punch_id: i64,
    record_id: String,
    terminal_id: i64,
    pin: String,
    person_id: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ParkedRow {
    id: i64,
    record_id: String,
    terminal_id: i64,
    pin: String,
    person_id: Option<i64>,
    person_name: String,
    local_time: String,
    reason: Option<String>,
    done_at: Option<i64>,
}

/// What a candidate is read from; `p` shows the punch as it is now.
macro_rules! select_candidates {
    ($more:literal, $from:literal, $rest:literal) => {
        concat!(
            "SELECT o.id, o.punch_id, p.record_id, o.terminal_id, o.pin,
                COALESCE((SELECT v.person_id FROM person_versions v WHERE v.id = o.told_as), ",
            person_of!(),
            ") AS person_id",
            $more,
            " FROM ",
            $from,
            " JOIN shown_punches p ON p.id = o.punch_id ",
            $rest
        )
    };
}

const WAITING: &str = select_candidates!(
    "",
    "outbox o",
    "WHERE o.destination_id = ?1 AND o.state = 'waiting' AND o.due_at IS NULL AND o.punch_id <= ?2
    ORDER BY o.punch_id LIMIT ?3"
);
const ASKED: &str = select_candidates!(
    "",
    "outbox o",
    "WHERE o.destination_id = ?1 AND o.state = 'waiting' AND o.asked = 1 AND o.due_at IS NULL AND o.punch_id <= ?2
    ORDER BY o.punch_id LIMIT ?3"
);
// Somebody is involved by the PIN, and as a person who has other PINs elsewhere. Whose other PIN is involved may have an
// earlier record under that one, which was passed over just now.
const UNINVOLVED: &str = select_candidates!(
    "",
    "outbox o",
    "WHERE o.destination_id = ?1 AND o.state = 'waiting' AND o.due_at IS NULL AND o.asked >= ?2 AND o.punch_id <= ?3
        AND o.pin NOT IN (SELECT i.pin FROM batches b JOIN outbox i ON i.batch_id = b.id AND i.state = 'batched'
            WHERE b.destination_id = ?1 AND b.state <> 'done')
        AND NOT EXISTS (SELECT 1 FROM pin_people m WHERE m.terminal_id = p.terminal_id AND m.pin = p.pin
            AND m.valid_from <= p.local_time AND m.valid_until > p.local_time
            AND m.person_id IN (SELECT v.person_id FROM batches b
                JOIN outbox i ON i.batch_id = b.id AND i.state = 'batched' JOIN person_versions v ON v.id = i.told_as
                WHERE b.destination_id = ?1 AND b.state <> 'done'))
        AND NOT EXISTS (SELECT 1 FROM pin_people m JOIN pin_people other ON other.person_id = m.person_id
            WHERE m.terminal_id = p.terminal_id AND m.pin = p.pin
                AND m.valid_from <= p.local_time AND m.valid_until > p.local_time
                AND other.pin IN (SELECT i.pin FROM batches b JOIN outbox i ON i.batch_id = b.id AND i.state = 'batched'
                    WHERE b.destination_id = ?1 AND b.state <> 'done'))
    ORDER BY o.punch_id LIMIT 1"
);
// Without being told, SQLite walks through all that waits.
const OWN_RETRY: &str = select_candidates!(
    ", o.due_at",
    "outbox o INDEXED BY outbox_own_schedule",
    "WHERE o.destination_id = ? AND o.state = 'waiting' AND o.due_at IS NOT NULL AND o.asked >= ? AND o.punch_id <= ?
    ORDER BY o.due_at LIMIT 1"
);

/// What is asked again and again, however much was delivered before.
#[cfg(test)]
pub(crate) const CLAIMS: [&str; 4] = [WAITING, ASKED, UNINVOLVED, OWN_RETRY];

impl Store {
    /// The oldest records that wait to be sent for the first time, in the order of arrival.
    pub async fn candidates(
        &self,
        destination: DestinationId,
        claim: Claim,
        limit: u32,
    ) -> Result<Vec<Candidate>> {
        let statement = match claim {
            Claim::All { .. } => WAITING,
            Claim::Asked => ASKED,
        };
        let rows: Vec<CandidateRow> = sqlx::query_as(statement)
            .bind(destination.0)
            .bind(claim.upto())
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        Ok(rows.into_iter().map(Candidate::from).collect())
    }

    /// The oldest waiting record of a person of whom nothing is in an open batch.
    pub async fn uninvolved_candidate(
        &self,
        destination: DestinationId,
        claim: Claim,
    ) -> Result<Option<Candidate>> {
        let row: Option<CandidateRow> = sqlx::query_as(UNINVOLVED)
            .bind(destination.0)
            .bind(claim.least_asked())
            .bind(claim.upto())
            .fetch_optional(self.reader())
            .await?;
        Ok(row.map(Candidate::from))
    }

    /// The record with a schedule of its own that is next, and when it is due.
    pub async fn next_own_retry(
        &self,
        destination: DestinationId,
        claim: Claim,
    ) -> Result<Option<(Candidate, Timestamp)>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            candidate: CandidateRow,
            due_at: i64,
        }
        let row: Option<Row> = sqlx::query_as(OWN_RETRY)
            .bind(destination.0)
            .bind(claim.least_asked())
            .bind(claim.upto())
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| Ok((row.candidate.into(), moment(row.due_at)?)))
            .transpose()
    }

    /// How many records stand where; does not look at those delivered one by one.
    pub async fn outbox_counts(&self, destination: DestinationId) -> Result<OutboxCounts> {
        const COUNT: &str = "SELECT
            (SELECT COUNT(*) FROM outbox WHERE destination_id = ?1 AND state = 'held'
                AND cause IS NOT 'unmapped'
                AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')) AS held,
            (SELECT COUNT(*) FROM outbox WHERE destination_id = ?1 AND state = 'held' AND cause = 'unmapped'
                AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')) AS unmapped,
            (SELECT COUNT(*) FROM outbox WHERE destination_id = ?1 AND state = 'waiting') AS waiting,
            (SELECT COALESCE(SUM(size), 0) FROM batches WHERE destination_id = ?1 AND state <> 'done') AS batched,
            (SELECT delivered_count FROM destinations WHERE id = ?1) AS delivered,
            (SELECT COUNT(*) FROM outbox WHERE destination_id = ?1 AND state = 'parked'
                AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')) AS parked,
            (SELECT COUNT(*) FROM outbox WHERE destination_id = ?1 AND state = 'withdrawn'
                AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')) AS withdrawn,
            (SELECT MIN(p.stored_at) FROM punches p WHERE p.id IN (
                SELECT MIN(first_punch_id) FROM batches WHERE destination_id = ?1 AND state <> 'done'
                UNION ALL
                SELECT MIN(punch_id) FROM outbox WHERE destination_id = ?1 AND state = 'waiting')) AS oldest_waiting";
        #[derive(sqlx::FromRow)]
        struct Row {
            held: i64,
            unmapped: i64,
            waiting: i64,
            batched: i64,
            delivered: Option<i64>,
            parked: i64,
            withdrawn: i64,
            oldest_waiting: Option<i64>,
        }
        let row: Row = sqlx::query_as(COUNT)
            .bind(destination.0)
            .fetch_one(self.reader())
            .await?;
        let count = |value| narrow(value, "outbox count");
        Ok(OutboxCounts {
            held: count(row.held)?,
            unmapped: count(row.unmapped)?,
            waiting: count(row.waiting)?,
            batched: count(row.batched)?,
            delivered: count(row.delivered.unwrap_or(0))?,
            parked: count(row.parked)?,
            withdrawn: count(row.withdrawn)?,
            oldest_waiting: moment_opt(row.oldest_waiting)?,
        })
    }

    /// Records refused by themselves, newest first; `before` is the last id of the page before.
    pub async fn parked(
        &self,
        destination: DestinationId,
        before: Option<OutboxId>,
        limit: u32,
    ) -> Result<Vec<ParkedRecord>> {
        const SELECT: &str = "SELECT o.id, p.record_id, o.terminal_id, o.pin, v.person_id, p.person_name, p.local_time, o.reason,
                o.done_at
            FROM outbox o JOIN shown_punches p ON p.id = o.punch_id LEFT JOIN person_versions v ON v.id = o.told_as
            WHERE o.destination_id = ? AND o.state = 'parked' AND (o.state = 'held' OR o.state = 'parked' OR o.state = 'withdrawn')
                AND o.id < ? ORDER BY o.id DESC LIMIT ?";
        let rows: Vec<ParkedRow> = sqlx::query_as(SELECT)
            .bind(destination.0)
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(ParkedRecord::try_from).collect()
    }
}

/// Withdraws waiting records from before `start` that nobody asked for, at most `limit` (-1: all); gives their number.
pub(crate) async fn withdraw_earlier(
    conn: &mut SqliteConnection,
    destination: DestinationId,
    start: LocalTime,
    now: Timestamp,
    limit: i64,
) -> Result<u64> {
    const WITHDRAW: &str = "UPDATE outbox
        SET state = 'withdrawn', done_at = ?3, reason = 'before start_from', cause = 'earlier', due_at = NULL
        WHERE id IN (SELECT o.id FROM outbox o JOIN shown_punches p ON p.id = o.punch_id
            WHERE o.destination_id = ?1 AND o.state = 'waiting' AND o.asked = 0 AND p.local_time < ?2 LIMIT ?4)";
    Ok(sqlx::query(WITHDRAW)
        .bind(destination.0)
        .bind(start.to_string())
        .bind(now.as_millisecond())
        .bind(limit)
        .execute(conn)
        .await?
        .rows_affected())
}

impl Claim {
    /// All that waits.
    pub const EVERYTHING: Self = Self::All { upto: None };

    fn least_asked(self) -> i64 {
        match self {
            Self::All { .. } => 0,
            Self::Asked => 1,
        }
    }

    fn upto(self) -> i64 {
        match self {
            Self::All { upto: Some(punch) } => punch.0,
            Self::All { upto: None } | Self::Asked => i64::MAX,
        }
    }
}

impl Whose {
    pub(crate) fn of(person: Option<PersonId>, pin: &str) -> Self {
        person.map_or_else(|| Self::Pin(pin.to_owned()), Self::Person)
    }
}

impl Candidate {
    pub fn whose(&self) -> Whose {
        Whose::of(self.person, &self.pin)
    }
}

impl ParkedRecord {
    pub fn whose(&self) -> Whose {
        Whose::of(self.person, self.pin.as_str())
    }
}

impl From<CandidateRow> for Candidate {
    fn from(row: CandidateRow) -> Self {
        Self {
            id: OutboxId(row.id),
            punch_id: PunchId(row.punch_id),
            record_id: RecordId::from_stored(row.record_id),
            terminal_id: TerminalId(row.terminal_id),
            pin: row.pin,
            person: row.person_id.map(PersonId),
        }
    }
}

impl TryFrom<ParkedRow> for ParkedRecord {
    type Error = StoreError;

    fn try_from(row: ParkedRow) -> Result<Self> {
        Ok(Self {
            id: OutboxId(row.id),
            record_id: RecordId::from_stored(row.record_id),
            terminal_id: TerminalId(row.terminal_id),
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            person: row.person_id.map(PersonId),
            person_name: row.person_name,
            local_time: local_time(&row.local_time)?,
            reason: row.reason,
            since: moment_opt(row.done_at)?,
        })
    }
}

//! The queue of a destination, record by record, as people look at it.

use domain::{BatchId, DestinationId, LocalTime, OutboxId, Pin, PunchId, RecordId, TerminalId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Store, StoreError,
    columns::{json, local_time, moment_opt, narrow},
};

/// Where a record stands on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Its time cannot be right; a person decides.
    Held,
    Waiting,
    /// In a batch that is being sent or will be sent again.
    Batched,
    Delivered,
    /// Refused by itself.
    Parked,
    /// Not wanted any more.
    Withdrawn,
}

/// One record on its way to one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: OutboxId,
    pub punch_id: PunchId,
    pub record_id: RecordId,
    pub terminal_id: TerminalId,
    pub pin: Pin,
    pub person_name: String,
    pub local_time: LocalTime,
    pub state: DeliveryState,
    /// The batch that it is in or was in last.
    pub batch_id: Option<BatchId>,
    /// When it is tried again by itself, having failed while others passed.
    pub due_at: Option<Timestamp>,
    pub tries: u32,
    pub first_failed_at: Option<Timestamp>,
    /// A person asked for it.
    pub asked: bool,
    /// Later ones of the same person may have been sent before it.
    pub late: bool,
    pub in_doubt: bool,
    /// Why it is parked or withdrawn, as a code and in words.
    pub cause: Option<String>,
    pub reason: Option<String>,
    pub done_at: Option<Timestamp>,
}

/// Where a page of deliveries ended. It means something within one state only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryCursor(pub i64);

/// Records that stand aside for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseCount {
    pub cause: Option<String>,
    pub reason: Option<String>,
    pub count: u64,
    pub newest: Option<Timestamp>,
}

macro_rules! select_deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.punch_id, p.record_id, o.terminal_id, o.pin, p.person_name, p.local_time, o.state, o.batch_id,
                o.due_at, o.tries, o.first_failed_at, o.asked, o.late, o.in_doubt, o.cause, o.reason, o.done_at
            FROM outbox o JOIN shown_punches p ON p.id = o.punch_id ",
            $rest
        )
    };
}

const ALL: &str = select_deliveries!(
    "WHERE o.destination_id = ?1 AND o.punch_id < ?2 ORDER BY o.punch_id DESC LIMIT ?3"
);
const SET_ASIDE: &str = select_deliveries!(
    "WHERE o.destination_id = ?1 AND o.state = ?4 AND (o.state = 'held' OR o.state = 'parked' OR o.state = 'withdrawn') AND o.id < ?2
        AND (?5 IS NULL OR o.cause = ?5)
    ORDER BY o.id DESC LIMIT ?3"
);
const WAITING: &str = select_deliveries!(
    "WHERE o.destination_id = ?1 AND o.state = 'waiting' AND o.punch_id < ?2 ORDER BY o.punch_id DESC LIMIT ?3"
);
const BATCHED: &str = select_deliveries!(
    "WHERE o.state = 'batched' AND o.batch_id IN (SELECT id FROM batches WHERE destination_id = ?1 AND state <> 'done')
        AND o.punch_id < ?2
    ORDER BY o.punch_id DESC LIMIT ?3"
);
const DELIVERED: &str = select_deliveries!(
    "WHERE o.destination_id = ?1 AND o.punch_id < ?2 AND o.state = 'delivered' ORDER BY o.punch_id DESC LIMIT ?3"
);
const OF_PUNCH: &str = select_deliveries!("WHERE o.destination_id = ? AND o.punch_id = ?");
const OF_PUNCHES: &str = select_deliveries!(
    "WHERE o.destination_id = ?1 AND o.punch_id IN (SELECT value FROM json_each(?2))"
);

#[cfg(test)]
pub(crate) const LOOKS: [&str; 6] = [ALL, SET_ASIDE, WAITING, DELIVERED, OF_PUNCH, OF_PUNCHES];

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    punch_id: i64,
    record_id: String,
    terminal_id: i64,
    pin: String,
    person_name: String,
    local_time: String,
    state: String,
    batch_id: Option<i64>,
    due_at: Option<i64>,
    tries: i64,
    first_failed_at: Option<i64>,
    asked: bool,
    late: bool,
    in_doubt: bool,
    cause: Option<String>,
    reason: Option<String>,
    done_at: Option<i64>,
}

impl Store {
    /// A destination's records, newest first; `cause` is looked at for those that were set aside only.
    pub async fn deliveries(
        &self,
        destination: DestinationId,
        state: Option<DeliveryState>,
        cause: Option<&str>,
        before: Option<DeliveryCursor>,
        limit: u32,
    ) -> Result<Vec<Delivery>> {
        let statement = match state {
            None => ALL,
            Some(DeliveryState::Held | DeliveryState::Parked | DeliveryState::Withdrawn) => {
                SET_ASIDE
            }
            Some(DeliveryState::Waiting) => WAITING,
            Some(DeliveryState::Batched) => BATCHED,
            Some(DeliveryState::Delivered) => DELIVERED,
        };
        let rows: Vec<Row> = sqlx::query_as(statement)
            .bind(destination.0)
            .bind(before.map_or(i64::MAX, |cursor| cursor.0))
            .bind(limit)
            .bind(state.map(DeliveryState::as_str))
            .bind(cause)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Delivery::try_from).collect()
    }

    /// Where one punch stands on its way to one destination; `None` when it was never queued.
    pub async fn delivery(
        &self,
        destination: DestinationId,
        punch: PunchId,
    ) -> Result<Option<Delivery>> {
        let row: Option<Row> = sqlx::query_as(OF_PUNCH)
            .bind(destination.0)
            .bind(punch.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(Delivery::try_from).transpose()
    }

    /// Where punches stand on their way to one destination; what was never queued is left out.
    pub async fn deliveries_of(
        &self,
        destination: DestinationId,
        punches: &[PunchId],
    ) -> Result<Vec<Delivery>> {
        let punches = json(&punches.iter().map(|id| id.0).collect::<Vec<_>>())?;
        let rows: Vec<Row> = sqlx::query_as(OF_PUNCHES)
            .bind(destination.0)
            .bind(punches)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Delivery::try_from).collect()
    }

    /// Why records are parked, the most frequent cause first.
    pub async fn parked_causes(
        &self,
        destination: DestinationId,
        limit: u32,
    ) -> Result<Vec<CauseCount>> {
        #[derive(sqlx::FromRow)]
        struct Group {
            cause: Option<String>,
            reason: Option<String>,
            count: i64,
            newest: Option<i64>,
        }
        const SELECT: &str = "SELECT cause, reason, COUNT(*) AS count, MAX(done_at) AS newest FROM outbox
            WHERE destination_id = ? AND state = 'parked' AND (state = 'held' OR state = 'parked' OR state = 'withdrawn')
            GROUP BY cause, reason ORDER BY count DESC, newest DESC LIMIT ?";
        let rows: Vec<Group> = sqlx::query_as(SELECT)
            .bind(destination.0)
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(CauseCount {
                    cause: row.cause,
                    reason: row.reason,
                    count: narrow(row.count, "outbox count")?,
                    newest: moment_opt(row.newest)?,
                })
            })
            .collect()
    }
}

impl Delivery {
    /// What a page that ends with this gives to the next one.
    pub fn cursor(&self, state: Option<DeliveryState>) -> DeliveryCursor {
        match state {
            Some(DeliveryState::Held | DeliveryState::Parked | DeliveryState::Withdrawn) => {
                DeliveryCursor(self.id.0)
            }
            None
            | Some(DeliveryState::Waiting | DeliveryState::Batched | DeliveryState::Delivered) => {
                DeliveryCursor(self.punch_id.0)
            }
        }
    }
}

impl DeliveryState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Batched => "batched",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn read(word: &str) -> Result<Self> {
        match word {
            "held" => Ok(Self::Held),
            "waiting" => Ok(Self::Waiting),
            "batched" => Ok(Self::Batched),
            "delivered" => Ok(Self::Delivered),
            "parked" => Ok(Self::Parked),
            "withdrawn" => Ok(Self::Withdrawn),
            other => Err(StoreError::damaged(format!(
                "{other:?} is no state of a record"
            ))),
        }
    }
}

impl TryFrom<Row> for Delivery {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: OutboxId(row.id),
            punch_id: PunchId(row.punch_id),
            record_id: RecordId::from_stored(row.record_id),
            terminal_id: TerminalId(row.terminal_id),
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            person_name: row.person_name,
            local_time: local_time(&row.local_time)?,
            state: DeliveryState::read(&row.state)?,
            batch_id: row.batch_id.map(BatchId),
            due_at: moment_opt(row.due_at)?,
            tries: narrow(row.tries, "outbox.tries")?,
            first_failed_at: moment_opt(row.first_failed_at)?,
            asked: row.asked,
            late: row.late,
            in_doubt: row.in_doubt,
            cause: row.cause,
            reason: row.reason,
            done_at: moment_opt(row.done_at)?,
        })
    }
}

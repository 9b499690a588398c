//! The corrections that were made, for people to look through.

use domain::{LocalTime, Pin, PunchId, RecordId, TerminalId, TimeFlag};
use jiff::Timestamp;

use crate::{
    Result, Store, StoreError,
    columns::{local_time, moment, second},
    punch_list::flag,
};

/// What is known better of one punch since then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub id: i64,
    pub punch_id: PunchId,
    pub record_id: RecordId,
    pub terminal_id: TerminalId,
    pub pin: Pin,
    pub kind: CorrectionKind,
    /// As the terminal gave it.
    pub given_time: LocalTime,
    pub local_time: LocalTime,
    pub zone: String,
    pub instant: Timestamp,
    pub flag: TimeFlag,
    pub by: String,
    pub reason: String,
    pub made_at: Timestamp,
}

/// What a correction comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionKind {
    /// The row of the log says otherwise than the live event did.
    Log,
    /// Somebody released a punch that was held.
    Release,
    /// The terminal is in another zone.
    Zone,
    /// Its bytes are understood otherwise.
    Decode,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    punch_id: i64,
    record_id: String,
    terminal_id: i64,
    pin: String,
    kind: String,
    given_time: String,
    local_time: String,
    zone: String,
    instant: i64,
    flag: String,
    by: String,
    reason: String,
    made_at: i64,
}

impl Store {
    /// Newest first, of one terminal or all; `before` is the last id of the page before.
    pub async fn corrections(
        &self,
        terminal: Option<TerminalId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Correction>> {
        const SELECT: &str = "SELECT c.id, c.punch_id, p.record_id, p.terminal_id, p.pin, c.kind,
                p.local_time AS given_time, c.local_time, c.zone, c.instant, c.flag, c.by, c.reason, c.made_at
            FROM corrections c JOIN punches p ON p.id = c.punch_id
            WHERE c.id < ?2 AND (?1 IS NULL OR p.terminal_id = ?1) ORDER BY c.id DESC LIMIT ?3";
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(terminal.map(|id| id.0))
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Correction::try_from).collect()
    }
}

impl CorrectionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Release => "release",
            Self::Zone => "zone",
            Self::Decode => "decode",
        }
    }

    fn from_stored(word: &str) -> Result<Self> {
        match word {
            "log" => Ok(Self::Log),
            "release" => Ok(Self::Release),
            "zone" => Ok(Self::Zone),
            "decode" => Ok(Self::Decode),
            other => Err(StoreError::damaged(format!(
                "{other:?} is no kind of correction"
            ))),
        }
    }
}

impl TryFrom<Row> for Correction {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            punch_id: PunchId(row.punch_id),
            record_id: RecordId::from_stored(row.record_id),
            terminal_id: TerminalId(row.terminal_id),
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            kind: CorrectionKind::from_stored(&row.kind)?,
            given_time: local_time(&row.given_time)?,
            local_time: local_time(&row.local_time)?,
            zone: row.zone,
            instant: second(row.instant)?,
            flag: flag(&row.flag)?,
            by: row.by,
            reason: row.reason,
            made_at: moment(row.made_at)?,
        })
    }
}

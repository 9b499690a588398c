//! Reading the ledger, page by page.

use domain::{
    LocalTime, Pin, Punch, PunchId, PunchState, RecordId, Source, TerminalId, TimeFlag, TimeRange,
};
use jiff::Timestamp;

use crate::{
    Result, Store, StoreError,
    columns::{json, local_time, moment, narrow},
};

/// Which punches are meant; an empty filter means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PunchFilter {
    pub range: TimeRange,
    /// PINs; empty means everybody.
    pub people: Vec<String>,
    pub terminal: Option<TerminalId>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PunchCursor {
    pub local_time: LocalTime,
    pub id: PunchId,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    record_id: String,
    terminal_id: i64,
    pin: String,
    local_time: String,
    state: i64,
    verify: i64,
    work_code: i64,
    zone: String,
    instant: i64,
    flag: String,
    source: String,
    person_name: String,
    stored_at: i64,
}

/// A statement over the punches between two places, (?1, ?2) and (?3, ?4), both left out. Few people are looked up one
/// by one; for many, or all, it walks along the time.
macro_rules! between {
    ($what:literal, $index:literal, $people:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM punches INDEXED BY ",
            $index,
            " WHERE (local_time, id) > (?1, ?2) AND (local_time, id) < (?3, ?4)
                AND (?5 IS NULL OR terminal_id = ?5) AND ",
            $people,
            $rest
        )
    };
}

macro_rules! along_time {
    ($what:literal, $rest:literal) => {
        between!(
            $what,
            "punches_by_time",
            "(?6 IS NULL OR pin IN (SELECT value FROM json_each(?6))) ",
            $rest
        )
    };
}

macro_rules! of_few {
    ($what:literal, $rest:literal) => {
        between!(
            $what,
            "punches_by_pin",
            "pin IN (SELECT value FROM json_each(?6)) ",
            $rest
        )
    };
}

macro_rules! page {
    ($kind:ident, $order:literal) => {
        $kind!(
            "id, record_id, terminal_id, pin, local_time, state, verify, work_code, zone, instant, flag, source,
                person_name, stored_at",
            $order
        )
    };
}

const ASCENDING: &str = page!(along_time, "ORDER BY local_time, id LIMIT ?7");
const DESCENDING: &str = page!(along_time, "ORDER BY local_time DESC, id DESC LIMIT ?7");
const COUNT: &str = along_time!("COUNT(*)", "");
const ASCENDING_OF_FEW: &str = page!(of_few, "ORDER BY local_time, id LIMIT ?7");
const DESCENDING_OF_FEW: &str = page!(of_few, "ORDER BY local_time DESC, id DESC LIMIT ?7");
const COUNT_OF_FEW: &str = of_few!("COUNT(*)", "");

/// Up to so many people each page sorts all that there is of them.
const FEW: usize = 20;

/// What pages are read with.
#[cfg(test)]
pub(crate) const PAGES: [&str; 2] = [ASCENDING, DESCENDING];
#[cfg(test)]
pub(crate) const PAGES_OF_FEW: [&str; 2] = [ASCENDING_OF_FEW, DESCENDING_OF_FEW];

/// Sorts before and after every local time.
const FIRST: &str = "";
const LAST: &str = "9999-12-31 23:59:59";

/// The place between two punches of the order by time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place(String, i64);

impl Store {
    /// Oldest local time first; `after` is the last punch of the page before.
    pub async fn punches(
        &self,
        filter: &PunchFilter,
        after: Option<PunchCursor>,
        limit: u32,
    ) -> Result<Vec<Punch>> {
        let from = filter
            .start()
            .max(after.map_or_else(Place::first, Place::of));
        self.page(
            filter.choose(ASCENDING, ASCENDING_OF_FEW),
            filter,
            from,
            filter.end(),
            limit,
        )
        .await
    }

    /// Newest local time first; `before` is the last punch of the page before.
    pub async fn latest_punches(
        &self,
        filter: &PunchFilter,
        before: Option<PunchCursor>,
        limit: u32,
    ) -> Result<Vec<Punch>> {
        let to = filter.end().min(before.map_or_else(Place::last, Place::of));
        self.page(
            filter.choose(DESCENDING, DESCENDING_OF_FEW),
            filter,
            filter.start(),
            to,
            limit,
        )
        .await
    }

    pub async fn count_punches(&self, filter: &PunchFilter) -> Result<u64> {
        let (from, to) = (filter.start(), filter.end());
        let count: i64 = sqlx::query_scalar(filter.choose(COUNT, COUNT_OF_FEW))
            .bind(from.0)
            .bind(from.1)
            .bind(to.0)
            .bind(to.1)
            .bind(filter.terminal.map(|id| id.0))
            .bind(filter.people_json()?)
            .fetch_one(self.reader())
            .await?;
        narrow(count, "count of punches")
    }

    async fn page(
        &self,
        statement: &'static str,
        filter: &PunchFilter,
        from: Place,
        to: Place,
        limit: u32,
    ) -> Result<Vec<Punch>> {
        let rows: Vec<Row> = sqlx::query_as(statement)
            .bind(from.0)
            .bind(from.1)
            .bind(to.0)
            .bind(to.1)
            .bind(filter.terminal.map(|id| id.0))
            .bind(filter.people_json()?)
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Punch::try_from).collect()
    }
}

impl PunchFilter {
    fn choose(&self, along_time: &'static str, of_few: &'static str) -> &'static str {
        if (1..=FEW).contains(&self.people.len()) {
            of_few
        } else {
            along_time
        }
    }

    fn start(&self) -> Place {
        self.range
            .from
            .map_or_else(Place::first, |from| Place(from.to_string(), 0))
    }

    fn end(&self) -> Place {
        self.range
            .to
            .map_or_else(Place::last, |to| Place(to.to_string(), i64::MAX))
    }

    pub(crate) fn people_json(&self) -> Result<Option<String>> {
        if self.people.is_empty() {
            Ok(None)
        } else {
            json(&self.people).map(Some)
        }
    }
}

impl Place {
    fn first() -> Self {
        Self(FIRST.to_owned(), 0)
    }

    fn last() -> Self {
        Self(LAST.to_owned(), i64::MAX)
    }

    fn of(cursor: PunchCursor) -> Self {
        Self(cursor.local_time.to_string(), cursor.id.0)
    }
}

impl From<&Punch> for PunchCursor {
    fn from(punch: &Punch) -> Self {
        Self {
            local_time: punch.local_time,
            id: punch.id,
        }
    }
}

impl TryFrom<Row> for Punch {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: PunchId(row.id),
            terminal_id: TerminalId(row.terminal_id),
            record_id: RecordId::from_stored(row.record_id),
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            local_time: local_time(&row.local_time)?,
            state: PunchState::new(narrow(row.state, "punches.state")?),
            verify: narrow(row.verify, "punches.verify")?,
            work_code: narrow(row.work_code, "punches.work_code")?,
            zone: row.zone,
            instant: Timestamp::from_second(row.instant)
                .map_err(|_| StoreError::damaged(format!("{} is no instant", row.instant)))?,
            flag: flag(&row.flag)?,
            source: source(&row.source)?,
            person_name: row.person_name,
            stored_at: moment(row.stored_at)?,
        })
    }
}

fn flag(word: &str) -> Result<TimeFlag> {
    match word {
        "ok" => Ok(TimeFlag::Ok),
        "gap" => Ok(TimeFlag::Gap),
        "fold" => Ok(TimeFlag::Fold),
        "implausible" => Ok(TimeFlag::Implausible),
        other => Err(StoreError::damaged(format!(
            "{other:?} is no flag of a time"
        ))),
    }
}

fn source(word: &str) -> Result<Source> {
    match word {
        "pull" => Ok(Source::Pull),
        "live" => Ok(Source::Live),
        "push" => Ok(Source::Push),
        "import" => Ok(Source::Import),
        other => Err(StoreError::damaged(format!(
            "{other:?} is no source of a punch"
        ))),
    }
}

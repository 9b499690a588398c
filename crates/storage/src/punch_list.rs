//! Reading the ledger, page by page.

use domain::{
    LocalTime, Pin, Punch, PunchId, PunchState, RecordId, Source, TerminalId, TimeFlag, TimeRange,
};
use jiff::Timestamp;

use crate::{
    PeopleMeant, Result, Store, StoreError,
    columns::{json, local_time, moment, narrow},
    people::is_meant,
};

/// Which punches are meant; an empty filter means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PunchFilter {
    pub range: TimeRange,
    /// PINs; empty means everybody.
    pub people: Vec<String>,
    /// Of these PINs only the punches of some; see [`Store::of_people`].
    pub meant: Option<PeopleMeant>,
    pub terminal: Option<TerminalId>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PunchCursor {
    pub local_time: LocalTime,
    pub id: PunchId,
}

#[derive(sqlx::FromRow)]
pub(crate) struct PunchRow {
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
    ($what:literal, $index:literal, $corrections:literal, $people:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM punches p INDEXED BY ",
            $index,
            $corrections,
            " WHERE (p.local_time, p.id) > (?1, ?2) AND (p.local_time, p.id) < (?3, ?4)
                AND (?5 IS NULL OR p.terminal_id = ?5) AND ",
            $people,
            is_meant!("p.local_time"),
            $rest
        )
    };
}

macro_rules! along_time {
    ($what:literal, $corrections:literal, $rest:literal) => {
        between!(
            $what,
            "punches_by_time",
            $corrections,
            "(?6 IS NULL OR p.pin IN (SELECT value FROM json_each(?6))) ",
            $rest
        )
    };
}

macro_rules! of_few {
    ($what:literal, $corrections:literal, $rest:literal) => {
        between!(
            $what,
            "punches_identity",
            $corrections,
            "p.terminal_id IN (SELECT id FROM terminals) AND p.pin IN (SELECT value FROM json_each(?6)) ",
            $rest
        )
    };
}

/// Those whose local time is as the terminal gave it.
macro_rules! page {
    ($kind:ident, $order:literal) => {
        $kind!(
            "p.id, p.record_id, p.terminal_id, p.pin, p.local_time, COALESCE(c.state, p.state) AS state,
                COALESCE(c.verify, p.verify) AS verify, COALESCE(c.work_code, p.work_code) AS work_code,
                COALESCE(c.zone, p.zone) AS zone, COALESCE(c.instant, p.instant) AS instant,
                COALESCE(c.flag, p.flag) AS flag, p.source, p.person_name, p.stored_at",
            " LEFT JOIN corrections c ON c.id = (SELECT MAX(l.id) FROM corrections l WHERE l.punch_id = p.id)",
            $order
        )
    };
}

/// Those that were given another local time; there are few.
macro_rules! moved {
    ($what:literal, $time:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM corrections c INDEXED BY corrections_moved CROSS JOIN punches p ON p.id = c.punch_id
            WHERE c.moved = 1 AND c.id = (SELECT MAX(l.id) FROM corrections l WHERE l.punch_id = c.punch_id)
                AND (",
            $time,
            ", c.punch_id) > (?1, ?2) AND (",
            $time,
            ", c.punch_id) < (?3, ?4)
                AND (?5 IS NULL OR p.terminal_id = ?5)
                AND (?6 IS NULL OR p.pin IN (SELECT value FROM json_each(?6))) ",
            is_meant!($time),
            $rest
        )
    };
}

macro_rules! moved_page {
    ($order:literal) => {
        moved!(
            "p.id, p.record_id, p.terminal_id, p.pin, c.local_time, c.state, c.verify, c.work_code, c.zone, c.instant,
                c.flag, p.source, p.person_name, p.stored_at",
            "c.local_time",
            $order
        )
    };
}

/// A way through the punches: those where the terminal put them, and those that were moved.
struct Way {
    along_time: &'static str,
    of_few: &'static str,
    moved: &'static str,
}

const ASCENDING: Way = Way {
    along_time: page!(
        along_time,
        "AND COALESCE(c.moved, 0) = 0 ORDER BY p.local_time, p.id LIMIT ?7"
    ),
    of_few: page!(
        of_few,
        "AND COALESCE(c.moved, 0) = 0 ORDER BY p.local_time, p.id LIMIT ?7"
    ),
    moved: moved_page!("ORDER BY c.local_time, c.punch_id LIMIT ?7"),
};
const DESCENDING: Way = Way {
    along_time: page!(
        along_time,
        "AND COALESCE(c.moved, 0) = 0 ORDER BY p.local_time DESC, p.id DESC LIMIT ?7"
    ),
    of_few: page!(
        of_few,
        "AND COALESCE(c.moved, 0) = 0 ORDER BY p.local_time DESC, p.id DESC LIMIT ?7"
    ),
    moved: moved_page!("ORDER BY c.local_time DESC, c.punch_id DESC LIMIT ?7"),
};
const COUNT: &str = along_time!("COUNT(*)", "", "");
const COUNT_OF_FEW: &str = of_few!("COUNT(*)", "", "");
const COUNT_MOVED_HERE: &str = moved!("COUNT(*)", "c.local_time", "");
const COUNT_MOVED_AWAY: &str = moved!("COUNT(*)", "p.local_time", "");

/// Up to so many people each page sorts all that there is of them.
const FEW: usize = 20;

/// What pages are read with.
#[cfg(test)]
pub(crate) const PAGES: [&str; 2] = [ASCENDING.along_time, DESCENDING.along_time];
#[cfg(test)]
pub(crate) const PAGES_OF_FEW: [&str; 2] = [ASCENDING.of_few, DESCENDING.of_few];
#[cfg(test)]
pub(crate) const PAGES_OF_MOVED: [&str; 2] = [ASCENDING.moved, DESCENDING.moved];

/// Statements that count have no use for it.
pub(crate) const NO_LIMIT: i64 = -1;

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
        let mut punches = self
            .page(&ASCENDING, filter, from, filter.end(), limit)
            .await?;
        punches.sort_by_key(|punch| (punch.local_time, punch.id));
        punches.truncate(limit as usize);
        Ok(punches)
    }

    /// Newest local time first; `before` is the last punch of the page before.
    pub async fn latest_punches(
        &self,
        filter: &PunchFilter,
        before: Option<PunchCursor>,
        limit: u32,
    ) -> Result<Vec<Punch>> {
        let to = filter.end().min(before.map_or_else(Place::last, Place::of));
        let mut punches = self
            .page(&DESCENDING, filter, filter.start(), to, limit)
            .await?;
        punches.sort_by_key(|punch| std::cmp::Reverse((punch.local_time, punch.id)));
        punches.truncate(limit as usize);
        Ok(punches)
    }

    /// As it is shown, with its last correction.
    pub async fn punch(&self, id: PunchId) -> Result<Option<Punch>> {
        const SELECT: &str =
            "SELECT id, record_id, terminal_id, pin, local_time, state, verify, work_code, zone, instant,
                flag, source, person_name, stored_at FROM shown_punches WHERE id = ?";
        let row: Option<PunchRow> = sqlx::query_as(SELECT)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(Punch::try_from).transpose()
    }

    pub async fn count_punches(&self, filter: &PunchFilter) -> Result<u64> {
        let (here, away) = (COUNT_MOVED_HERE, COUNT_MOVED_AWAY);
        let mut counts = [0_i64; 3];
        for (count, statement) in
            counts
                .iter_mut()
                .zip([filter.choose(COUNT, COUNT_OF_FEW), here, away])
        {
            let (from, to) = (filter.start(), filter.end());
            *count = sqlx::query_scalar(statement)
                .bind(from.0)
                .bind(from.1)
                .bind(to.0)
                .bind(to.1)
                .bind(filter.terminal.map(|id| id.0))
                .bind(filter.people_json()?)
                .bind(NO_LIMIT)
                .bind(PeopleMeant::json(filter.meant.as_ref())?)
                .fetch_one(self.reader())
                .await?;
        }
        let [where_they_were, here, away] = counts;
        narrow(where_they_were + here - away, "count of punches")
    }

    /// As many as one page may take of either kind; still to be put in order.
    async fn page(
        &self,
        way: &Way,
        filter: &PunchFilter,
        from: Place,
        to: Place,
        limit: u32,
    ) -> Result<Vec<Punch>> {
        let mut punches = Vec::new();
        for statement in [filter.choose(way.along_time, way.of_few), way.moved] {
            let rows: Vec<PunchRow> = sqlx::query_as(statement)
                .bind(&from.0)
                .bind(from.1)
                .bind(&to.0)
                .bind(to.1)
                .bind(filter.terminal.map(|id| id.0))
                .bind(filter.people_json()?)
                .bind(limit)
                .bind(PeopleMeant::json(filter.meant.as_ref())?)
                .fetch_all(self.reader())
                .await?;
            punches.reserve(rows.len());
            for row in rows {
                punches.push(row.try_into()?);
            }
        }
        Ok(punches)
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

impl TryFrom<PunchRow> for Punch {
    type Error = StoreError;

    fn try_from(row: PunchRow) -> Result<Self> {
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

pub(crate) fn flag(word: &str) -> Result<TimeFlag> {
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

pub(crate) fn source(word: &str) -> Result<Source> {
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

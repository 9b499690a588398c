//! What is known better of punches than their terminal knew. The punches themselves stay; a correction is added, and the
//! last one of each is what people and receivers see.

use std::collections::HashMap;

use domain::{LocalTime, Pin, Punch, PunchId, TerminalId, TimeFlag, TimeRange};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sqlx::SqliteConnection;

use crate::{
    PeopleMeant, Result, Store, StoreError, Weight,
    columns::{json, narrow},
    people::is_meant,
    punch_list::{NO_LIMIT, PunchRow},
    queueing::queue_released,
};

/// Which of the punches that wait for a person because of their time; an empty filter means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeldFilter {
    pub terminal: Option<TerminalId>,
    /// Empty means everybody.
    pub people: Vec<Pin>,
    /// Of these PINs only the punches of some; see [`Store::of_people`].
    pub meant: Option<PeopleMeant>,
    /// By the time that the terminal gave.
    pub range: TimeRange,
    /// Just these; empty means all.
    pub punches: Vec<PunchId>,
}

/// What a release came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Released {
    pub punches: u64,
    /// Outbox rows that wait to be sent now.
    pub queued: u64,
    /// Punches that stay held, because their time moved by the shift is no time any more.
    pub left: u64,
}

/// Punches that one transaction corrects.
const CHUNK: u32 = 1_000;

macro_rules! held {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM punches raw INDEXED BY punches_implausible CROSS JOIN shown_punches p ON p.id = raw.id
            WHERE raw.flag = 'implausible' AND raw.id > ?1 AND p.flag = 'implausible'
                AND (?2 IS NULL OR raw.terminal_id = ?2)
                AND (?3 IS NULL OR raw.pin IN (SELECT value FROM json_each(?3)))
                AND (?4 IS NULL OR raw.local_time >= ?4) AND (?5 IS NULL OR raw.local_time <= ?5)
                AND (?6 IS NULL OR raw.id IN (SELECT value FROM json_each(?6))) ",
            is_meant!("p.local_time"),
            $rest
        )
    };
}

/// A correction as the statement takes it: punch, local time, zone, instant, flag.
type Row = (i64, String, String, i64, &'static str);

impl Store {
    /// In the order of the ledger; `after` is the last one of the page before.
    pub async fn held_punches(
        &self,
        filter: &HeldFilter,
        after: Option<PunchId>,
        limit: u32,
    ) -> Result<Vec<Punch>> {
        const SELECT: &str = held!(
            "p.id, p.record_id, p.terminal_id, p.pin, p.local_time, p.state, p.verify, p.work_code, p.zone, p.instant,
                p.flag, p.source, p.person_name, p.stored_at",
            "ORDER BY raw.id LIMIT ?7"
        );
        let rows: Vec<PunchRow> = sqlx::query_as(SELECT)
            .bind(after.map_or(0, |id| id.0))
            .bind(filter.terminal.map(|id| id.0))
            .bind(filter.people_json()?)
            .bind(filter.range.from.map(|from| from.to_string()))
            .bind(filter.range.to.map(|to| to.to_string()))
            .bind(filter.punches_json()?)
            .bind(limit)
            .bind(PeopleMeant::json(filter.meant.as_ref())?)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Punch::try_from).collect()
    }

    pub async fn count_held(&self, filter: &HeldFilter) -> Result<u64> {
        const COUNT: &str = held!("COUNT(*)", "");
        let count: i64 = sqlx::query_scalar(COUNT)
            .bind(0)
            .bind(filter.terminal.map(|id| id.0))
            .bind(filter.people_json()?)
            .bind(filter.range.from.map(|from| from.to_string()))
            .bind(filter.range.to.map(|to| to.to_string()))
            .bind(filter.punches_json()?)
            .bind(NO_LIMIT)
            .bind(PeopleMeant::json(filter.meant.as_ref())?)
            .fetch_one(self.reader())
            .await?;
        narrow(count, "count of punches")
    }

    /// Lets punches go whose time could not be right, as it is or moved by `shift` where the terminal's clock was wrong.
    /// They wait for every destination that wants them with their time as it is now; record ids stay.
    ///
    /// Many go in several transactions; what a failure leaves out can be released again.
    pub async fn release(
        &self,
        filter: HeldFilter,
        shift: Option<SignedDuration>,
        by: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<Released> {
        let mut zones = Zones::default();
        let mut total = Released::default();
        let mut after = None;
        loop {
            let held = self.held_punches(&filter, after, CHUNK).await?;
            let Some(last) = held.last() else {
                return Ok(total);
            };
            after = Some(last.id);
            let mut rows: Vec<Row> = Vec::with_capacity(held.len());
            for punch in held {
                let time = match shift {
                    Some(shift) => punch.local_time.checked_add(shift),
                    None => Some(punch.local_time),
                };
                match time.and_then(|time| zones.row(&punch, time, &punch.zone)) {
                    Some(row) => rows.push(row),
                    None => total.left += 1,
                }
            }
            let done = self.release_some(json(&rows)?, by, reason, now).await?;
            total.punches += done.punches;
            total.queued += done.queued;
        }
    }

    async fn release_some(
        &self,
        rows: String,
        by: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<Released> {
        // Only what still is held: somebody else may have released it meanwhile.
        const CORRECT: &str = "INSERT INTO corrections (punch_id, kind, local_time, state, verify, work_code, zone, instant,
                flag, moved, by, reason, made_at)
            SELECT p.id, 'release', n.value ->> 1, p.state, p.verify, p.work_code, n.value ->> 2, n.value ->> 3,
                n.value ->> 4, n.value ->> 1 <> raw.local_time, ?2, ?3, ?4
            FROM json_each(?1) AS n CROSS JOIN shown_punches p ON p.id = n.value ->> 0
                CROSS JOIN punches raw ON raw.id = p.id
            WHERE p.flag = 'implausible' ORDER BY n.key";
        let (by, reason) = (by.to_owned(), reason.to_owned());
        self.write(Weight::outbox(i64::from(CHUNK)), move |conn| {
            Box::pin(async move {
                let last = last_correction(conn).await?;
                let punches = sqlx::query(CORRECT)
                    .bind(rows)
                    .bind(by)
                    .bind(reason)
                    .bind(now.as_millisecond())
                    .execute(&mut *conn)
                    .await?
                    .rows_affected();
                let queued = queue_released(conn, last, now).await?;
                Ok(Released {
                    punches,
                    queued,
                    left: 0,
                })
            })
        })
        .await
    }

    /// The terminal is in another zone, and was since `from` on its own clock: the instants of its punches from then on
    /// are corrected. Local times and record ids stay, and so does what was sent already. Gives the number of punches.
    ///
    /// Can be repeated where it was cut off.
    pub async fn change_zone(
        &self,
        terminal: TerminalId,
        zone: &str,
        from: LocalTime,
        by: &str,
        now: Timestamp,
    ) -> Result<u64> {
        const SET: &str = "UPDATE terminals SET zone = ? WHERE id = ?";
        const NEXT: &str = "SELECT p.id, p.record_id, p.terminal_id, p.pin, p.local_time, p.state, p.verify, p.work_code,
                p.zone, p.instant, p.flag, p.source, p.person_name, p.stored_at
            FROM shown_punches p
            WHERE p.id > ?1 AND p.terminal_id = ?2 AND p.local_time >= ?3 AND p.zone <> ?4 ORDER BY p.id LIMIT ?5";
        let mut zones = Zones::default();
        if zones.get(zone).is_none() {
            return Err(StoreError::conflict(format!(
                "{zone:?} is no time zone; write it as Asia/Baghdad"
            )));
        }
        let set = zone.to_owned();
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let done = sqlx::query(SET)
                    .bind(set)
                    .bind(terminal.0)
                    .execute(conn)
                    .await?;
                if done.rows_affected() == 0 {
                    Err(crate::terminals::unknown(terminal))
                } else {
                    Ok(())
                }
            })
        })
        .await?;
        let (mut corrected, mut after) = (0, 0);
        loop {
            let rows: Vec<PunchRow> = sqlx::query_as(NEXT)
                .bind(after)
                .bind(terminal.0)
                .bind(from.to_string())
                .bind(zone)
                .bind(CHUNK)
                .fetch_all(self.reader())
                .await?;
            let punches: Vec<Punch> = rows
                .into_iter()
                .map(Punch::try_from)
                .collect::<Result<_>>()?;
            let Some(last) = punches.last() else {
                return Ok(corrected);
            };
            after = last.id.0;
            let rows: Vec<Row> = punches
                .iter()
                .filter_map(|punch| zones.row(punch, punch.local_time, zone))
                .collect();
            corrected += self.rezone_some(json(&rows)?, by, now).await?;
        }
    }

    async fn rezone_some(&self, rows: String, by: &str, now: Timestamp) -> Result<u64> {
        const CORRECT: &str = "INSERT INTO corrections (punch_id, kind, local_time, state, verify, work_code, zone, instant,
                flag, moved, by, reason, made_at)
            SELECT p.id, 'zone', p.local_time, p.state, p.verify, p.work_code, n.value ->> 2, n.value ->> 3,
                CASE p.flag WHEN 'implausible' THEN p.flag ELSE n.value ->> 4 END, p.moved, ?2,
                'the terminal is in this zone', ?3
            FROM json_each(?1) AS n CROSS JOIN shown_punches p ON p.id = n.value ->> 0
            WHERE p.zone <> n.value ->> 2 AND p.local_time = n.value ->> 1 ORDER BY n.key";
        let by = by.to_owned();
        self.write(Weight::outbox(i64::from(CHUNK)), move |conn| {
            Box::pin(async move {
                Ok(sqlx::query(CORRECT)
                    .bind(rows)
                    .bind(by)
                    .bind(now.as_millisecond())
                    .execute(conn)
                    .await?
                    .rows_affected())
            })
        })
        .await
    }
}

async fn last_correction(conn: &mut SqliteConnection) -> Result<i64> {
    const LAST: &str = "SELECT COALESCE(MAX(id), 0) FROM corrections";
    Ok(sqlx::query_scalar(LAST).fetch_one(conn).await?)
}

/// Zones that were looked up already.
#[derive(Default)]
struct Zones(HashMap<String, Option<TimeZone>>);

impl Zones {
    fn get(&mut self, name: &str) -> Option<&TimeZone> {
        self.0
            .entry(name.to_owned())
            .or_insert_with(|| TimeZone::get(name).ok())
            .as_ref()
    }

    /// `None` where the time is none in that zone.
    fn row(&mut self, punch: &Punch, time: LocalTime, zone: &str) -> Option<Row> {
        let resolved = time.resolve(self.get(zone)?).ok()?;
        Some((
            punch.id.0,
            time.to_string(),
            zone.to_owned(),
            resolved.instant.as_second(),
            TimeFlag::as_str(resolved.flag),
        ))
    }
}

impl HeldFilter {
    fn people_json(&self) -> Result<Option<String>> {
        (!self.people.is_empty())
            .then(|| json(&self.people))
            .transpose()
    }

    fn punches_json(&self) -> Result<Option<String>> {
        (!self.punches.is_empty())
            .then(|| json(&self.punches))
            .transpose()
    }
}

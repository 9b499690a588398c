//! Punches that were told as they happened, and the rows of the log that say the same.
//!
//! A live event is a hint, the row is what counts. They meet by person and local time, whatever the state is: where the
//! row says otherwise, the punch is corrected; its record id stays and it is not queued again.

use std::collections::{HashMap, HashSet};

use domain::{LocalTime, NewPunch, PunchState, Source, TerminalId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result,
    columns::{hex, json},
};

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Met {
    pub(crate) matched: u64,
    pub(crate) corrected: u64,
}

#[derive(sqlx::FromRow)]
struct Unmatched {
    punch_id: i64,
    pin: String,
    local_time: String,
    state: u8,
}

/// Takes out those of the punches that were told before, and corrects what their rows say otherwise.
pub(crate) async fn match_rows(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    punches: Vec<NewPunch>,
    now: Timestamp,
) -> Result<(Vec<NewPunch>, Met)> {
    let (events, rows): (Vec<_>, Vec<_>) = punches
        .iter()
        .partition(|punch| punch.source == Source::Live);
    if !events.is_empty() {
        let late = rows_before(conn, terminal, &events).await?;
        let punches = punches
            .into_iter()
            .filter(|punch| punch.source != Source::Live || !late.contains(&key(punch)))
            .collect();
        // One read brings events or rows, never both.
        return Ok((punches, Met::default()));
    }
    let (Some(first), Some(last)) = (
        rows.iter().map(|row| row.local_time).min(),
        rows.iter().map(|row| row.local_time).max(),
    ) else {
        return Ok((punches, Met::default()));
    };
    let believed = believed(conn, terminal, first, last).await?;
    let unmatched = unmatched(conn, terminal, first, last).await?;
    if unmatched.is_empty() && believed.is_empty() {
        return Ok((punches, Met::default()));
    }
    let met = meet(unmatched, &punches);
    let corrected = settle(conn, &met, &punches, now).await?;
    let told: HashSet<usize> = met.iter().map(|(index, _)| *index).collect();
    let new = punches
        .into_iter()
        .enumerate()
        .filter(|(index, row)| {
            !told.contains(index) && !believed.contains(&(key(row), row.state.code()))
        })
        .map(|(_, punch)| punch)
        .collect();
    Ok((
        new,
        Met {
            matched: u64::try_from(told.len()).unwrap_or(u64::MAX),
            corrected,
        },
    ))
}

/// From now on the punches of events after a place in the ledger wait for their rows.
pub(crate) async fn await_rows(conn: &mut SqliteConnection, after: i64) -> Result<()> {
    const AWAIT: &str = "INSERT INTO unmatched_live (punch_id, terminal_id, local_time, pin, state)
        SELECT id, terminal_id, local_time, pin, state FROM punches WHERE id > ? AND source = 'live'";
    sqlx::query(AWAIT).bind(after).execute(conn).await?;
    Ok(())
}

type Key = (String, String);

fn key(punch: &NewPunch) -> Key {
    (punch.pin.to_string(), punch.local_time.to_string())
}

/// Of whom and when the ledger has the row already, before the event came through.
async fn rows_before(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    events: &[&NewPunch],
) -> Result<HashSet<Key>> {
    const SELECT: &str = "SELECT p.pin, p.local_time FROM json_each(?2) AS n
        JOIN punches p ON p.terminal_id = ?1 AND p.pin = n.value ->> 0 AND p.local_time = n.value ->> 1
        WHERE NOT EXISTS (SELECT 1 FROM unmatched_live u WHERE u.punch_id = p.id)";
    let asked: Vec<_> = events.iter().map(|punch| key(punch)).collect();
    let found: Vec<Key> = sqlx::query_as(SELECT)
        .bind(terminal.0)
        .bind(json(&asked)?)
        .fetch_all(conn)
        .await?;
    Ok(found.into_iter().collect())
}

/// What waits for its row in the time of these rows, oldest first.
async fn unmatched(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    first: LocalTime,
    last: LocalTime,
) -> Result<Vec<Unmatched>> {
    const SELECT: &str = "SELECT punch_id, pin, local_time, state FROM unmatched_live
        WHERE terminal_id = ? AND local_time BETWEEN ? AND ? ORDER BY punch_id";
    Ok(sqlx::query_as(SELECT)
        .bind(terminal.0)
        .bind(first.to_string())
        .bind(last.to_string())
        .fetch_all(conn)
        .await?)
}

/// Rows in which the log said otherwise than a live event, and was believed. Should they come in other bytes, after an
/// update of the terminal, they are not new.
async fn believed(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    first: LocalTime,
    last: LocalTime,
) -> Result<HashSet<(Key, u8)>> {
    const SELECT: &str = "SELECT p.pin, p.local_time, c.state
        FROM corrections c INDEXED BY corrections_by_log CROSS JOIN punches p ON p.id = c.punch_id
        WHERE c.kind = 'log' AND c.local_time BETWEEN ?2 AND ?3 AND p.terminal_id = ?1";
    let rows: Vec<(String, String, u8)> = sqlx::query_as(SELECT)
        .bind(terminal.0)
        .bind(first.to_string())
        .bind(last.to_string())
        .fetch_all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(pin, time, state)| ((pin, time), state))
        .collect())
}

/// Which row, by its place, is which punch. A row that says exactly the same comes first, so that of two rows within one
/// second each finds its own event.
fn meet(unmatched: Vec<Unmatched>, rows: &[NewPunch]) -> Vec<(usize, i64)> {
    let mut waiting: HashMap<Key, Vec<(i64, PunchState)>> = HashMap::new();
    for punch in unmatched {
        waiting
            .entry((punch.pin, punch.local_time))
            .or_default()
            .push((punch.punch_id, PunchState::new(punch.state)));
    }
    let mut met = Vec::new();
    let mut others = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(there) = waiting.get_mut(&key(row)) else {
            continue;
        };
        match there.iter().position(|(_, state)| *state == row.state) {
            Some(same) => met.push((index, there.remove(same).0)),
            None => others.push(index),
        }
    }
    for index in others {
        let there = rows.get(index).and_then(|row| waiting.get_mut(&key(row)));
        if let Some(there) = there.filter(|there| !there.is_empty()) {
            met.push((index, there.remove(0).0));
        }
    }
    met
}

/// Nothing waits any more for these rows; where they say otherwise than their events did, they are believed. Gives the
/// number of corrections.
async fn settle(
    conn: &mut SqliteConnection,
    met: &[(usize, i64)],
    rows: &[NewPunch],
    now: Timestamp,
) -> Result<u64> {
    const FORGET: &str = "DELETE FROM unmatched_live
        WHERE punch_id IN (SELECT n.value ->> 0 FROM json_each(?) AS n)";
    const CORRECT: &str = "INSERT INTO corrections (punch_id, kind, local_time, state, verify, work_code, zone, instant,
            flag, moved, by, reason, raw, made_at)
        SELECT p.id, 'log', p.local_time, n.value ->> 1, n.value ->> 2, n.value ->> 3, p.zone, p.instant, p.flag,
            p.moved, 'log', 'the log of the terminal says otherwise than its live event', unhex(n.value ->> 4), ?2
        FROM json_each(?1) AS n JOIN shown_punches p ON p.id = n.value ->> 0
        WHERE (p.state, p.verify, p.work_code) <> (n.value ->> 1, n.value ->> 2, n.value ->> 3)
        ORDER BY n.key";
    let pairs: Vec<_> = met
        .iter()
        .filter_map(|(index, punch)| rows.get(*index).map(|row| (punch, row)))
        .map(|(punch, row)| {
            (
                punch,
                row.state.code(),
                row.verify,
                row.work_code,
                hex(&row.raw),
            )
        })
        .collect();
    let pairs = json(&pairs)?;
    sqlx::query(FORGET).bind(&pairs).execute(&mut *conn).await?;
    Ok(sqlx::query(CORRECT)
        .bind(pairs)
        .bind(now.as_millisecond())
        .execute(conn)
        .await?
        .rows_affected())
}

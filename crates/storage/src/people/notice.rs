//! What is noticed of PINs as punches, users and people come in: PINs of nobody, PINs that equal an employee number, and
//! PINs that may have another owner than before.

use std::collections::HashMap;

use domain::{
    Enrolment, MappingHow, NewPunch, PersonId, Pin, Place, TerminalId, Validity, is_other_person,
};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    known::group_of,
    mappings::{NewMapping, assign},
};
use crate::{Result, StoreError, columns::json};

/// Who maps a PIN that equals an employee number.
const AUTOMATIC: &str = "automatic";

/// After punches of a terminal were stored, before they are queued: a filter may ask for their people.
pub(crate) async fn notice_punches(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    punches: &[NewPunch],
    now: Timestamp,
) -> Result<()> {
    let mut last: HashMap<&str, String> = HashMap::new();
    for punch in punches {
        let time = punch.local_time.to_string();
        let known = last.entry(punch.pin.as_str()).or_default();
        if *known < time {
            *known = time;
        }
    }
    let mut pins: Vec<_> = last.into_iter().collect();
    pins.sort();
    open_unmapped(conn, terminal, &pins, now).await
}

#[derive(sqlx::FromRow)]
struct Known {
    pin: String,
    name: String,
    name_raw: Vec<u8>,
    seen_at: i64,
    gone_at: Option<i64>,
}

/// Before a terminal's whole table of users is replaced.
pub(crate) async fn notice_enrolments(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    enrolments: &[Enrolment],
    now: Timestamp,
) -> Result<()> {
    const KNOWN: &str =
        "SELECT pin, name, name_raw, seen_at, gone_at FROM enrolments WHERE terminal_id = ?";
    const ASK: &str = "INSERT INTO inbox (terminal_id, kind, pin, old_name, new_name, known_at, opened_at)
        SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?3 FROM json_each(?2) WHERE true
        ORDER BY key
        ON CONFLICT (terminal_id, pin, CASE kind WHEN 'number' THEN 'unmapped' ELSE kind END) WHERE answered_at IS NULL
        DO UPDATE SET new_name = excluded.new_name";
    let known: Vec<Known> = sqlx::query_as(KNOWN)
        .bind(terminal.0)
        .fetch_all(&mut *conn)
        .await?;
    let known: HashMap<&str, &Known> = known.iter().map(|row| (row.pin.as_str(), row)).collect();
    let questions: Vec<_> = enrolments
        .iter()
        .filter_map(|new| {
            let old = known.get(new.pin.as_str())?;
            let kind = question(old, new)?;
            let known_at = old.gone_at.unwrap_or(old.seen_at);
            Some((kind, &new.pin, &old.name, &new.name, known_at))
        })
        .collect();
    if !questions.is_empty() {
        sqlx::query(ASK)
            .bind(terminal.0)
            .bind(json(&questions)?)
            .bind(now.as_millisecond())
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// After a terminal's table of users was replaced.
pub(crate) async fn notice_pins(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    enrolments: &[Enrolment],
    now: Timestamp,
) -> Result<()> {
    // Mapped from now on, whatever was before.
    const LAST_SECOND: &str = "9999-12-31 23:59:58";
    let pins: Vec<_> = enrolments
        .iter()
        .map(|each| (each.pin.as_str(), LAST_SECOND.to_owned()))
        .collect();
    open_unmapped(conn, terminal, &pins, now).await
}

/// What is asked about a PIN that was known before.
fn question(old: &Known, new: &Enrolment) -> Option<&'static str> {
    if old.gone_at.is_some() {
        return Some("returned");
    }
    // The same bytes are the same name, however they were read before.
    (old.name_raw != new.name_raw && is_other_person(&old.name, &new.name)).then_some("renamed")
}

/// Asks about PINs that are nobody's at these times, and maps those that equal an employee number.
async fn open_unmapped(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    pins: &[(&str, String)],
    now: Timestamp,
) -> Result<()> {
    const OPEN: &str = "INSERT INTO inbox (kind, terminal_id, pin, opened_at)
        SELECT 'unmapped', ?1, n.value ->> 0, ?3 FROM json_each(?2) AS n
        WHERE NOT EXISTS (SELECT 1 FROM pin_people m WHERE m.terminal_id = ?1 AND m.pin = n.value ->> 0
                AND m.valid_from <= n.value ->> 1 AND m.valid_until > n.value ->> 1)
            AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.pin = n.value ->> 0 AND i.terminal_id = ?1
                AND i.kind IN ('unmapped', 'number') AND (i.answered_at IS NULL OR i.answer = 'ignored'))
        ORDER BY n.key RETURNING id";
    let opened: Vec<i64> = sqlx::query_scalar(OPEN)
        .bind(terminal.0)
        .bind(json(&pins)?)
        .bind(now.as_millisecond())
        .fetch_all(&mut *conn)
        .await?;
    settle_by_number(conn, Some(&opened), None, now).await
}

/// After people were written.
pub(super) async fn notice_people(
    conn: &mut SqliteConnection,
    people: &[i64],
    now: Timestamp,
) -> Result<()> {
    // Their number is a PIN of which somebody else is said to be the owner.
    const TAKEN: &str = "INSERT INTO inbox (kind, terminal_id, pin, person_id, opened_at)
        SELECT 'number', m.terminal_id, m.pin, w.id, ?2
        FROM json_each(?1) AS n CROSS JOIN people w ON w.id = n.value AND w.active = 1
            CROSS JOIN pin_people m ON m.pin = w.employee_number
        WHERE m.person_id <> w.id AND m.valid_until = '9999-12-31 23:59:59'
            AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.pin = m.pin AND i.terminal_id = m.terminal_id
                AND i.kind = 'number' AND i.person_id = w.id)
        ON CONFLICT DO NOTHING";
    let list = json(&people)?;
    sqlx::query(TAKEN)
        .bind(list)
        .bind(now.as_millisecond())
        .execute(&mut *conn)
        .await?;
    settle_by_number(conn, None, Some(people), now).await
}

#[derive(sqlx::FromRow)]
struct Match {
    item: i64,
    terminal_id: i64,
    pin: String,
    person_id: i64,
    name: String,
    /// What the terminals of the place call the PIN, as a JSON list.
    called: String,
    is_anothers: bool,
}

/// Maps PINs without an owner that equal an employee number; where something speaks against that, it is asked.
async fn settle_by_number(
    conn: &mut SqliteConnection,
    items: Option<&[i64]>,
    people: Option<&[i64]>,
    now: Timestamp,
) -> Result<()> {
    macro_rules! matches {
        ($from:literal) => {
            concat!(
                "SELECT i.id AS item, i.terminal_id, i.pin, w.id AS person_id, w.name,
                    (SELECT json_group_array(e.name) FROM enrolments e WHERE e.pin = i.pin AND e.gone_at IS NULL
                        AND e.terminal_id IN (SELECT i.terminal_id UNION ALL
                            SELECT o.terminal_id FROM pin_group_members g JOIN pin_group_members o
                                ON o.pin_group_id = g.pin_group_id AND o.valid_until = '9999-12-31 23:59:59'
                            WHERE g.terminal_id = i.terminal_id AND g.valid_until = '9999-12-31 23:59:59')) AS called,
                    EXISTS (SELECT 1 FROM pin_people m WHERE m.terminal_id = i.terminal_id AND m.pin = i.pin
                        AND m.person_id <> w.id) AS is_anothers
                FROM ",
                $from,
                " WHERE i.answered_at IS NULL AND i.kind = 'unmapped' AND w.active = 1 ORDER BY i.id"
            )
        };
    }
    const OF_ITEMS: &str = matches!(
        "json_each(?) AS n CROSS JOIN inbox i ON i.id = n.value CROSS JOIN people w ON w.employee_number = i.pin"
    );
    const OF_PEOPLE: &str = matches!(
        "json_each(?) AS n CROSS JOIN people w ON w.id = n.value CROSS JOIN inbox i ON i.pin = w.employee_number"
    );
    const ASK: &str = "UPDATE inbox SET kind = 'number', person_id = n.value ->> 1
        FROM json_each(?) AS n WHERE inbox.id = n.value ->> 0";
    let (statement, ids) = match (items, people) {
        (Some(ids), _) => (OF_ITEMS, ids),
        (None, Some(ids)) => (OF_PEOPLE, ids),
        (None, None) => return Ok(()),
    };
    if ids.is_empty() {
        return Ok(());
    }
    let found: Vec<Match> = sqlx::query_as(statement)
        .bind(json(&ids)?)
        .fetch_all(&mut *conn)
        .await?;
    let (mut asked, mut mappings) = (Vec::new(), Vec::new());
    let mut places: HashMap<i64, Place> = HashMap::new();
    for found in found {
        let called: Vec<String> = serde_json::from_str(&found.called)
            .map_err(|error| StoreError::damaged(error.to_string()))?;
        let contradicts = |name: &String| *name != found.pin && is_other_person(&found.name, name);
        if found.is_anothers || called.iter().any(contradicts) {
            asked.push((found.item, found.person_id));
            continue;
        }
        let place = if let Some(place) = places.get(&found.terminal_id) {
            *place
        } else {
            let place = place_of(conn, TerminalId(found.terminal_id)).await?;
            places.insert(found.terminal_id, place);
            place
        };
        mappings.push(NewMapping {
            place,
            pin: Pin::new(found.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            person: PersonId(found.person_id),
            validity: Validity::ALWAYS,
            how: MappingHow::Auto,
        });
    }
    if !asked.is_empty() {
        sqlx::query(ASK)
            .bind(json(&asked)?)
            .execute(&mut *conn)
            .await?;
    }
    if !mappings.is_empty() {
        assign(conn, mappings, AUTOMATIC, now).await?;
    }
    Ok(())
}

/// Where a PIN of a terminal is mapped: in its group, where it is in one.
pub(super) async fn place_of(conn: &mut SqliteConnection, terminal: TerminalId) -> Result<Place> {
    Ok(group_of(conn, terminal)
        .await?
        .map_or(Place::Terminal(terminal), Place::Group))
}

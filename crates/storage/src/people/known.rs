//! Who is behind a PIN of a terminal, and when, as it follows from all mappings.

use std::collections::{BTreeMap, HashMap};

use domain::{
    EmployeeNumber, LocalTime, PersonId, PersonName, PinGroupId, PunchId, TerminalId, Validity,
    settle_places,
};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{inbox, unmapped, unwanted};
use crate::{
    Result, Store, StoreError,
    columns::{json, local_time},
};

/// As whom a record is told, settled with its first batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAs {
    pub person: PersonId,
    pub employee_number: String,
    /// May be empty.
    pub name: String,
}

/// Whether row `m` of `pin_people` says who made punch `p`.
macro_rules! is_behind {
    () => {
        "m.terminal_id = p.terminal_id AND m.pin = p.pin AND m.valid_from <= p.local_time AND m.valid_until > p.local_time"
    };
}
pub(crate) use is_behind;

/// The person who made punch `p`, or NULL.
macro_rules! person_of {
    () => {
        concat!(
            "(SELECT m.person_id FROM pin_people m WHERE ",
            $crate::people::is_behind!(),
            ")"
        )
    };
}
pub(crate) use person_of;

/// What is told of who made the punch of row `outbox`, as it is known now; 0: nobody is.
macro_rules! told_of {
    ($outbox:literal) => {
        concat!(
            "COALESCE((SELECT w.version_id FROM shown_punches p CROSS JOIN pin_people m ON ",
            $crate::people::is_behind!(),
            " CROSS JOIN people w ON w.id = m.person_id WHERE p.id = ",
            $outbox,
            ".punch_id), 0)"
        )
    };
}
pub(crate) use told_of;

const ALWAYS: &str = "0000-01-01 00:00:00";
const FOR_EVER: &str = "9999-12-31 23:59:59";

/// As the columns `valid_from` and `valid_until`.
pub(super) fn columns(validity: Validity) -> (String, String) {
    (
        validity
            .from
            .map_or_else(|| ALWAYS.to_owned(), |from| from.to_string()),
        validity
            .until
            .map_or_else(|| FOR_EVER.to_owned(), |until| until.to_string()),
    )
}

/// Of a mapping that never held.
pub(super) fn taken_back(from: Option<LocalTime>) -> Validity {
    let first = LocalTime::from_civil(jiff::civil::DateTime::constant(0, 1, 1, 0, 0, 0, 0));
    let from = from.unwrap_or(first);
    Validity {
        from: Some(from),
        until: Some(from),
    }
}

pub(super) fn validity(from: &str, until: &str) -> Result<Validity> {
    if (from, until) == (ALWAYS, ALWAYS) {
        return Ok(taken_back(None));
    }
    let time = |text: &str, open: &str| -> Result<Option<LocalTime>> {
        if text == open {
            Ok(None)
        } else {
            local_time(text).map(Some)
        }
    };
    Ok(Validity {
        from: time(from, ALWAYS)?,
        until: time(until, FOR_EVER)?,
    })
}

/// Terminals and PINs of which something changed.
pub(super) type Places = Vec<(i64, String)>;

/// The places that a mapping at a terminal or a group is about: all terminals that ever were in the group.
pub(super) async fn places_of(
    conn: &mut SqliteConnection,
    terminal: Option<i64>,
    group: Option<i64>,
    pin: &str,
) -> Result<Places> {
    const MEMBERS: &str =
        "SELECT DISTINCT terminal_id FROM pin_group_members WHERE pin_group_id = ?";
    let terminals: Vec<i64> = match (terminal, group) {
        (Some(terminal), _) => vec![terminal],
        (None, Some(group)) => {
            sqlx::query_scalar(MEMBERS)
                .bind(group)
                .fetch_all(conn)
                .await?
        }
        (None, None) => Vec::new(),
    };
    Ok(terminals
        .into_iter()
        .map(|terminal| (terminal, pin.to_owned()))
        .collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    terminal_id: i64,
    pin: String,
    person_id: i64,
    valid_from: String,
    valid_until: String,
    member_from: Option<String>,
    member_until: Option<String>,
}

/// The people behind PINs of terminals, each for a time.
type Spells = BTreeMap<(i64, String), Vec<(Validity, i64)>>;

/// Works out anew who is behind these PINs, and lets go what waited for it. `by`: who said so.
pub(super) async fn rebuild(
    conn: &mut SqliteConnection,
    places: &Places,
    by: &str,
    now: Timestamp,
) -> Result<u64> {
    const OWN: &str = "SELECT m.terminal_id, m.pin, m.person_id, m.valid_from, m.valid_until,
            NULL AS member_from, NULL AS member_until
        FROM json_each(?) AS n CROSS JOIN mappings m ON m.terminal_id = n.value ->> 0 AND m.pin = n.value ->> 1
        ORDER BY m.id";
    const SHARED: &str = "SELECT g.terminal_id, m.pin, m.person_id, m.valid_from, m.valid_until,
            g.valid_from AS member_from, g.valid_until AS member_until
        FROM json_each(?) AS n CROSS JOIN pin_group_members g ON g.terminal_id = n.value ->> 0
            CROSS JOIN mappings m ON m.pin_group_id = g.pin_group_id AND m.pin = n.value ->> 1
        ORDER BY m.id";
    const CLEAR: &str = "DELETE FROM pin_people WHERE (terminal_id, pin) IN
        (SELECT value ->> 0, value ->> 1 FROM json_each(?))";
    const INSERT: &str =
        "INSERT INTO pin_people (terminal_id, pin, person_id, valid_from, valid_until)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)";
    if places.is_empty() {
        return Ok(0);
    }
    let list = json(places)?;
    let mut sides: [Spells; 2] = Default::default();
    for (statement, side) in [OWN, SHARED].into_iter().zip(&mut sides) {
        let rows: Vec<Row> = sqlx::query_as(statement)
            .bind(&list)
            .fetch_all(&mut *conn)
            .await?;
        for row in rows {
            let mut valid = Some(validity(&row.valid_from, &row.valid_until)?);
            if let (Some(from), Some(until)) = (&row.member_from, &row.member_until) {
                let member = validity(from, until)?;
                valid = valid.and_then(|valid| valid.within(&member));
            }
            if let Some(valid) = valid {
                side.entry((row.terminal_id, row.pin))
                    .or_default()
                    .push((valid, row.person_id));
            }
        }
    }
    let before = of_places(conn, &list).await?;
    let [own, shared] = sides;
    let mut rows = Vec::new();
    let none = Vec::new();
    for place in places {
        let settled = settle_places(
            own.get(place).unwrap_or(&none),
            shared.get(place).unwrap_or(&none),
        );
        for (valid, person) in settled {
            let (from, until) = columns(valid);
            rows.push((place.0, &place.1, person, from, until));
        }
    }
    sqlx::query(CLEAR).bind(&list).execute(&mut *conn).await?;
    sqlx::query(INSERT)
        .bind(json(&rows)?)
        .execute(&mut *conn)
        .await?;
    inbox::close_mapped(conn, &list, by, now).await?;
    let released = unmapped::release(conn, &list, now).await?;
    if of_places(conn, &list).await? != before {
        unwanted::look_again(conn, now).await?;
    }
    Ok(released)
}

/// Who is behind these PINs.
async fn of_places(
    conn: &mut SqliteConnection,
    list: &str,
) -> Result<Vec<(i64, String, i64, String, String)>> {
    const SELECT: &str =
        "SELECT m.terminal_id, m.pin, m.person_id, m.valid_from, m.valid_until FROM json_each(?) AS n
            CROSS JOIN pin_people m ON m.terminal_id = n.value ->> 0 AND m.pin = n.value ->> 1
        ORDER BY m.terminal_id, m.pin, m.valid_from, m.person_id";
    Ok(sqlx::query_as(SELECT).bind(list).fetch_all(conn).await?)
}

/// The group that a terminal is in now.
pub(super) async fn group_of(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
) -> Result<Option<PinGroupId>> {
    const SELECT: &str =
        "SELECT pin_group_id FROM pin_group_members WHERE terminal_id = ? AND valid_until = ?";
    let group: Option<i64> = sqlx::query_scalar(SELECT)
        .bind(terminal.0)
        .bind(FOR_EVER)
        .fetch_optional(conn)
        .await?;
    Ok(group.map(PinGroupId))
}

impl Store {
    /// Who made these punches, by their time as it is shown; who is not mapped is left out.
    pub async fn people_of_punches(
        &self,
        punches: &[PunchId],
    ) -> Result<HashMap<PunchId, PersonName>> {
        const SELECT: &str = concat!(
            "SELECT p.id, w.id, w.employee_number, w.name
            FROM json_each(?) AS n CROSS JOIN shown_punches p ON p.id = n.value CROSS JOIN pin_people m ON ",
            is_behind!(),
            " CROSS JOIN people w ON w.id = m.person_id"
        );
        let ids: Vec<i64> = punches.iter().map(|id| id.0).collect();
        let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(SELECT)
            .bind(json(&ids)?)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter()
            .map(|(punch, id, employee_number, name)| {
                let person = PersonName {
                    id: PersonId(id),
                    employee_number: number(employee_number)?,
                    name,
                };
                Ok((PunchId(punch), person))
            })
            .collect()
    }
}

pub(super) fn number(text: String) -> Result<EmployeeNumber> {
    EmployeeNumber::try_from(text).map_err(|error| StoreError::damaged(error.to_string()))
}

//! Whose PIN is whose, at one terminal or at a group of terminals, and when.

use std::collections::{BTreeSet, HashMap};

use domain::{
    MappingHow, MappingId, PersonId, PersonName, Pin, PinGroupId, Place, TerminalId, Validity,
};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::known::{Places, columns, number, places_of, rebuild, taken_back, validity};
use crate::{
    Result, Store, StoreError, Weight,
    columns::{json, moment, moment_opt},
};

/// A PIN's person for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    pub id: MappingId,
    pub place: Place,
    pub pin: Pin,
    pub person: PersonName,
    /// Empty where it was taken back.
    pub validity: Validity,
    pub how: MappingHow,
    pub made_by: String,
    pub made_at: Timestamp,
    pub ended_by: Option<String>,
    pub ended_at: Option<Timestamp>,
}

/// A mapping to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMapping {
    pub place: Place,
    pub pin: Pin,
    pub person: PersonId,
    pub validity: Validity,
    pub how: MappingHow,
}

/// What came of mappings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mapped {
    /// New ones; the rest were so already.
    pub made: u64,
    /// Records that waited for them and go now.
    pub released: u64,
}

/// Which mappings are meant; an empty filter means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MappingFilter {
    pub place: Option<Place>,
    pub pin: Option<Pin>,
    pub person: Option<PersonId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    terminal_id: Option<i64>,
    pin_group_id: Option<i64>,
    pin: String,
    person_id: i64,
    employee_number: String,
    name: String,
    valid_from: String,
    valid_until: String,
    how: String,
    made_by: String,
    made_at: i64,
    ended_by: Option<String>,
    ended_at: Option<i64>,
}

macro_rules! select_mappings {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, m.terminal_id, m.pin_group_id, m.pin, m.person_id, w.employee_number, w.name, m.valid_from,
                m.valid_until, m.how, m.made_by, m.made_at, m.ended_by, m.ended_at
            FROM mappings m JOIN people w ON w.id = m.person_id ",
            $rest
        )
    };
}

impl Store {
    /// `Conflict` where the PIN is somebody else's at that time, and it is not said from when it is this person's: old
    /// punches keep their person. What waited for the mapping goes.
    pub async fn map(&self, new: NewMapping, by: &str, now: Timestamp) -> Result<Mapped> {
        let by = by.to_owned();
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move { assign(conn, vec![new], &by, now).await })
        })
        .await
    }

    /// From `until` on nobody, or a group's mapping, is behind the PIN; `None`: the mapping was a mistake and never held.
    pub async fn end_mapping(
        &self,
        id: MappingId,
        until: Option<domain::LocalTime>,
        by: &str,
        now: Timestamp,
    ) -> Result<Mapping> {
        const END: &str =
            "UPDATE mappings SET valid_until = ?, ended_by = ?, ended_at = ? WHERE id = ?";
        let by = by.to_owned();
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                let before = load(conn, id).await?;
                let (from, _) = columns(before.validity);
                let end = match until {
                    None => from.clone(),
                    Some(until) if before.validity.covers(until) => until.to_string(),
                    Some(until) => {
                        return Err(StoreError::conflict(format!(
                            "the mapping does not hold at {until}; give a time within it, or none where it never should have held"
                        )));
                    }
                };
                sqlx::query(END)
                    .bind(end)
                    .bind(&by)
                    .bind(now.as_millisecond())
                    .bind(id.0)
                    .execute(&mut *conn)
                    .await?;
                let (terminal, group) = place_columns(before.place);
                let places = places_of(conn, terminal, group, before.pin.as_str()).await?;
                rebuild(conn, &places, &by, now).await?;
                load(conn, id).await
            })
        })
        .await
    }

    /// Newest first; `before` is the last one of the page before.
    pub async fn mappings(
        &self,
        filter: &MappingFilter,
        before: Option<MappingId>,
        limit: u32,
    ) -> Result<Vec<Mapping>> {
        const SELECT: &str = select_mappings!(
            "WHERE m.id < ?1 AND (?2 IS NULL OR m.terminal_id = ?2) AND (?3 IS NULL OR m.pin_group_id = ?3)
                AND (?4 IS NULL OR m.pin = ?4) AND (?5 IS NULL OR m.person_id = ?5)
            ORDER BY m.id DESC LIMIT ?6"
        );
        let (terminal, group) = filter.place.map_or((None, None), place_columns);
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(terminal)
            .bind(group)
            .bind(filter.pin.as_ref().map(Pin::as_str))
            .bind(filter.person.map(|id| id.0))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Mapping::try_from).collect()
    }

    pub async fn mapping(&self, id: MappingId) -> Result<Option<Mapping>> {
        const SELECT: &str = select_mappings!("WHERE m.id = ?");
        let row: Option<Row> = sqlx::query_as(SELECT)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(Mapping::try_from).transpose()
    }
}

async fn load(conn: &mut SqliteConnection, id: MappingId) -> Result<Mapping> {
    const SELECT: &str = select_mappings!("WHERE m.id = ?");
    let row: Option<Row> = sqlx::query_as(SELECT)
        .bind(id.0)
        .fetch_optional(conn)
        .await?;
    row.ok_or_else(|| StoreError::not_found("there is no such mapping"))?
        .try_into()
}

/// Makes mappings; the first that contradicts another undoes all.
pub(super) async fn assign(
    conn: &mut SqliteConnection,
    new: Vec<NewMapping>,
    by: &str,
    now: Timestamp,
) -> Result<Mapped> {
    let mut plan = Plan::load(conn, &new).await?;
    for mapping in new {
        plan.add(&mapping).map_err(StoreError::Conflict)?;
    }
    plan.write(conn, by, now).await
}

/// A mapping as it will be.
struct Line {
    /// `None` of one that is new.
    id: Option<i64>,
    person: PersonId,
    /// Their number and name, of one that stood there before.
    whose: String,
    validity: Validity,
    how: MappingHow,
    is_changed: bool,
}

/// All mappings of some PINs, as they will be.
pub(super) struct Plan {
    lines: HashMap<(Place, Pin), Vec<Line>>,
    changed: BTreeSet<(Place, Pin)>,
    made: u64,
}

impl Plan {
    pub(super) async fn load(conn: &mut SqliteConnection, new: &[NewMapping]) -> Result<Self> {
        const OF_TERMINALS: &str = select_mappings!(
            "WHERE (m.terminal_id, m.pin) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?)) ORDER BY m.id"
        );
        const OF_GROUPS: &str = select_mappings!(
            "WHERE (m.pin_group_id, m.pin) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?)) ORDER BY m.id"
        );
        check_names(conn, new).await?;
        let (mut terminals, mut groups) = (Vec::new(), Vec::new());
        for mapping in new {
            match mapping.place {
                Place::Terminal(id) => terminals.push((id.0, &mapping.pin)),
                Place::Group(id) => groups.push((id.0, &mapping.pin)),
            }
        }
        let mut lines: HashMap<(Place, Pin), Vec<Line>> = HashMap::new();
        for (statement, places) in [(OF_TERMINALS, terminals), (OF_GROUPS, groups)] {
            if places.is_empty() {
                continue;
            }
            let rows: Vec<Row> = sqlx::query_as(statement)
                .bind(json(&places)?)
                .fetch_all(&mut *conn)
                .await?;
            for row in rows {
                let mapping = Mapping::try_from(row)?;
                lines
                    .entry((mapping.place, mapping.pin))
                    .or_default()
                    .push(Line {
                        id: Some(mapping.id.0),
                        person: mapping.person.id,
                        whose: format!(
                            "{} ({})",
                            mapping.person.employee_number, mapping.person.name
                        ),
                        validity: mapping.validity,
                        how: mapping.how,
                        is_changed: false,
                    });
            }
        }
        Ok(Self {
            lines,
            changed: BTreeSet::new(),
            made: 0,
        })
    }

    /// Whether it was not so already; an error says what it contradicts.
    pub(super) fn add(&mut self, new: &NewMapping) -> Result<bool, String> {
        let place = (new.place, new.pin.clone());
        let lines = self.lines.entry(place.clone()).or_default();
        lines.retain(|line| line.id.is_some() || !line.validity.is_empty());
        let is_known = lines.iter().any(|line| {
            line.person == new.person && line.validity.within(&new.validity) == Some(new.validity)
        });
        if is_known {
            return Ok(false);
        }
        if new.validity.from.is_none()
            && let Some(other) = lines.iter().find(|line| {
                line.person != new.person && line.validity.within(&new.validity).is_some()
            })
        {
            return Err(format!(
                "user id {} is that of employee {} there; say from when it is another person's, or end that mapping first",
                new.pin, other.whose
            ));
        }
        let mut rest = Vec::new();
        for line in lines.iter_mut() {
            if line.validity.within(&new.validity).is_none() {
                continue;
            }
            let (before, after) = line.validity.without(&new.validity);
            line.is_changed = true;
            rest.extend(after.map(|after| line.copy(after)));
            line.validity = before.unwrap_or_else(|| taken_back(line.validity.from));
        }
        lines.extend(rest);
        lines.push(Line {
            id: None,
            person: new.person,
            whose: String::new(),
            validity: new.validity,
            how: new.how,
            is_changed: true,
        });
        self.changed.insert(place);
        self.made += 1;
        Ok(true)
    }

    pub(super) fn made(&self) -> u64 {
        self.made
    }

    pub(super) async fn write(
        self,
        conn: &mut SqliteConnection,
        by: &str,
        now: Timestamp,
    ) -> Result<Mapped> {
        const END: &str =
            "UPDATE mappings SET valid_until = n.value ->> 1, ended_by = ?2, ended_at = ?3
            FROM json_each(?1) AS n WHERE mappings.id = n.value ->> 0";
        const INSERT: &str = "INSERT INTO mappings (terminal_id, pin_group_id, pin, person_id, valid_from, valid_until, how,
                made_by, made_at)
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, ?2, ?3
            FROM json_each(?1) ORDER BY key";
        if self.changed.is_empty() {
            return Ok(Mapped::default());
        }
        let (mut ends, mut fresh) = (Vec::new(), Vec::new());
        let mut places: Places = Vec::new();
        for place in &self.changed {
            let (terminal, group) = place_columns(place.0);
            for line in self.lines.get(place).into_iter().flatten() {
                let (from, until) = columns(line.validity);
                match line.id {
                    Some(id) if line.is_changed => ends.push((id, until)),
                    Some(_) => {}
                    None if line.validity.is_empty() => {}
                    None => fresh.push((
                        terminal,
                        group,
                        &place.1,
                        line.person,
                        from,
                        until,
                        line.how.as_str(),
                    )),
                }
            }
            match place.0 {
                Place::Terminal(id) => places.push((id.0, place.1.as_str().to_owned())),
                Place::Group(_) => {
                    places.extend(places_of(conn, terminal, group, place.1.as_str()).await?);
                }
            }
        }
        for (statement, rows) in [(END, json(&ends)?), (INSERT, json(&fresh)?)] {
            sqlx::query(statement)
                .bind(rows)
                .bind(by)
                .bind(now.as_millisecond())
                .execute(&mut *conn)
                .await?;
        }
        places.sort();
        places.dedup();
        let released = rebuild(conn, &places, by, now).await?;
        Ok(Mapped {
            made: self.made,
            released,
        })
    }
}

/// All terminals, groups and people that are named are there.
async fn check_names(conn: &mut SqliteConnection, new: &[NewMapping]) -> Result<()> {
    const MISSING: [(&str, &str); 3] = [
        (
            "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM people) LIMIT 1",
            "there is no person with this number",
        ),
        (
            "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM terminals) LIMIT 1",
            "there is no terminal with this number",
        ),
        (
            "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM pin_groups) LIMIT 1",
            "there is no group of terminals with this number",
        ),
    ];
    let mut named: [BTreeSet<i64>; 3] = Default::default();
    let [people, terminals, groups] = &mut named;
    for mapping in new {
        people.insert(mapping.person.0);
        match mapping.place {
            Place::Terminal(id) => terminals.insert(id.0),
            Place::Group(id) => groups.insert(id.0),
        };
    }
    for ((statement, words), ids) in MISSING.into_iter().zip(&named) {
        let missing: Option<i64> = sqlx::query_scalar(statement)
            .bind(json(ids)?)
            .fetch_optional(&mut *conn)
            .await?;
        if let Some(id) = missing {
            return Err(StoreError::not_found(format!("{words}: {id}")));
        }
    }
    Ok(())
}

pub(super) fn place_columns(place: Place) -> (Option<i64>, Option<i64>) {
    match place {
        Place::Terminal(id) => (Some(id.0), None),
        Place::Group(id) => (None, Some(id.0)),
    }
}

impl Line {
    fn copy(&self, validity: Validity) -> Self {
        Self {
            id: None,
            person: self.person,
            whose: self.whose.clone(),
            validity,
            how: self.how,
            is_changed: true,
        }
    }
}

impl TryFrom<Row> for Mapping {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let damaged = || StoreError::damaged(format!("mapping {} has no place", row.id));
        let place = match (row.terminal_id, row.pin_group_id) {
            (Some(id), None) => Place::Terminal(TerminalId(id)),
            (None, Some(id)) => Place::Group(PinGroupId(id)),
            _ => return Err(damaged()),
        };
        Ok(Self {
            id: MappingId(row.id),
            place,
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            person: PersonName {
                id: PersonId(row.person_id),
                employee_number: number(row.employee_number)?,
                name: row.name,
            },
            validity: validity(&row.valid_from, &row.valid_until)?,
            how: match row.how.as_str() {
                "auto" => MappingHow::Auto,
                "csv" => MappingHow::Csv,
                _ => MappingHow::Hand,
            },
            made_by: row.made_by,
            made_at: moment(row.made_at)?,
            ended_by: row.ended_by,
            ended_at: moment_opt(row.ended_at)?,
        })
    }
}

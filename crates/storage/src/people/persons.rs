//! People: one by one, and many at once.

use std::collections::HashMap;

use domain::{EmployeeNumber, Person, PersonChange, PersonDetails, PersonId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{known::number, notice, unwanted};
use crate::{
    Result, Store, StoreError, Weight,
    columns::{json, moment},
};

#[derive(sqlx::FromRow)]
pub(super) struct PersonRow {
    id: i64,
    employee_number: String,
    name: String,
    site: Option<String>,
    active: bool,
    groups: String,
    created_at: i64,
    changed_at: i64,
}

/// A statement over all columns of [`PersonRow`].
macro_rules! select_people {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.employee_number, w.name, w.site, w.active,
                (SELECT json_group_array(g.name) FROM person_groups g WHERE g.person_id = w.id) AS groups,
                w.created_at, w.changed_at
            FROM ",
            $rest
        )
    };
}
pub(super) use select_people;

const BY_ID: &str = select_people!("people w WHERE w.id = ?");
const BY_NUMBER: &str = select_people!("people w WHERE w.employee_number = ?");

/// Somebody to be written; without an id they are new.
pub(super) type Draft = (Option<PersonId>, PersonDetails);

impl Store {
    /// `Conflict` where somebody else has the employee number. PINs that equal it are mapped at once, where nothing
    /// speaks against that.
    pub async fn create_person(&self, new: PersonDetails, now: Timestamp) -> Result<Person> {
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move { save_one(conn, None, new, now).await })
        })
        .await
    }

    /// What was sent of a person already stays as it was told.
    pub async fn update_person(
        &self,
        id: PersonId,
        change: PersonChange,
        now: Timestamp,
    ) -> Result<Person> {
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let before = load(conn, id).await?;
                let details = change.apply(PersonDetails::from(&before));
                save_one(conn, Some(id), details, now).await
            })
        })
        .await
    }

    /// `Conflict` where a PIN is or was mapped to them: whose punches those are must stay known.
    pub async fn delete_person(&self, id: PersonId) -> Result<()> {
        const MAPPED: &str = "SELECT EXISTS (SELECT 1 FROM mappings WHERE person_id = ?)";
        const DELETE: &str = "DELETE FROM people WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                load(conn, id).await?;
                let mapped: bool = sqlx::query_scalar(MAPPED)
                    .bind(id.0)
                    .fetch_one(&mut *conn)
                    .await?;
                if mapped {
                    return Err(StoreError::conflict(
                        "punches of this person may stand in the ledger, so the person stays; mark them as not active \
                         instead",
                    ));
                }
                sqlx::query(DELETE).bind(id.0).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    pub async fn person(&self, id: PersonId) -> Result<Option<Person>> {
        let row: Option<PersonRow> = sqlx::query_as(BY_ID)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        row.map(Person::try_from).transpose()
    }

    pub async fn person_by_number(&self, number: &EmployeeNumber) -> Result<Option<Person>> {
        let row: Option<PersonRow> = sqlx::query_as(BY_NUMBER)
            .bind(number.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.map(Person::try_from).transpose()
    }
}

pub(super) async fn load(conn: &mut SqliteConnection, id: PersonId) -> Result<Person> {
    let row: Option<PersonRow> = sqlx::query_as(BY_ID)
        .bind(id.0)
        .fetch_optional(conn)
        .await?;
    row.map(Person::try_from)
        .transpose()?
        .ok_or_else(|| StoreError::not_found("there is no such person, or they were removed"))
}

/// Those who have one of these numbers.
pub(super) async fn by_numbers(
    conn: &mut SqliteConnection,
    numbers: &[&EmployeeNumber],
) -> Result<HashMap<EmployeeNumber, Person>> {
    const SELECT: &str =
        select_people!("json_each(?) AS n CROSS JOIN people w ON w.employee_number = n.value");
    let rows: Vec<PersonRow> = sqlx::query_as(SELECT)
        .bind(json(&numbers)?)
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let person = Person::try_from(row)?;
            Ok((person.employee_number.clone(), person))
        })
        .collect()
}

pub(super) async fn save_one(
    conn: &mut SqliteConnection,
    id: Option<PersonId>,
    details: PersonDetails,
    now: Timestamp,
) -> Result<Person> {
    let details = details
        .checked()
        .map_err(|error| StoreError::conflict(error.to_string()))?;
    let number = details.employee_number.clone();
    let mut others = by_numbers(conn, &[&number]).await?;
    if let Some(other) = others.remove(&number)
        && Some(other.id) != id
    {
        return Err(StoreError::conflict(format!(
            "employee number {number} is {}'s; give another one",
            if other.name.is_empty() {
                "somebody else"
            } else {
                &other.name
            }
        )));
    }
    let ids = save_many(conn, vec![(id, details)], now).await?;
    let id = ids.first().copied().map(PersonId);
    load(conn, id.unwrap_or(PersonId(0))).await
}

/// Writes people whose numbers are known to be free, and maps PINs that equal them. Gives their ids.
pub(super) async fn save_many(
    conn: &mut SqliteConnection,
    drafts: Vec<Draft>,
    now: Timestamp,
) -> Result<Vec<i64>> {
    const INSERT: &str =
        "INSERT INTO people (employee_number, name, site, active, created_at, changed_at)
        SELECT value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?2, ?2
        FROM json_each(?1) WHERE value ->> 0 IS NULL ORDER BY key";
    const UPDATE: &str = "UPDATE people SET employee_number = n.value ->> 1, name = n.value ->> 2, site = n.value ->> 3,
            active = n.value ->> 4, changed_at = ?2
        FROM json_each(?1) AS n WHERE people.id = n.value ->> 0";
    const IDS: &str = "SELECT w.id FROM json_each(?1) AS n CROSS JOIN people w ON w.employee_number = n.value ->> 1
        ORDER BY n.key";
    const UNGROUP: &str =
        "DELETE FROM person_groups WHERE person_id IN (SELECT w.id FROM json_each(?1) AS n
        CROSS JOIN people w ON w.employee_number = n.value ->> 1)";
    const GROUP: &str = "INSERT INTO person_groups (person_id, name)
        SELECT w.id, g.value FROM json_each(?1) AS n CROSS JOIN people w ON w.employee_number = n.value ->> 1
            CROSS JOIN json_each(n.value, '$[5]') AS g";
    const VERSION: &str = "INSERT INTO person_versions (person_id, employee_number, name, made_at)
        SELECT w.id, w.employee_number, w.name, ?2 FROM json_each(?1) AS n
            CROSS JOIN people w ON w.employee_number = n.value ->> 1 LEFT JOIN person_versions v ON v.id = w.version_id
        WHERE v.id IS NULL OR v.employee_number <> w.employee_number OR v.name <> w.name";
    const CURRENT: &str = "UPDATE people SET version_id = (SELECT MAX(v.id) FROM person_versions v
            WHERE v.person_id = people.id)
        WHERE employee_number IN (SELECT value ->> 1 FROM json_each(?1))";
    let rows: Vec<_> = drafts
        .into_iter()
        .map(|(id, details)| {
            (
                id,
                details.employee_number,
                details.name,
                details.site,
                u8::from(details.active),
                details.groups,
            )
        })
        .collect();
    let known: Vec<i64> = rows
        .iter()
        .filter_map(|(id, ..)| id.map(|id| id.0))
        .collect();
    let known = json(&known)?;
    let before = what_filters_ask(conn, &known).await?;
    let rows = json(&rows)?;
    for statement in [INSERT, UPDATE, UNGROUP, GROUP, VERSION, CURRENT] {
        sqlx::query(statement)
            .bind(&rows)
            .bind(now.as_millisecond())
            .execute(&mut *conn)
            .await?;
    }
    let ids: Vec<i64> = sqlx::query_scalar(IDS)
        .bind(&rows)
        .fetch_all(&mut *conn)
        .await?;
    if what_filters_ask(conn, &known).await? != before {
        unwanted::look_again(conn, now).await?;
    }
    notice::notice_people(conn, &ids, now).await?;
    Ok(ids)
}

/// What a destination may want these people by.
async fn what_filters_ask(
    conn: &mut SqliteConnection,
    ids: &str,
) -> Result<Vec<(i64, String, Option<String>, String)>> {
    const SELECT: &str = "SELECT w.id, w.employee_number, w.site,
            (SELECT json_group_array(g.name) FROM (SELECT name FROM person_groups WHERE person_id = w.id ORDER BY name) AS g)
        FROM json_each(?) AS n CROSS JOIN people w ON w.id = n.value ORDER BY w.id";
    Ok(sqlx::query_as(SELECT).bind(ids).fetch_all(conn).await?)
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self> {
        Ok(Self {
            id: PersonId(row.id),
            employee_number: number(row.employee_number)?,
            name: row.name,
            groups: serde_json::from_str(&row.groups)
                .map_err(|error| StoreError::damaged(error.to_string()))?,
            site: row.site,
            active: row.active,
            created_at: moment(row.created_at)?,
            changed_at: moment(row.changed_at)?,
        })
    }
}

//! People, page by page.

use domain::{EmployeeNumber, Person, PersonId};

use super::persons::{PersonRow, select_people};
use crate::{Result, Store};

/// Which people are meant; an empty filter means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonFilter {
    pub group: Option<String>,
    pub site: Option<String>,
    pub active: Option<bool>,
    /// The beginning of an employee number, or a part of a name; of Latin letters the case does not count.
    pub text: Option<String>,
}

impl Store {
    /// By employee number, as text; `after` is the last one of the page before.
    pub async fn people(
        &self,
        filter: &PersonFilter,
        after: Option<&EmployeeNumber>,
        limit: u32,
    ) -> Result<Vec<Person>> {
        const SELECT: &str = select_people!(
            "people w WHERE w.employee_number > ?1 AND (?2 IS NULL OR w.active = ?2) AND (?3 IS NULL OR w.site = ?3)
                AND (?4 IS NULL OR w.id IN (SELECT g.person_id FROM person_groups g WHERE g.name = ?4))
                AND (?5 IS NULL OR instr(lower(w.name), lower(?5)) > 0 OR instr(w.employee_number, ?5) = 1)
            ORDER BY w.employee_number LIMIT ?6"
        );
        let rows: Vec<PersonRow> = sqlx::query_as(SELECT)
            .bind(after.map_or("", |number| number.as_str()))
            .bind(filter.active)
            .bind(&filter.site)
            .bind(&filter.group)
            .bind(&filter.text)
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Person::try_from).collect()
    }

    /// Every PIN that is or was theirs, at whatever terminal.
    pub async fn pins_of_person(&self, person: PersonId) -> Result<Vec<String>> {
        const SELECT: &str = "SELECT DISTINCT pin FROM pin_people WHERE person_id = ? ORDER BY pin";
        Ok(sqlx::query_scalar(SELECT)
            .bind(person.0)
            .fetch_all(self.reader())
            .await?)
    }

    /// The names of all groups of people.
    pub async fn person_groups(&self) -> Result<Vec<String>> {
        const SELECT: &str = "SELECT DISTINCT name FROM person_groups ORDER BY name";
        Ok(sqlx::query_scalar(SELECT).fetch_all(self.reader()).await?)
    }
}

//! People from a CSV file.

use domain::{PersonDetails, PersonRow, SheetFault};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::persons::{Draft, by_numbers, save_many};
use crate::{Result, Store, Weight};

/// What a file of people comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct PeopleTaken {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Nothing was written where there is one.
    pub faults: Vec<SheetFault>,
}

impl Store {
    /// Adds and changes people by their employee numbers; who is not in the file stays. A file with a fault is not taken
    /// at all; a dry run only says what would be done.
    pub async fn take_people(
        &self,
        rows: Vec<PersonRow>,
        dry_run: bool,
        now: Timestamp,
    ) -> Result<PeopleTaken> {
        if dry_run {
            let mut conn = self.reader().acquire().await?;
            return Ok(plan(&mut conn, rows).await?.0);
        }
        let weight = Weight::outbox(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        self.write(weight, move |conn| {
            Box::pin(async move {
                let (taken, drafts) = plan(conn, rows).await?;
                if taken.faults.is_empty() && !drafts.is_empty() {
                    save_many(conn, drafts, now).await?;
                }
                Ok(taken)
            })
        })
        .await
    }
}

async fn plan(
    conn: &mut SqliteConnection,
    rows: Vec<PersonRow>,
) -> Result<(PeopleTaken, Vec<Draft>)> {
    let numbers: Vec<_> = rows.iter().map(|row| &row.employee_number).collect();
    let known = by_numbers(conn, &numbers).await?;
    let mut taken = PeopleTaken::default();
    let mut drafts = Vec::new();
    for row in rows {
        let person = known.get(&row.employee_number);
        let before = person.map_or_else(
            || PersonDetails::numbered(row.employee_number.clone()),
            PersonDetails::from,
        );
        match row.change.apply(before.clone()).checked() {
            Err(error) => taken.faults.push(SheetFault {
                line: row.line,
                message: error.to_string(),
            }),
            Ok(after) if person.is_some() && after == before => taken.unchanged += 1,
            Ok(after) => {
                match person {
                    Some(_) => taken.changed += 1,
                    None => taken.added += 1,
                }
                drafts.push((person.map(|person| person.id), after));
            }
        }
    }
    Ok((taken, drafts))
}

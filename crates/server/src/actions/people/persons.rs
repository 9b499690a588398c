use domain::{EmployeeNumber, Person, PersonChange, PersonDetails, PersonId, write_people};
use jiff::Timestamp;
use serde::Serialize;
use storage::{PeopleTaken, PersonFilter};
use utoipa::ToSchema;

use super::{SheetFaultView, Whom, person_meant};
use crate::{AppState, problem::Problem};

/// Somebody who works here, whatever terminals call them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PersonView {
    pub(crate) id: i64,
    /// Leading zeros and letters count.
    #[schema(example = "007")]
    pub(crate) employee_number: String,
    /// May be empty; then receivers are told the terminal's own name.
    #[schema(example = "Dana O'Neil")]
    pub(crate) name: String,
    pub(crate) groups: Vec<String>,
    pub(crate) site: Option<String>,
    /// Works here now. Who does not any more keeps the punches of their time.
    pub(crate) active: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) changed_at: Timestamp,
}

/// By employee number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PeoplePage {
    pub(crate) people: Vec<PersonView>,
    /// Cursor of the next page; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// Which people are meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct PeopleWish {
    pub(crate) text: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) site: Option<String>,
    pub(crate) active: Option<bool>,
}

/// What is said of a person; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
pub(crate) struct PersonWish {
    pub(crate) employee_number: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) groups: Option<Vec<String>>,
    pub(crate) site: Option<Option<String>>,
    pub(crate) active: Option<bool>,
}

/// What a CSV file of people came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PeopleTakenView {
    /// Nothing was written.
    pub(crate) dry_run: bool,
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
    /// Nothing was written where there is one.
    pub(crate) faults: Vec<SheetFaultView>,
}

pub(crate) async fn people(
    state: &AppState,
    wish: &PeopleWish,
    after: Option<&str>,
    limit: u32,
) -> Result<PeoplePage, Problem> {
    let filter = PersonFilter {
        group: wish.group.clone(),
        site: wish.site.clone(),
        active: wish.active,
        text: wish.text.clone(),
    };
    let after = after.map(EmployeeNumber::new).transpose()?;
    let found = state.store.people(&filter, after.as_ref(), limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
    let next_cursor = found
        .last()
        .filter(|_| full)
        .map(|last| last.employee_number.to_string());
    Ok(PeoplePage {
        people: found.into_iter().map(PersonView::from).collect(),
        next_cursor,
    })
}

pub(crate) async fn person(state: &AppState, id: i64) -> Result<PersonView, Problem> {
    Ok(person_meant(state, &Whom::Id(id)).await?.into())
}

pub(crate) async fn add_person(state: &AppState, wish: PersonWish) -> Result<PersonView, Problem> {
    let number = wish.employee_number.as_deref().unwrap_or_default();
    let details = PersonDetails::numbered(EmployeeNumber::new(number)?);
    let details = wish.change()?.apply(details).checked()?;
    let made = state
        .store
        .create_person(details, state.clock.now())
        .await?;
    // Their number may be a PIN that somebody waits for.
    state.delivery.wake();
    Ok(made.into())
}

pub(crate) async fn change_person(
    state: &AppState,
    id: i64,
    wish: PersonWish,
) -> Result<PersonView, Problem> {
    let before = person_meant(state, &Whom::Id(id)).await?;
    let change = wish.change()?;
    // What would be stored must be sound.
    change
        .clone()
        .apply(PersonDetails::from(&before))
        .checked()?;
    let changed = state
        .store
        .update_person(before.id, change, state.clock.now())
        .await?;
    state.delivery.wake();
    Ok(changed.into())
}

pub(crate) async fn remove_person(state: &AppState, id: i64) -> Result<PersonView, Problem> {
    let person = person_meant(state, &Whom::Id(id)).await?;
    state.store.delete_person(PersonId(id)).await?;
    Ok(person.into())
}

pub(crate) async fn import_people(
    state: &AppState,
    file: &[u8],
    dry_run: bool,
) -> Result<PeopleTakenView, Problem> {
    let taken = match domain::read_people(file) {
        Ok(rows) => {
            state
                .store
                .take_people(rows, dry_run, state.clock.now())
                .await?
        }
        Err(domain::SheetError::Faults(faults)) => PeopleTaken {
            faults,
            ..PeopleTaken::default()
        },
        Err(error) => return Err(error.into()),
    };
    state.delivery.wake();
    Ok(PeopleTakenView {
        dry_run,
        added: taken.added,
        changed: taken.changed,
        unchanged: taken.unchanged,
        faults: taken.faults.into_iter().map(SheetFaultView::from).collect(),
    })
}

/// Everybody, as a CSV file that can be taken in again.
pub(crate) async fn export_people(state: &AppState) -> Result<Vec<u8>, Problem> {
    const PAGE: u32 = 1_000;
    let mut file = write_people(true, &[]);
    let mut after: Option<EmployeeNumber> = None;
    loop {
        let page = state
            .store
            .people(&PersonFilter::default(), after.as_ref(), PAGE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(file);
        };
        after = Some(last.employee_number.clone());
        file.extend(write_people(false, &page));
    }
}

impl PersonWish {
    fn change(self) -> Result<PersonChange, Problem> {
        Ok(PersonChange {
            employee_number: self
                .employee_number
                .as_deref()
                .map(EmployeeNumber::new)
                .transpose()?,
            name: self.name,
            groups: self.groups,
            site: self.site,
            active: self.active,
        })
    }

    /// Somebody new, for an answer of the inbox.
    pub(super) fn details(self) -> Result<PersonDetails, Problem> {
        let number = self.employee_number.as_deref().unwrap_or_default();
        let details = PersonDetails::numbered(EmployeeNumber::new(number)?);
        Ok(self.change()?.apply(details).checked()?)
    }
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.0,
            employee_number: person.employee_number.into(),
            name: person.name,
            groups: person.groups,
            site: person.site,
            active: person.active,
            created_at: person.created_at,
            changed_at: person.changed_at,
        }
    }
}

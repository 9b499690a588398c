//! Who stands behind a PIN: people, mappings, groups of terminals that share their PINs, and what is asked about them.

mod groups;
mod inbox;
mod mappings;
mod persons;

use domain::{EmployeeNumber, LocalTime, PersonError, PersonName, SheetError, TimeRange};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{AppState, problem::Problem};

#[cfg(test)]
pub(crate) use self::inbox::SuggestionView;
pub(crate) use self::{
    groups::{
        PinGroupView, add_pin_group, join_pin_group, leave_pin_group, pin_groups, remove_pin_group,
        rename_pin_group,
    },
    inbox::{
        AnswerManyView, AnswerWish, DecisionView, InboxItemView, InboxPage, InboxWish,
        answer_inbox, answer_many, inbox,
    },
    mappings::{
        MappingPage, MappingView, MappingWish, MappingsQueryWish, MappingsTakenView, add_mapping,
        end_mapping, export_mappings, import_mappings, mappings,
    },
    persons::{
        PeoplePage, PeopleTakenView, PeopleWish, PersonView, PersonWish, add_person, change_person,
        export_people, import_people, people, person, remove_person,
    },
};

/// Enough of a person to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PersonNameView {
    pub(crate) id: i64,
    #[schema(example = "007")]
    pub(crate) employee_number: String,
    #[schema(example = "Dana O'Neil")]
    pub(crate) name: String,
}

/// What is wrong with a line of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SheetFaultView {
    pub(crate) line: u64,
    pub(crate) message: String,
}

/// By a person's id, or by the employee number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    Id(i64),
    Number(String),
}

pub(super) async fn person_meant(state: &AppState, whom: &Whom) -> Result<domain::Person, Problem> {
    let found = match whom {
        Whom::Id(id) => state.store.person(domain::PersonId(*id)).await?,
        Whom::Number(number) => {
            let number = EmployeeNumber::new(number)?;
            state.store.person_by_number(&number).await?
        }
    };
    found.ok_or_else(|| unknown_person(whom))
}

fn unknown_person(whom: &Whom) -> Problem {
    let who = match whom {
        Whom::Id(id) => format!("the id {id}"),
        Whom::Number(number) => format!("the employee number {number:?}"),
    };
    Problem::NotFound {
        code: "unknown_person",
        message: format!("nobody has {who}; GET /api/v1/people lists everybody"),
    }
}

/// A date or a date-time on the terminal's own clock.
fn moment(name: &'static str, text: Option<&str>) -> Result<Option<LocalTime>, Problem> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| TimeRange::parse_start(name, text))
        .transpose()
        .map_err(|error| Problem::invalid(error.to_string()))
}

impl From<PersonName> for PersonNameView {
    fn from(person: PersonName) -> Self {
        Self {
            id: person.id.0,
            employee_number: person.employee_number.into(),
            name: person.name,
        }
    }
}

impl From<domain::SheetFault> for SheetFaultView {
    fn from(fault: domain::SheetFault) -> Self {
        Self {
            line: fault.line,
            message: fault.message,
        }
    }
}

impl From<PersonError> for Problem {
    fn from(error: PersonError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<SheetError> for Problem {
    fn from(error: SheetError) -> Self {
        Self::Invalid {
            code: "csv_invalid",
            message: error.to_string(),
        }
    }
}

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Known, People, Word};
use crate::{actions::PunchWish, problem::Problem};

/// Which punches are meant, in a query or in a body; all where nothing is said.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub(crate) struct PunchQuery {
    /// A date or a date-time in the terminals' local time, included.
    #[param(value_type = Option<String>, example = "2025-05-04")]
    #[schema(value_type = Option<String>, example = "2025-05-04")]
    start_date: Option<Word>,
    /// The same; a date alone is the end of that day.
    #[param(value_type = Option<String>, example = "2025-05-04 17:00:00")]
    #[schema(value_type = Option<String>, example = "2025-05-04 17:00:00")]
    end_date: Option<Word>,
    /// Employee numbers with commas between; leading zeros count. What is nobody's number is taken for a user id.
    #[param(value_type = Option<String>, example = "123,456")]
    #[schema(value_type = Option<String>, example = "123,456")]
    emp_no: Option<People>,
    /// Another name for `emp_no`.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    employee_id: Option<People>,
    /// Another name for `emp_no`.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    user_id: Option<People>,
    /// Id, serial number or address of one terminal; all where none is given.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    device: Option<Word>,
}

impl Known for PunchQuery {
    const KEYS: &'static [&'static str] = &[
        "start_date",
        "end_date",
        "emp_no",
        "employee_id",
        "user_id",
        "device",
    ];
}

impl PunchQuery {
    /// What this does not say is taken from `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        let names_people = self.names().next().is_some();
        let people = if names_people { &self } else { &other };
        Self {
            emp_no: people.emp_no.clone(),
            employee_id: people.employee_id.clone(),
            user_id: people.user_id.clone(),
            start_date: self.start_date.or(other.start_date),
            end_date: self.end_date.or(other.end_date),
            device: self.device.or(other.device),
        }
    }

    fn names(&self) -> impl Iterator<Item = &People> {
        [&self.emp_no, &self.employee_id, &self.user_id]
            .into_iter()
            .flatten()
            .filter(|people| !people.0.is_empty())
    }

    pub(crate) fn wish(self) -> Result<PunchWish, Problem> {
        let mut names = self.names();
        let people = names
            .next()
            .map(|people| people.0.clone())
            .unwrap_or_default();
        if names.any(|others| others.0 != people) {
            return Err(Problem::invalid(
                "emp_no, employee_id and user_id are names for the same; send one of them",
            ));
        }
        drop(names);
        Ok(PunchWish {
            start_date: self.start_date.and_then(Word::filled),
            end_date: self.end_date.and_then(Word::filled),
            people,
            device: self.device.and_then(Word::filled),
        })
    }
}

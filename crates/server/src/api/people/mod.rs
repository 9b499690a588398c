//! `/api/v1/people`, `mappings`, `pin-groups` and `inbox`: who stands behind a PIN.

mod groups;
mod inbox;
mod mappings;
mod persons;

use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    AppState,
    actions::{SheetFaultView, Whom},
    input::{Count, Switch, Word},
    problem::Problem,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(persons::list, persons::add))
        .routes(routes!(persons::get, persons::change, persons::remove))
        .routes(routes!(persons::export))
        .routes(routes!(persons::import))
        .routes(routes!(mappings::list, mappings::add))
        .routes(routes!(mappings::end))
        .routes(routes!(mappings::export))
        .routes(routes!(mappings::import))
        .routes(routes!(groups::list, groups::add))
        .routes(routes!(groups::rename, groups::remove))
        .routes(routes!(groups::join))
        .routes(routes!(groups::leave))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox::answer))
        .routes(routes!(inbox::answer_many))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DryRunQuery {
    /// True: says what would be done, and does nothing.
    #[param(value_type = Option<bool>)]
    dry_run: Option<Switch>,
}

impl DryRunQuery {
    fn is_dry(&self) -> bool {
        self.dry_run.is_some_and(|Switch(dry)| dry)
    }
}

/// Faults that are told at once; a dry run lists them all.
const TOLD: usize = 10;

/// A file with faults was not taken: a script must not take that for a success.
fn not_taken(faults: &[SheetFaultView]) -> Problem {
    let told: Vec<String> = faults
        .iter()
        .take(TOLD)
        .map(|fault| format!("line {}: {}", fault.line, fault.message))
        .collect();
    let more = match faults.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more, which dry_run=1 lists"),
    };
    Problem::Invalid {
        code: "file_has_faults",
        message: format!("nothing was taken: {}{more}", told.join("; ")),
    }
}

/// A number of ours.
fn id(name: &str, Count(number): Count) -> Result<i64, Problem> {
    i64::try_from(number)
        .map_err(|_| Problem::invalid(format!("{name} is {number}, which is no id of ours")))
}

/// By id or by employee number; exactly one of them.
pub(super) fn whom(person: Option<Count>, number: Option<Word>) -> Result<Whom, Problem> {
    match (person, number.and_then(Word::filled)) {
        (Some(person), None) => id("person", person).map(Whom::Id),
        (None, Some(number)) => Ok(Whom::Number(number)),
        _ => Err(Problem::invalid(
            "say who it is: send either person (an id) or employee_number",
        )),
    }
}

fn unknown(what: &'static str) -> impl FnOnce() -> Problem {
    move || Problem::NotFound {
        code: "not_found",
        message: format!("there is no such {what}"),
    }
}

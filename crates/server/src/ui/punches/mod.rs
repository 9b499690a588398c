//! The punches of the ledger: filtered, page by page, and as CSV.

pub(super) mod held;
pub(super) mod one;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use super::{
    choice::TerminalChoice,
    fields::{filled, people},
    frame::{Html, PageProblem, Place, Shell, sentence},
    overview::{PunchRow, terminal_names},
    session::Visit,
    words::{count, link},
};
use crate::{
    AppState, StatusCodes,
    actions::{PunchPage, PunchWish, latest_punches, punch_filter, standings, sync_status},
    input::Query,
    problem::Problem,
};

const ROWS: u32 = 50;

/// The filter as the address has it; the names are those of `/api/attendance`.
#[derive(Debug, Clone, Deserialize, Default, PartialEq, Eq)]
pub(super) struct Filter {
    #[serde(default)]
    start_date: String,
    #[serde(default)]
    end_date: String,
    #[serde(default)]
    emp_no: String,
    #[serde(default)]
    device: String,
    #[serde(default)]
    before: String,
}

#[derive(Template)]
#[template(path = "punches.html")]
struct PunchesPage {
    shell: Shell,
    filter: Filter,
    choices: Vec<TerminalChoice>,
    problem: Option<String>,
    rows: Vec<PunchRow>,
    shows_sent: bool,
    /// `128 punches`
    total: String,
    csv: String,
    newest: Option<String>,
    older: Option<String>,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(filter): Query<Filter>,
) -> Result<Response, PageProblem> {
    let (status, problem, page) = match find(&state, &filter).await {
        Ok(page) => (StatusCode::OK, None, page),
        // What is wrong with a filter is told beside it.
        Err(problem @ (Problem::Invalid { .. } | Problem::NotFound { .. })) => {
            let nothing = PunchPage {
                punches: Vec::new(),
                total: 0,
                next: None,
            };
            (
                problem.status(StatusCodes::Plain),
                Some(sentence(&problem)),
                nothing,
            )
        }
        Err(problem) => return Err(problem.into()),
    };
    let standings = standings(&state, &page.punches).await?;
    let names = terminal_names(&sync_status(&state, None).await?.devices);
    let page = PunchesPage {
        shell: Shell::new(&state, visit, Place::Punches),
        choices: TerminalChoice::list(&state, &filter.device).await?,
        problem,
        rows: PunchRow::list(&page.punches, &names, standings.as_ref()),
        shows_sent: standings.is_some(),
        total: count(page.total, "punch", "punches"),
        csv: filter.csv(),
        newest: (!filter.before.is_empty()).then(|| filter.page("")),
        older: page.next.map(|cursor| filter.page(&cursor)),
        filter,
    };
    Ok(Html(status, page).into_response())
}

async fn find(state: &AppState, filter: &Filter) -> Result<PunchPage, Problem> {
    let wanted = punch_filter(state, &filter.wish()?).await?;
    latest_punches(state, &wanted, Some(&filter.before), ROWS).await
}

impl Filter {
    fn wish(&self) -> Result<PunchWish, Problem> {
        Ok(PunchWish {
            start_date: filled(&self.start_date),
            end_date: filled(&self.end_date),
            people: people(&self.emp_no)?,
            device: filled(&self.device),
        })
    }

    fn parameters(&self) -> [(&'static str, &str); 4] {
        [
            ("start_date", self.start_date.trim()),
            ("end_date", self.end_date.trim()),
            ("emp_no", self.emp_no.trim()),
            ("device", self.device.trim()),
        ]
    }

    fn page(&self, before: &str) -> String {
        link(
            "/punches",
            self.parameters().into_iter().chain([("before", before)]),
        )
    }

    /// The same punches from the API, all of them.
    fn csv(&self) -> String {
        link(
            "/api/attendance",
            self.parameters().into_iter().chain([("format", "sheet")]),
        )
    }
}

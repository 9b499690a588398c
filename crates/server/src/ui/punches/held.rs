//! Punches that are held: which, what they would be, and letting them go.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use jiff::{Span, SpanRelativeTo};
use serde::Deserialize;

use crate::{
    AppState, StatusCodes,
    actions::{
        HeldPage, HeldWish, PunchWish, ReleaseWish, held_punches, release_punches, sync_status,
    },
    input::Query,
    problem::Problem,
    ui::{
        choice::TerminalChoice,
        fields::{filled, people},
        frame::{Html, PageProblem, Place, Shell, Tone, sentence},
        overview::terminal_names,
        session::{Posted, Visit, go_on},
        words::{count, link},
    },
};

const ROWS: u32 = 50;
const PATH: &str = "/punches/held";

/// The filter and the shift, as they were typed.
#[derive(Debug, Clone, Deserialize, Default, PartialEq, Eq)]
pub(crate) struct HeldForm {
    #[serde(default)]
    start_date: String,
    #[serde(default)]
    end_date: String,
    #[serde(default)]
    emp_no: String,
    #[serde(default)]
    device: String,
    /// `26 years`, `-3h`, `9822 days 30 min`, or seconds
    #[serde(default)]
    shift: String,
    #[serde(default)]
    reason: String,
    /// How many the page showed.
    #[serde(default)]
    count: String,
}

#[derive(Template)]
#[template(path = "held.html")]
struct HeldTemplate {
    shell: Shell,
    form: HeldForm,
    choices: Vec<TerminalChoice>,
    problem: Option<String>,
    rows: Vec<HeldRow>,
    total: u64,
    /// `12 punches are held`
    headline: String,
    /// `Release 12 punches`
    button: String,
    more: bool,
    is_moved: bool,
    may_release: bool,
}

struct HeldRow {
    time: String,
    shifted: String,
    name: String,
    user_id: String,
    what: &'static str,
    terminal: String,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(form): Query<HeldForm>,
) -> Result<Response, PageProblem> {
    page(&state, visit, form, None).await
}

pub(crate) async fn release(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<HeldForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    match released(&state, &form, &visitor.caller().name).await {
        Ok(text) => Ok(go_on(&state, &visitor, PATH, Tone::Good, &text)),
        Err(
            problem @ (Problem::Invalid { .. }
            | Problem::NotFound { .. }
            | Problem::Conflict { .. }),
        ) => page(&state, Visit::again(visitor), form, Some(problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

async fn released(state: &AppState, form: &HeldForm, by: &str) -> Result<String, Problem> {
    let mut wish = ReleaseWish {
        held: form.wish()?,
        shift_secs: form.shift_secs()?,
        reason: form.reason.clone(),
        dry_run: true,
    };
    let planned = release_punches(state, wish.clone(), by).await?.released;
    if form.count.parse() != Ok(planned) {
        return Err(Problem::Conflict {
            code: "changed",
            message: format!(
                "meanwhile {} this filter; look at the list again",
                count(planned, "punch matches", "punches match")
            ),
        });
    }
    wish.dry_run = false;
    let done = release_punches(state, wish, by).await?;
    let left = match done.left {
        None | Some(0) => String::new(),
        Some(left) => format!(
            " {} held: their time, moved so far, would be none.",
            count(left, "punch stays", "punches stay")
        ),
    };
    Ok(format!(
        "{} released.{left}",
        count(done.released, "punch is", "punches are")
    ))
}

async fn page(
    state: &AppState,
    visit: Visit,
    form: HeldForm,
    problem: Option<Problem>,
) -> Result<Response, PageProblem> {
    let found = find(state, &form).await;
    let (problem, page) = match (problem, found) {
        (problem, Ok(page)) => (problem, page),
        (problem, Err(wrong @ (Problem::Invalid { .. } | Problem::NotFound { .. }))) => {
            let nothing = HeldPage {
                records: Vec::new(),
                total: 0,
                next_cursor: None,
            };
            (problem.or(Some(wrong)), nothing)
        }
        (_, Err(wrong)) => return Err(wrong.into()),
    };
    let status = problem
        .as_ref()
        .map_or(StatusCode::OK, |problem| problem.status(StatusCodes::Plain));
    let names = terminal_names(&sync_status(state, None).await?.devices);
    let rows = page.records.into_iter().map(|held| HeldRow {
        time: held.punch.timestamp,
        shifted: held.shifted.unwrap_or_else(|| "no time".to_owned()),
        name: held.punch.employee_name,
        user_id: held.punch.employee_id,
        what: held.punch.punch_type,
        terminal: names
            .get(&held.punch.device)
            .cloned()
            .unwrap_or(held.punch.device),
    });
    let page = HeldTemplate {
        rows: rows.collect(),
        total: page.total,
        headline: count(page.total, "punch is held", "punches are held"),
        button: format!("Release {}", count(page.total, "punch", "punches")),
        more: page.next_cursor.is_some(),
        is_moved: form.shift_secs().is_ok_and(|shift| shift.is_some()),
        may_release: visit.visitor.may(Role::Operator),
        choices: TerminalChoice::list(state, &form.device).await?,
        problem: problem.as_ref().map(sentence),
        shell: Shell::new(state, visit, Place::Punches).titled("Held punches"),
        form,
    };
    Ok(Html(status, page).into_response())
}

async fn find(state: &AppState, form: &HeldForm) -> Result<HeldPage, Problem> {
    held_punches(state, &form.wish()?, form.shift_secs()?, None, ROWS).await
}

/// The address of all that are held.
pub(crate) fn held_link() -> String {
    link(PATH, [])
}

impl HeldForm {
    fn wish(&self) -> Result<HeldWish, Problem> {
        Ok(HeldWish {
            punches: PunchWish {
                start_date: filled(&self.start_date),
                end_date: filled(&self.end_date),
                people: people(&self.emp_no)?,
                device: filled(&self.device),
            },
            ids: Vec::new(),
        })
    }

    fn shift_secs(&self) -> Result<Option<i64>, Problem> {
        let Some(text) = filled(&self.shift) else {
            return Ok(None);
        };
        if let Ok(secs) = text.parse() {
            return Ok(Some(secs));
        }
        let wrong = || {
            Problem::invalid(format!(
                "the shift is {text:?}; write it as 9822 days, 3h 30m, -1 day, or in seconds"
            ))
        };
        let span: Span = text.parse().map_err(|_| wrong())?;
        let length = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| wrong())?;
        Ok(Some(length.as_secs()))
    }
}

#[cfg(test)]
pub(super) fn shift_of(text: &str) -> Option<i64> {
    let form = HeldForm {
        shift: text.to_owned(),
        ..HeldForm::default()
    };
    form.shift_secs().ok().flatten()
}

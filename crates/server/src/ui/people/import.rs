use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use crate::{
    AppState, StatusCodes,
    actions::{SheetFaultView, import_mappings, import_people},
    problem::Problem,
    ui::{
        fields::ticked,
        frame::{Html, PageProblem, Place, Shell, Tone, sentence},
        session::{Posted, Visit},
    },
};

/// A file as it was pasted or chosen.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ImportForm {
    /// `people` or `mappings`
    #[serde(default)]
    what: String,
    #[serde(default)]
    csv: String,
    #[serde(default)]
    dry_run: String,
}

#[derive(Template)]
#[template(path = "people_import.html")]
struct ImportPage {
    shell: Shell,
    form: ImportForm,
    outcome: Option<(Tone, String)>,
    faults: Vec<SheetFaultView>,
}

/// What a file came to, in words.
struct Outcome {
    text: String,
    faults: Vec<SheetFaultView>,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Admin)?;
    let form = ImportForm {
        what: "people".to_owned(),
        csv: String::new(),
        dry_run: "1".to_owned(),
    };
    Ok(page(&state, visit, form, None))
}

pub(super) async fn take(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<ImportForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let done = taken(&state, &form, &visitor.caller().name).await;
    if let Err(problem @ Problem::Internal { .. }) = done {
        return Err(problem.into());
    }
    Ok(page(&state, Visit::again(visitor), form, Some(done)))
}

async fn taken(state: &AppState, form: &ImportForm, by: &str) -> Result<Outcome, Problem> {
    let dry_run = form.is_dry();
    let file = form.csv.as_bytes();
    if form.csv.trim().is_empty() {
        return Err(Problem::invalid("there is nothing in the file"));
    }
    let would = |dry: &str, done: &str| {
        if dry_run {
            dry.to_owned()
        } else {
            done.to_owned()
        }
    };
    if form.what == "mappings" {
        let taken = import_mappings(state, file, dry_run, by).await?;
        return Ok(Outcome {
            text: format!(
                "{} {}, {} stand so already.",
                taken.made,
                would("mappings would be made", "mappings were made"),
                taken.unchanged
            ),
            faults: taken.faults,
        });
    }
    let taken = import_people(state, file, dry_run).await?;
    Ok(Outcome {
        text: format!(
            "{} {}, {} {}, {} stay as they are.",
            taken.added,
            would("would be added", "were added"),
            taken.changed,
            would("would be changed", "were changed"),
            taken.unchanged
        ),
        faults: taken.faults,
    })
}

fn page(
    state: &AppState,
    visit: Visit,
    form: ImportForm,
    done: Option<Result<Outcome, Problem>>,
) -> Response {
    let (status, outcome, faults) = match done {
        None => (StatusCode::OK, None, Vec::new()),
        Some(Ok(done)) if done.faults.is_empty() => {
            (StatusCode::OK, Some((Tone::Good, done.text)), Vec::new())
        }
        Some(Ok(done)) => (
            StatusCode::OK,
            Some((
                Tone::Bad,
                "Nothing was taken: these lines have faults.".to_owned(),
            )),
            done.faults,
        ),
        Some(Err(problem)) => (
            problem.status(StatusCodes::Plain),
            Some((Tone::Bad, sentence(&problem))),
            Vec::new(),
        ),
    };
    let page = ImportPage {
        shell: Shell::new(state, visit, Place::People).titled("Import from CSV"),
        form,
        outcome,
        faults,
    };
    Html(status, page).into_response()
}

impl ImportForm {
    fn is_dry(&self) -> bool {
        ticked(&self.dry_run)
    }
}

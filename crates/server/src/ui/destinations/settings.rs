use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{PunchState, Role};

use super::{
    form, path,
    try_out::{MatchCount, TryOut},
};
use crate::{
    AppState, StatusCodes,
    actions::{self, DestinationSavedView},
    problem::Problem,
    ui::{
        choice::TerminalChoice,
        fields::Fields,
        frame::{Html, PageProblem, Place, Shell, Tone, sentence},
        session::{Posted, Visit, Visitor, go_on},
        words::count,
    },
};

#[derive(Template)]
#[template(path = "destination_settings.html")]
struct SettingsPage {
    shell: Shell,
    /// `None`: somebody new.
    id: Option<i64>,
    is_default: bool,
    form: Fields,
    choices: Vec<TerminalChoice>,
    states: Vec<(String, &'static str)>,
    zone_here: String,
    matching: MatchCount,
    try_out: TryOut,
    problem: Option<String>,
}

/// The form with what is wrong with it.
struct Again {
    form: Fields,
    status: StatusCode,
    problem: Option<String>,
}

pub(super) async fn new(
    State(state): State<AppState>,
    visit: Visit,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Admin)?;
    page(&state, visit, None, Again::fresh(form::blank())).await
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Admin)?;
    let destination = actions::destination(&state, &id).await?;
    let form = form::of(&destination)?;
    page(&state, visit, Some(id), Again::fresh(form)).await
}

pub(super) async fn add(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<Fields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let done = match (form::wish(&form), form::history(&form)) {
        (Ok(mut wish), Ok(history)) => {
            wish.filter.start_from = None;
            actions::add_destination(&state, wish, &history).await
        }
        (Err(problem), _) | (_, Err(problem)) => Err(problem),
    };
    match done {
        Ok(made) => {
            let text = format!("{} is added.", made.name);
            Ok(go_on(&state, &visitor, &path(made.id), Tone::Good, &text))
        }
        Err(problem) => again(&state, visitor, None, form, problem).await,
    }
}

pub(super) async fn save(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<Fields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let done = match form::wish(&form) {
        Ok(wish) => actions::change_destination(&state, &id, wish).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(saved) => Ok(go_on(
            &state,
            &visitor,
            &path(saved.destination.id),
            Tone::Good,
            &told(&saved),
        )),
        Err(problem) => again(&state, visitor, Some(id), form, problem).await,
    }
}

/// The same page with the preview as the form now stands, for browsers without scripts.
pub(super) async fn preview(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<Fields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    page(&state, Visit::again(visitor), Some(id), Again::fresh(form)).await
}

pub(super) async fn preview_new(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<Fields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    page(&state, Visit::again(visitor), None, Again::fresh(form)).await
}

async fn again(
    state: &AppState,
    visitor: Visitor,
    id: Option<String>,
    form: Fields,
    problem: Problem,
) -> Result<Response, PageProblem> {
    if matches!(problem, Problem::Internal { .. }) {
        return Err(problem.into());
    }
    let again = Again {
        form,
        status: problem.status(StatusCodes::Plain),
        problem: Some(sentence(&problem)),
    };
    page(state, Visit::again(visitor), id, again).await
}

async fn page(
    state: &AppState,
    visit: Visit,
    id: Option<String>,
    again: Again,
) -> Result<Response, PageProblem> {
    let Again {
        form,
        status,
        problem,
    } = again;
    let known = match &id {
        Some(id) => Some(actions::destination(state, id).await?),
        None => None,
    };
    let title = match &known {
        Some(known) => format!("Settings of {}", known.name),
        None => "Add a destination".to_owned(),
    };
    let page = SettingsPage {
        id: known.as_ref().map(|known| known.id),
        is_default: known.as_ref().is_some_and(|known| known.name == "default"),
        choices: TerminalChoice::list(state, "").await?,
        states: (0..=5)
            .map(|code| (code.to_string(), PunchState::new(code).label()))
            .collect(),
        zone_here: state.settings.zone_name.clone(),
        matching: MatchCount::load(state, &form).await,
        try_out: TryOut::load(state, &form).await,
        form,
        problem,
        shell: Shell::new(state, visit, Place::Destinations).titled(title),
    };
    Ok(Html(status, page).into_response())
}

/// What a change came to, in words.
pub(super) fn told(saved: &DestinationSavedView) -> String {
    let mut parts = vec!["The settings are saved.".to_owned()];
    if saved.withdrawn > 0 {
        let waiting = count(saved.withdrawn, "waiting punch is", "waiting punches are");
        parts.push(format!("{waiting} not wanted any more."));
    }
    if saved.in_doubt > 0 {
        let doubtful = count(saved.in_doubt, "punch", "punches");
        parts.push(format!(
            "{doubtful} may have arrived already and stay in the queue."
        ));
    }
    parts.join(" ")
}

impl Again {
    fn fresh(form: Fields) -> Self {
        Self {
            form,
            status: StatusCode::OK,
            problem: None,
        }
    }
}

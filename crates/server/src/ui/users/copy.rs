//! Copies people with their fingerprints to another terminal: whom and where, then a check, then the copy.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde_json::Value;

use crate::{
    AppState, StatusCodes,
    actions::{CopyWish, TemplatePage, UserView, begin_copy, job, templates, unknown_job, users},
    input::{Query, row_id},
    problem::Problem,
    ui::{
        choice::TerminalChoice,
        fields::{Fields, filled},
        frame::{Html, Moment, PageProblem, Place, Shell, Tone, sentence},
        jobs,
        session::{Posted, Visit, Visitor, go_on},
        words::{count, link},
    },
};

/// Boxes to tick; who has more people copies all of them, or finds some.
const ROWS: usize = 500;

#[derive(Template)]
#[template(path = "users_copy.html")]
struct CopyPage {
    shell: Shell,
    form: Fields,
    from: Vec<TerminalChoice>,
    to: Vec<TerminalChoice>,
    back: String,
    rows: Vec<Row>,
    /// `12 people`
    all: String,
    /// More match than are shown.
    cut: bool,
    read_at: Option<Moment>,
    problem: Option<String>,
}

struct Row {
    user_id: String,
    name: String,
    fingers: String,
    ticked: bool,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(form): Query<Fields>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Admin)?;
    page(&state, visit, form, StatusCode::OK, None).await
}

/// The check, or after it the copy itself.
pub(super) async fn begin(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<Fields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let begun = match filled(form.get("checked")) {
        Some(checked) => copy_checked(&state, &checked).await,
        None => check(&state, &form).await,
    };
    match begun {
        Ok((id, text)) => Ok(go_on(&state, &visitor, &jobs::path(id), Tone::Busy, text)),
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => Err(problem.into()),
        Err(problem) => again(&state, visitor, form, &problem).await,
    }
}

async fn check(state: &AppState, form: &Fields) -> Result<(i64, &'static str), Problem> {
    let to = filled(form.get("to"))
        .ok_or_else(|| Problem::invalid("Choose the terminal that they are copied to"))?;
    let people = form.all("user_id");
    let people = if form.get("who") == "all" {
        None
    } else if people.is_empty() {
        return Err(Problem::invalid(
            "Nobody is ticked; tick whom to copy, or choose everybody",
        ));
    } else {
        Some(people)
    };
    let wish = CopyWish {
        to,
        people,
        dry_run: true,
    };
    let id = begin_copy(state, form.get("device"), wish).await?;
    Ok((id.0, "Both terminals are being asked; nothing is written."))
}

/// Copies whom a check looked at.
async fn copy_checked(state: &AppState, checked: &str) -> Result<(i64, &'static str), Problem> {
    let id = row_id(checked, || unknown_job(checked))?;
    let done = job(state, id).await?;
    let number = |name| done.request.get(name).and_then(Value::as_i64);
    let (Some(from), Some(to), "copy_users") = (number("device"), number("to"), done.kind.as_str())
    else {
        return Err(unknown_job(checked));
    };
    let people = done.request.get("user_ids").and_then(Value::as_array);
    let wish = CopyWish {
        to: to.to_string(),
        people: people.map(|people| {
            let texts = people.iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        }),
        dry_run: false,
    };
    let id = begin_copy(state, &from.to_string(), wish).await?;
    Ok((id.0, "Copying has begun."))
}

async fn again(
    state: &AppState,
    visitor: Visitor,
    form: Fields,
    problem: &Problem,
) -> Result<Response, PageProblem> {
    let status = problem.status(StatusCodes::Plain);
    let told = Some(sentence(problem));
    page(state, Visit::again(visitor), form, status, told).await
}

async fn page(
    state: &AppState,
    visit: Visit,
    form: Fields,
    status: StatusCode,
    problem: Option<String>,
) -> Result<Response, PageProblem> {
    let list = users(state, filled(form.get("device")).as_deref()).await?;
    let device = list.device.map(|id| id.to_string()).unwrap_or_default();
    let fingers = match list.device {
        Some(_) => {
            let TemplatePage { people, .. } =
                templates(state, &device, None, None, usize::MAX).await?;
            people
                .into_iter()
                .map(|person| (person.user_id, person.templates.len()))
                .collect()
        }
        None => HashMap::new(),
    };
    let wanted = form.get("find").trim().to_lowercase();
    let found = || list.users.iter().filter(|user| is_found(user, &wanted));
    let ticked = form.all("user_id");
    let page = CopyPage {
        rows: found()
            .take(ROWS)
            .map(|user| Row {
                ticked: ticked.contains(&user.user_id),
                fingers: fingers
                    .get(&user.user_id)
                    .map(|fingers| count(*fingers as u64, "finger", "fingers"))
                    .unwrap_or_default(),
                user_id: user.user_id.clone(),
                name: user.name.clone(),
            })
            .collect(),
        cut: found().nth(ROWS).is_some(),
        all: count(list.count as u64, "person", "people"),
        read_at: list
            .last_sync
            .map(|at| Moment::new(at, state.clock.now(), &state.settings.zone)),
        to: TerminalChoice::list(state, form.get("to"))
            .await?
            .into_iter()
            .filter(|choice| choice.id.to_string() != device)
            .collect(),
        from: TerminalChoice::list(state, &device).await?,
        back: link("/users", [("device", device.as_str())]),
        shell: Shell::new(state, visit, Place::Users).titled("Copy people to another terminal"),
        form,
        problem,
    };
    Ok(Html(status, page).into_response())
}

fn is_found(user: &UserView, text: &str) -> bool {
    text.is_empty()
        || user.user_id.to_lowercase().contains(text)
        || user.name.to_lowercase().contains(text)
}

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use super::path;
use crate::{
    AppState,
    actions::{self, ReplayWish},
    problem::Problem,
    ui::{
        fields::filled,
        frame::{Html, PageProblem, Place, Shell, Tone, sentence},
        session::{NoFields, Posted, Visit, go_on},
        words::count,
    },
};

#[derive(Template)]
#[template(path = "destination_remove.html")]
struct RemovePage {
    shell: Shell,
    id: i64,
    name: String,
    waiting: u64,
}

/// What goes again: one delivery, or those of one cause.
#[derive(Debug, Deserialize)]
pub(super) struct ReplayForm {
    #[serde(default)]
    delivery: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct SinceForm {
    #[serde(default)]
    since: String,
}

pub(super) async fn pause(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted {
        visitor,
        form: NoFields {},
    }: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let paused = actions::pause_destination(&state, &id).await?;
    let text = format!("{} is paused. Punches go on queueing.", paused.name);
    Ok(go_on(&state, &visitor, &path(paused.id), Tone::Idle, &text))
}

pub(super) async fn resume(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted {
        visitor,
        form: NoFields {},
    }: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let resumed = actions::resume_destination(&state, &id).await?;
    let text = format!("{} goes on.", resumed.name);
    Ok(go_on(
        &state,
        &visitor,
        &path(resumed.id),
        Tone::Good,
        &text,
    ))
}

pub(super) async fn replay(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<ReplayForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let destination = actions::destination(&state, &id).await?;
    let wish = match (form.delivery.parse(), filled(&form.cause)) {
        (Ok(delivery), _) => ReplayWish::Deliveries {
            ids: vec![delivery],
            force: true,
        },
        (Err(_), Some(cause)) => ReplayWish::Cause {
            cause,
            reason: filled(&form.reason),
        },
        (Err(_), None) => return Err(Problem::invalid("the form names nothing to send").into()),
    };
    let replayed = actions::replay(&state, &id, wish).await?;
    let (tone, text) = if replayed.queued == 0 {
        (Tone::Warn, "Nothing of it can go again now.".to_owned())
    } else {
        let records = count(replayed.queued, "punch goes", "punches go");
        (Tone::Good, format!("{records} again."))
    };
    Ok(go_on(&state, &visitor, &path(destination.id), tone, &text))
}

pub(super) async fn queue_past(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<SinceForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let destination = actions::destination(&state, &id).await?;
    let here = path(destination.id);
    match actions::queue_past(&state, &id, &form.since).await {
        Ok(_) => {
            let text = "Past punches are being queued in the background.";
            Ok(go_on(&state, &visitor, &here, Tone::Busy, text))
        }
        Err(problem @ (Problem::Invalid { .. } | Problem::Conflict { .. })) => {
            let text = sentence(&problem);
            Ok(go_on(&state, &visitor, &here, Tone::Bad, &text))
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(super) async fn ask(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Admin)?;
    let destination = actions::destination(&state, &id).await?;
    let page = RemovePage {
        id: destination.id,
        waiting: destination.status.waiting,
        shell: Shell::new(&state, visit, Place::Destinations)
            .titled(format!("Remove {}", destination.name)),
        name: destination.name,
    };
    Ok(Html(StatusCode::OK, page).into_response())
}

pub(super) async fn remove(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted {
        visitor,
        form: NoFields {},
    }: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let removed = actions::remove_destination(&state, &id).await?;
    let text = format!("{} is removed. The punches are kept.", removed.name);
    Ok(go_on(&state, &visitor, "/destinations", Tone::Good, &text))
}

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::Role;

use super::{
    path,
    request::ShownRequest,
    show::{RequestRow, class_pill},
};
use crate::{
    AppState,
    actions::{self, AttemptView, unknown_attempt},
    input::row_id,
    ui::{
        frame::{Html, Moment, PageProblem, Pill, Place, Shell, Tone, sentence_of},
        session::{NoFields, Posted, Visit},
    },
};

#[derive(Template)]
#[template(path = "attempt.html")]
struct AttemptPage {
    shell: Shell,
    back: String,
    destination: String,
    pill: Option<Pill>,
    row: Option<RequestRow>,
    /// Whether it is what was sent, and what else is to be said.
    note: Option<(Tone, String)>,
    request: Option<ShownRequest>,
    /// What was looked at instead of an answer.
    held_back: Vec<String>,
    answer: Option<String>,
    answer_is_cut: bool,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, attempt)): Path<(String, String)>,
) -> Result<impl IntoResponse, PageProblem> {
    let destination = actions::destination(&state, &id).await?;
    let number = row_id(&attempt, || unknown_attempt(&attempt))?;
    let found = actions::attempt(&state, number).await?;
    if found.attempt.destination != destination.id {
        return Err(unknown_attempt(&attempt).into());
    }
    let note = match (&found.request, found.same_as_sent) {
        (None, _) => Some((
            Tone::Idle,
            "What was sent cannot be shown any more: it is older than the destination keeps requests.".to_owned(),
        )),
        (Some(_), Some(true)) => Some((
            Tone::Good,
            "This is what was sent, to the byte; secrets are masked.".to_owned(),
        )),
        (Some(_), Some(false)) => Some((
            Tone::Warn,
            "The destination, or what is known of people, was changed since; something else was sent then.".to_owned(),
        )),
        (Some(_), None) => None,
    };
    let page = AttemptPage {
        back: path(destination.id),
        destination: destination.name,
        pill: Some(class_pill(&found.attempt.class)),
        row: Some(row(&state, &found.attempt)),
        note,
        request: found.request.map(ShownRequest::from),
        held_back: Vec::new(),
        answer: found.answer,
        answer_is_cut: found.answer_is_cut,
        shell: Shell::new(&state, visit, Place::Destinations).titled(format!("Request {number}")),
    };
    Ok(Html(StatusCode::OK, page))
}

pub(super) async fn test(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted {
        visitor,
        form: NoFields {},
    }: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let destination = actions::destination(&state, &id).await?;
    let sent = actions::test_destination(&state, &id).await?;
    let note = if sent.accepted {
        (Tone::Good, "The receiver took the test record.".to_owned())
    } else {
        let error = sent.attempt.as_ref().and_then(|sent| sent.error.as_deref());
        let why = error.unwrap_or("it was not taken");
        (Tone::Bad, sentence_of(why))
    };
    let page = AttemptPage {
        back: path(destination.id),
        destination: destination.name,
        pill: sent
            .attempt
            .as_ref()
            .map(|attempt| class_pill(&attempt.class)),
        row: sent.attempt.as_ref().map(|attempt| row(&state, attempt)),
        note: Some(note),
        request: Some(sent.request.into()),
        held_back: Vec::new(),
        answer: sent.answer,
        answer_is_cut: false,
        shell: Shell::new(&state, Visit::again(visitor), Place::Destinations).titled("Test"),
    };
    Ok(Html(StatusCode::OK, page).into_response())
}

pub(super) async fn dry_run(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageProblem> {
    let destination = actions::destination(&state, &id).await?;
    let look = actions::dry_run(&state, &id).await?;
    let note = match (&look.next, look.held_back.is_empty()) {
        (None, _) => (
            Tone::Good,
            "Nothing waits; nothing would be sent.".to_owned(),
        ),
        (Some(_), true) => (
            Tone::Busy,
            "This is the next request. Nothing was sent by looking.".to_owned(),
        ),
        (Some(_), false) => (
            Tone::Warn,
            "This is the next request. It does not go yet:".to_owned(),
        ),
    };
    let page = AttemptPage {
        back: path(destination.id),
        destination: destination.name,
        pill: None,
        row: None,
        note: Some(note),
        request: look.next.map(|next| next.request.into()),
        held_back: look
            .held_back
            .iter()
            .map(|held| sentence_of(&held.message))
            .collect(),
        answer: None,
        answer_is_cut: false,
        shell: Shell::new(&state, visit, Place::Destinations).titled("Dry run"),
    };
    Ok(Html(StatusCode::OK, page))
}

fn row(state: &AppState, attempt: &AttemptView) -> RequestRow {
    let now = state.clock.now();
    RequestRow::new(attempt, |at| Moment::new(at, now, &state.settings.zone))
}

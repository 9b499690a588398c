use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use super::{Whom, edit::find};
use crate::{
    AppState, StatusCodes,
    actions::{self, UserView},
    input::Query,
    problem::Problem,
    ui::{
        fields::ticked,
        frame::{Html, PageProblem, Place, Shell, Tone, sentence},
        session::{Posted, Visit, go_on},
        words::link,
    },
};

#[derive(Template)]
#[template(path = "user_delete.html")]
struct DeletePage {
    shell: Shell,
    device: i64,
    terminal: String,
    user: UserView,
    back: String,
    problem: Option<String>,
    /// They are the last administrator; it takes one more tick.
    asks_force: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct DeleteForm {
    #[serde(default)]
    device: String,
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    force: String,
}

pub(super) async fn ask(
    State(state): State<AppState>,
    visit: Visit,
    Query(whom): Query<Whom>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Operator)?;
    page(&state, visit, &whom, StatusCode::OK, None, false).await
}

pub(super) async fn delete(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<DeleteForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let force = ticked(&form.force);
    match actions::delete_user(&state, &form.user_id, Some(&form.device), force).await {
        Ok(deleted) => {
            let text = match deleted.result {
                "deleted" => format!(
                    "User {} is deleted from the terminal; their punches stay here.",
                    deleted.user_id
                ),
                _ => format!("User {} was not on the terminal any more.", deleted.user_id),
            };
            let back = link("/users", [("device", form.device.as_str())]);
            Ok(go_on(&state, &visitor, &back, Tone::Good, &text))
        }
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => Err(problem.into()),
        Err(problem) => {
            let whom = Whom {
                device: form.device,
                user_id: form.user_id,
            };
            let visit = Visit::again(visitor);
            let asks_force = problem.code() == "last_admin";
            page(
                &state,
                visit,
                &whom,
                problem.status(StatusCodes::Plain),
                Some(sentence(&problem)),
                asks_force,
            )
            .await
        }
    }
}

async fn page(
    state: &AppState,
    visit: Visit,
    whom: &Whom,
    status: StatusCode,
    problem: Option<String>,
    asks_force: bool,
) -> Result<Response, PageProblem> {
    let (device, user) = find(state, &whom.device, &whom.user_id).await?;
    let terminal = actions::device(state, &device.to_string()).await?;
    let page = DeletePage {
        shell: Shell::new(state, visit, Place::Users).titled(format!("Delete {}", user.name)),
        back: link("/users", [("device", device.to_string().as_str())]),
        terminal: terminal.name,
        device,
        user,
        problem,
        asks_force,
    };
    Ok(Html(status, page).into_response())
}

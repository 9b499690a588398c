use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;

use super::{
    Whom,
    form::{PrivilegeChoice, UserForm},
    list::{self, Forms},
};
use crate::{
    AppState, StatusCodes,
    actions::{self, SavedUserView, UserView},
    input::Query,
    problem::Problem,
    ui::{
        fields::filled,
        frame::{Html, PageProblem, Place, Shell, Tone, sentence, sentence_of},
        session::{Posted, Visit, Visitor, go_on},
        words::link,
    },
};

#[derive(Template)]
#[template(path = "user_edit.html")]
struct EditPage {
    shell: Shell,
    form: UserForm,
    privileges: Vec<PrivilegeChoice>,
    has_password: bool,
    back: String,
    problem: Option<String>,
}

pub(super) async fn add(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<UserForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let done = match form.addition() {
        Ok(wish) => actions::save_user(&state, wish).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(saved) => Ok(saved_user(&state, &visitor, &form, &saved)),
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => Err(problem.into()),
        Err(problem) => {
            let device = form.device.clone();
            let forms = Forms {
                user: Some(form),
                ..Forms::default()
            };
            list::again(&state, visitor, device, &problem, forms).await
        }
    }
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(whom): Query<Whom>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Operator)?;
    let (device, user) = find(&state, &whom.device, &whom.user_id).await?;
    let form = UserForm::of(device, &user);
    Ok(page(&state, visit, &user, form, StatusCode::OK, None))
}

pub(super) async fn save(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<UserForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let done = match form.change() {
        Ok(wish) => actions::save_user(&state, wish).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(saved) => Ok(saved_user(&state, &visitor, &form, &saved)),
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => Err(problem.into()),
        Err(problem) => {
            let (_, user) = find(&state, &form.device, &form.user_id).await?;
            let visit = Visit::again(visitor);
            Ok(page(
                &state,
                visit,
                &user,
                form,
                problem.status(StatusCodes::Plain),
                Some(sentence(&problem)),
            ))
        }
    }
}

/// Somebody on a terminal, by their user id.
pub(super) async fn find(
    state: &AppState,
    device: &str,
    user_id: &str,
) -> Result<(i64, UserView), PageProblem> {
    let list = actions::users(state, filled(device).as_deref()).await?;
    let user = list.users.into_iter().find(|user| user.user_id == user_id);
    match (list.device, user) {
        (Some(device), Some(user)) => Ok((device, user)),
        (Some(_) | None, _) => Err(PageProblem(Problem::NotFound {
            code: "unknown_user",
            message: format!(
                "The terminal has no user with the id {user_id:?}; the list may be newer than the link"
            ),
        })),
    }
}

fn page(
    state: &AppState,
    visit: Visit,
    user: &UserView,
    form: UserForm,
    status: StatusCode,
    problem: Option<String>,
) -> Response {
    let page = EditPage {
        shell: Shell::new(state, visit, Place::Users).titled(format!("Edit {}", user.name)),
        privileges: form.privileges(),
        has_password: user.has_password,
        back: link("/users", [("device", form.device.as_str())]),
        form,
        problem,
    };
    Html(status, page).into_response()
}

fn saved_user(
    state: &AppState,
    visitor: &Visitor,
    form: &UserForm,
    saved: &SavedUserView,
) -> Response {
    let who = match filled(&form.name) {
        Some(name) => format!("{name} ({})", saved.user_id),
        None => format!("User {}", saved.user_id),
    };
    let text = match saved.result {
        "added" => format!("{who} is on the terminal now."),
        "unchanged" => format!("{who} was like that already."),
        _ => format!("{who} is changed on the terminal."),
    };
    let (tone, text) = match &saved.warning {
        None => (Tone::Good, text),
        Some(warning) => (Tone::Warn, format!("{text} {}", sentence_of(warning))),
    };
    go_on(
        state,
        visitor,
        &link("/users", [("device", saved.device.to_string().as_str())]),
        tone,
        &text,
    )
}

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use super::{
    form::{UserForm, privilege_word},
    import::ImportForm,
};
use crate::{
    AppState, StatusCodes,
    actions::{UserList, UserView, users},
    input::Query,
    problem::Problem,
    ui::{
        choice::TerminalChoice,
        fields::filled,
        frame::{Html, Moment, PageProblem, Place, Shell, sentence},
        session::{Visit, Visitor},
        words::{count, link},
    },
};

const ROWS: usize = 100;

/// Which users are listed.
#[derive(Debug, Clone, Deserialize, Default, PartialEq, Eq)]
pub(super) struct Shown {
    #[serde(default)]
    pub(super) device: String,
    #[serde(default)]
    pub(super) find: String,
    #[serde(default)]
    pub(super) page: String,
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    shell: Shell,
    shown: Shown,
    choices: Vec<TerminalChoice>,
    rows: Vec<UserRow>,
    /// `12 users`
    total: String,
    read_at: Option<Moment>,
    /// The terminal may have other users by now.
    stale: bool,
    newest: Option<String>,
    older: Option<String>,
    form: UserForm,
    import: ImportForm,
    problem: Option<String>,
    may_write: bool,
    may_import: bool,
}

/// A user as the list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UserRow {
    user_id: String,
    name: String,
    privilege: String,
    is_admin: bool,
    card: String,
    group: String,
    has_password: bool,
    /// What they punched there.
    punches: String,
    edit: String,
    delete: String,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(shown): Query<Shown>,
) -> Result<Response, PageProblem> {
    page(&state, visit, shown, StatusCode::OK, Forms::default()).await
}

/// Forms as they were typed, and what is wrong with one of them.
#[derive(Default)]
pub(super) struct Forms {
    pub(super) user: Option<UserForm>,
    pub(super) import: Option<ImportForm>,
    pub(super) problem: Option<String>,
}

/// The list of a terminal once more, with what is wrong with a form on it.
pub(super) async fn again(
    state: &AppState,
    visitor: Visitor,
    device: String,
    problem: &Problem,
    forms: Forms,
) -> Result<Response, PageProblem> {
    let shown = Shown {
        device,
        ..Shown::default()
    };
    let forms = Forms {
        problem: Some(sentence(problem)),
        ..forms
    };
    let status = problem.status(StatusCodes::Plain);
    page(state, Visit::again(visitor), shown, status, forms).await
}

async fn page(
    state: &AppState,
    visit: Visit,
    mut shown: Shown,
    status: StatusCode,
    forms: Forms,
) -> Result<Response, PageProblem> {
    let list = users(state, filled(&shown.device).as_deref()).await?;
    // From here on the terminal has its name, also where the default one was meant.
    shown.device = list.device.map(|id| id.to_string()).unwrap_or_default();
    let found = find(&list, &shown.find);
    let at: usize = shown.page.parse().unwrap_or(0);
    let rows: Vec<UserRow> = found
        .iter()
        .skip(at.saturating_mul(ROWS))
        .take(ROWS)
        .map(|user| UserRow::new(user, &shown.device))
        .collect();
    let more = found.len() > at.saturating_add(1).saturating_mul(ROWS);
    let to = |page: usize| {
        link(
            "/users",
            [
                ("device", shown.device.as_str()),
                ("find", shown.find.trim()),
                ("page", &page.to_string()),
            ],
        )
    };
    let has_terminal = list.device.is_some();
    let page = UsersPage {
        choices: TerminalChoice::list(state, &shown.device).await?,
        total: total(&list, found.len(), &shown.find),
        read_at: list
            .last_sync
            .map(|at| Moment::new(at, state.clock.now(), &state.settings.zone)),
        stale: list.stale && has_terminal,
        newest: (at > 0).then(|| to(at - 1)),
        older: more.then(|| to(at + 1)),
        rows,
        form: forms.user.unwrap_or_default(),
        import: forms.import.unwrap_or_default(),
        problem: forms.problem,
        may_write: has_terminal && visit.visitor.may(Role::Operator),
        may_import: has_terminal && visit.visitor.may(Role::Admin),
        shell: Shell::new(state, visit, Place::Users),
        shown,
    };
    Ok(Html(status, page).into_response())
}

/// Whose name or user id holds the text.
fn find<'a>(list: &'a UserList, text: &str) -> Vec<&'a UserView> {
    let text = text.trim().to_lowercase();
    list.users
        .iter()
        .filter(|user| {
            text.is_empty()
                || user.user_id.to_lowercase().contains(&text)
                || user.name.to_lowercase().contains(&text)
        })
        .collect()
}

fn total(list: &UserList, found: usize, text: &str) -> String {
    let number = |users: usize| u64::try_from(users).unwrap_or(u64::MAX);
    let all = count(number(list.count), "user", "users");
    if text.trim().is_empty() {
        all
    } else {
        format!("{found} of {all}")
    }
}

impl UserRow {
    pub(super) fn new(user: &UserView, device: &str) -> Self {
        let whom = [("device", device), ("user_id", user.user_id.as_str())];
        Self {
            punches: link(
                "/punches",
                [("emp_no", user.user_id.as_str()), ("device", device)],
            ),
            edit: link("/users/edit", whom),
            delete: link("/users/delete", whom),
            user_id: user.user_id.clone(),
            name: user.name.clone(),
            privilege: privilege_word(user.privilege),
            is_admin: user.privilege != 0,
            card: if user.card == 0 {
                String::new()
            } else {
                user.card.to_string()
            },
            group: user.group_id.clone(),
            has_password: user.has_password,
        }
    }
}

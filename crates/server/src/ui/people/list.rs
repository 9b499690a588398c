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
    actions::{InboxWish, PeopleWish, PersonView, PersonWish, add_person, inbox, people},
    input::Query,
    problem::Problem,
    ui::{
        fields::{filled, ticked},
        frame::{Html, PageProblem, Place, Shell, Tone, sentence},
        session::{Posted, Visit, go_on},
        words::{count, link},
    },
};

const ROWS: u32 = 100;

/// Which people are listed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    find: String,
    #[serde(default)]
    after: String,
}

/// A person as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct PersonForm {
    #[serde(default)]
    pub(super) employee_number: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) groups: String,
    #[serde(default)]
    pub(super) site: String,
    #[serde(default)]
    pub(super) active: String,
}

#[derive(Template)]
#[template(path = "people.html")]
struct ListPage {
    shell: Shell,
    find: String,
    rows: Vec<PersonView>,
    newest: Option<String>,
    older: Option<String>,
    /// `3 questions about user ids`
    asked: Option<String>,
    form: PersonForm,
    problem: Option<String>,
    may_change: bool,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(shown): Query<Shown>,
) -> Result<Response, PageProblem> {
    let form = PersonForm {
        active: "1".to_owned(),
        ..PersonForm::default()
    };
    page(&state, visit, shown, form, None).await
}

pub(super) async fn add(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<PersonForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    match add_person(&state, form.wish()).await {
        Ok(made) => {
            let to = format!("/people/{}", made.id);
            let text = format!("{} is added.", made.employee_number);
            Ok(go_on(&state, &visitor, &to, Tone::Good, &text))
        }
        Err(problem @ Problem::Internal { .. }) => Err(problem.into()),
        Err(problem) => {
            page(
                &state,
                Visit::again(visitor),
                Shown::default(),
                form,
                Some(problem),
            )
            .await
        }
    }
}

async fn page(
    state: &AppState,
    visit: Visit,
    shown: Shown,
    form: PersonForm,
    problem: Option<Problem>,
) -> Result<Response, PageProblem> {
    let wish = PeopleWish {
        text: filled(&shown.find),
        ..PeopleWish::default()
    };
    let found = people(state, &wish, filled(&shown.after).as_deref(), ROWS).await?;
    let open = inbox(state, &InboxWish::default(), None, 1).await?.open;
    let status = problem
        .as_ref()
        .map_or(StatusCode::OK, |problem| problem.status(StatusCodes::Plain));
    let page = ListPage {
        newest: (!shown.after.is_empty()).then(|| link("/people", [("find", shown.find.as_str())])),
        older: found.next_cursor.as_deref().map(|cursor| {
            link(
                "/people",
                [("find", shown.find.as_str()), ("after", cursor)],
            )
        }),
        rows: found.people,
        find: shown.find,
        asked: (open > 0)
            .then(|| count(open, "question about a user id", "questions about user ids")),
        form,
        problem: problem.as_ref().map(sentence),
        may_change: visit.visitor.may(Role::Admin),
        shell: Shell::new(state, visit, Place::People),
    };
    Ok(Html(status, page).into_response())
}

impl PersonForm {
    pub(super) fn of(person: &PersonView) -> Self {
        Self {
            employee_number: person.employee_number.clone(),
            name: person.name.clone(),
            groups: person.groups.join(", "),
            site: person.site.clone().unwrap_or_default(),
            active: if person.active { "1" } else { "" }.to_owned(),
        }
    }

    pub(super) fn is_active(&self) -> bool {
        ticked(&self.active)
    }

    /// The whole form is what should be known.
    pub(super) fn wish(&self) -> PersonWish {
        PersonWish {
            employee_number: Some(self.employee_number.trim().to_owned()),
            name: Some(self.name.trim().to_owned()),
            groups: Some(
                self.groups
                    .split(',')
                    .map(str::trim)
                    .filter(|group| !group.is_empty())
                    .map(ToOwned::to_owned)
                    .collect(),
            ),
            site: Some(filled(&self.site)),
            active: Some(self.is_active()),
        }
    }
}

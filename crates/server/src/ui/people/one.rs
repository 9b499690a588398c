use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{MappingHow, Role};
use serde::Deserialize;

use super::list::PersonForm;
use crate::{
    AppState, StatusCodes,
    actions::{
        MappingView, MappingWish, MappingsQueryWish, Whom, add_mapping, change_person, devices,
        end_mapping, mappings, person, pin_groups, remove_person,
    },
    input::row_id,
    problem::Problem,
    ui::{
        choice::TerminalChoice,
        fields::filled,
        frame::{Html, PageProblem, Pill, Place, Shell, Tone, sentence},
        session::{NoFields, Posted, Visit, Visitor, go_on},
        words::{count, link},
    },
};

const MAPPINGS: u32 = 200;

/// A mapping as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct MappingForm {
    #[serde(default)]
    device: String,
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    valid_from: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct EndForm {
    #[serde(default)]
    until: String,
}

struct MappingRow {
    id: i64,
    place: String,
    user_id: String,
    from: String,
    until: String,
    pill: Pill,
    made: String,
    may_end: bool,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    shell: Shell,
    id: i64,
    punches: String,
    form: PersonForm,
    mapping: MappingForm,
    mappings: Vec<MappingRow>,
    choices: Vec<TerminalChoice>,
    /// Groups of terminals, by id.
    groups: Vec<(i64, String)>,
    problem: Option<String>,
    may_change: bool,
    may_map: bool,
}

/// Forms as they were typed, and what is wrong with one of them.
#[derive(Default)]
struct Forms {
    person: Option<PersonForm>,
    mapping: Option<MappingForm>,
    problem: Option<Problem>,
}

fn number(id: &str) -> Result<i64, Problem> {
    row_id(id, || Problem::NotFound {
        code: "unknown_person",
        message: format!("there is no person {id}"),
    })
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    page(&state, visit, number(&id)?, Forms::default()).await
}

pub(super) async fn save(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<PersonForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let id = number(&id)?;
    match change_person(&state, id, form.wish()).await {
        Ok(changed) => {
            let text = format!("{} is saved.", changed.employee_number);
            Ok(go_on(&state, &visitor, &path(id), Tone::Good, &text))
        }
        Err(problem) => {
            let forms = Forms {
                person: Some(form),
                problem: Some(problem),
                ..Forms::default()
            };
            again(&state, visitor, id, forms).await
        }
    }
}

/// A terminal, or as `group-5` a group of them.
fn place_of(chosen: &str) -> Result<(Option<String>, Option<i64>), Problem> {
    match chosen.strip_prefix("group-") {
        None => Ok((filled(chosen), None)),
        Some(group) => {
            let group = group.parse();
            let group = group.map_err(|_| Problem::invalid("there is no such group"))?;
            Ok((None, Some(group)))
        }
    }
}

pub(super) async fn map(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<MappingForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let id = number(&id)?;
    let (device, pin_group) = place_of(&form.device)?;
    let wish = MappingWish {
        device,
        pin_group,
        user_id: form.user_id.trim().to_owned(),
        person: Whom::Id(id),
        valid_from: filled(&form.valid_from),
        valid_until: None,
    };
    match add_mapping(&state, wish, &visitor.caller().name).await {
        Ok(taken) => {
            let text = format!("The user id is theirs now. {}", released(taken.released));
            Ok(go_on(&state, &visitor, &path(id), Tone::Good, &text))
        }
        Err(problem) => {
            let forms = Forms {
                mapping: Some(form),
                problem: Some(problem),
                ..Forms::default()
            };
            again(&state, visitor, id, forms).await
        }
    }
}

pub(super) async fn end(
    State(state): State<AppState>,
    Path((id, mapping)): Path<(String, String)>,
    Posted { visitor, form }: Posted<EndForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let id = number(&id)?;
    let mapping = row_id(&mapping, || Problem::invalid("there is no such mapping"))?;
    let until = filled(&form.until);
    match end_mapping(&state, mapping, until.as_deref(), &visitor.caller().name).await {
        Ok(_) => {
            let text = "The user id is not theirs any more. Old punches keep their person.";
            Ok(go_on(&state, &visitor, &path(id), Tone::Good, text))
        }
        Err(problem) => {
            let forms = Forms {
                problem: Some(problem),
                ..Forms::default()
            };
            again(&state, visitor, id, forms).await
        }
    }
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
    let id = number(&id)?;
    match remove_person(&state, id).await {
        Ok(removed) => {
            let text = format!("{} is removed.", removed.employee_number);
            Ok(go_on(&state, &visitor, "/people", Tone::Good, &text))
        }
        Err(problem) => {
            let forms = Forms {
                problem: Some(problem),
                ..Forms::default()
            };
            again(&state, visitor, id, forms).await
        }
    }
}

fn path(id: i64) -> String {
    format!("/people/{id}")
}

/// What goes by an answer, in words.
pub(super) fn released(number: u64) -> String {
    if number == 0 {
        return String::new();
    }
    let punches = count(number, "punch that waited goes", "punches that waited go");
    format!("{punches} now.")
}

async fn again(
    state: &AppState,
    visitor: Visitor,
    id: i64,
    forms: Forms,
) -> Result<Response, PageProblem> {
    match forms.problem {
        Some(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => {
            Err(problem.into())
        }
        problem => {
            let forms = Forms { problem, ..forms };
            page(state, Visit::again(visitor), id, forms).await
        }
    }
}

async fn page(
    state: &AppState,
    visit: Visit,
    id: i64,
    forms: Forms,
) -> Result<Response, PageProblem> {
    let found = person(state, id).await?;
    let wish = MappingsQueryWish {
        person: Some(id),
        ..MappingsQueryWish::default()
    };
    let held = mappings(state, &wish, None, MAPPINGS).await?;
    let terminals: HashMap<i64, String> = devices(state)
        .await?
        .into_iter()
        .map(|device| (device.id, device.name))
        .collect();
    let groups: HashMap<i64, String> = pin_groups(state)
        .await?
        .into_iter()
        .map(|group| (group.id, group.name))
        .collect();
    let title = if found.name.is_empty() {
        found.employee_number.clone()
    } else {
        found.name.clone()
    };
    let mapping = forms.mapping.unwrap_or_default();
    let status = forms
        .problem
        .as_ref()
        .map_or(StatusCode::OK, |problem| problem.status(StatusCodes::Plain));
    let page = PersonPage {
        id,
        punches: link("/punches", [("emp_no", found.employee_number.as_str())]),
        form: forms.person.unwrap_or_else(|| PersonForm::of(&found)),
        mappings: held
            .mappings
            .iter()
            .map(|mapping| MappingRow::new(mapping, &terminals, &groups))
            .collect(),
        choices: TerminalChoice::list(state, &mapping.device).await?,
        groups: {
            let mut groups: Vec<_> = groups.into_iter().collect();
            groups.sort_by(|one, other| one.1.cmp(&other.1));
            groups
        },
        mapping,
        problem: forms.problem.as_ref().map(sentence),
        may_change: visit.visitor.may(Role::Admin),
        may_map: visit.visitor.may(Role::Operator),
        shell: Shell::new(state, visit, Place::People).titled(title),
    };
    Ok(Html(status, page).into_response())
}

impl MappingRow {
    fn new(
        mapping: &MappingView,
        terminals: &HashMap<i64, String>,
        groups: &HashMap<i64, String>,
    ) -> Self {
        let name = |names: &HashMap<i64, String>, id: i64| {
            names.get(&id).cloned().unwrap_or_else(|| id.to_string())
        };
        let place = match (mapping.device, mapping.pin_group) {
            (Some(device), _) => name(terminals, device),
            (None, Some(group)) => format!("Group {}", name(groups, group)),
            (None, None) => String::new(),
        };
        let pill = if mapping.taken_back {
            Pill::new(Tone::Idle, "Taken back")
        } else if mapping.valid_until.is_some() {
            Pill::new(Tone::Idle, "Ended")
        } else {
            Pill::new(Tone::Good, "Theirs")
        };
        Self {
            id: mapping.id,
            place,
            user_id: mapping.user_id.clone(),
            from: mapping
                .valid_from
                .clone()
                .unwrap_or_else(|| "always".to_owned()),
            until: mapping
                .valid_until
                .clone()
                .unwrap_or_else(|| "–".to_owned()),
            pill,
            made: match mapping.how {
                MappingHow::Auto => "By itself".to_owned(),
                MappingHow::Hand => format!("By {}", mapping.made_by),
                MappingHow::Csv => format!("By {}, from a file", mapping.made_by),
            },
            may_end: !mapping.taken_back && mapping.valid_until.is_none(),
        }
    }
}

//! Groups of terminals that share their user ids.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use super::one::released;
use crate::{
    AppState, StatusCodes,
    actions::{
        PinGroupView, add_pin_group, devices, join_pin_group, leave_pin_group, pin_groups,
        remove_pin_group, rename_pin_group,
    },
    input::row_id,
    problem::Problem,
    ui::{
        choice::TerminalChoice,
        fields::filled,
        frame::{Html, PageProblem, Pill, Place, Shell, Tone, sentence},
        session::{NoFields, Posted, Visit, Visitor, go_on},
        words::count,
    },
};

const HERE: &str = "/people/groups";

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct NameForm {
    #[serde(default)]
    name: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct JoinForm {
    #[serde(default)]
    device: String,
    #[serde(default)]
    valid_from: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct LeaveForm {
    #[serde(default)]
    device: String,
    #[serde(default)]
    until: String,
}

#[derive(Template)]
#[template(path = "pin_groups.html")]
struct GroupsPage {
    shell: Shell,
    groups: Vec<Group>,
    choices: Vec<TerminalChoice>,
    name: String,
    problem: Option<String>,
    may_change: bool,
}

pub(super) struct Group {
    pub(super) id: i64,
    pub(super) name: String,
    /// `3 terminals`
    pub(super) size: String,
    pub(super) members: Vec<Member>,
}

pub(super) struct Member {
    pub(super) device: i64,
    pub(super) name: String,
    pub(super) pill: Pill,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) is_in: bool,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
) -> Result<Response, PageProblem> {
    page(&state, visit, StatusCode::OK, String::new(), None).await
}

pub(super) async fn add(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<NameForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    match add_pin_group(&state, &form.name).await {
        Ok(made) => {
            let text = format!("{} is added. Put terminals into it now.", made.name);
            Ok(go_on(&state, &visitor, HERE, Tone::Good, &text))
        }
        Err(problem @ Problem::Internal { .. }) => Err(problem.into()),
        Err(problem) => {
            let status = problem.status(StatusCodes::Plain);
            let told = Some(sentence(&problem));
            page(&state, Visit::again(visitor), status, form.name, told).await
        }
    }
}

pub(super) async fn rename(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<NameForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let done = rename_pin_group(&state, number(&id)?, &form.name).await;
    told(
        &state,
        &visitor,
        done.map(|group| format!("It is called {} now.", group.name)),
    )
}

pub(super) async fn remove(
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    posted.visitor.must_have(Role::Admin)?;
    let done = remove_pin_group(&state, number(&id)?).await;
    told(
        &state,
        &posted.visitor,
        done.map(|group| format!("{} is removed.", group.name)),
    )
}

pub(super) async fn join(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<JoinForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let from = filled(&form.valid_from);
    let by = &visitor.caller().name;
    let done = join_pin_group(&state, number(&id)?, &form.device, from.as_deref(), by).await;
    told(
        &state,
        &visitor,
        done.map(|(group, went)| {
            let text = format!(
                "Its user ids mean what they mean in {} now. {}",
                group.name,
                released(went)
            );
            text.trim_end().to_owned()
        }),
    )
}

pub(super) async fn leave(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<LeaveForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let until = filled(&form.until);
    let by = &visitor.caller().name;
    let done = leave_pin_group(&state, number(&id)?, &form.device, until.as_deref(), by).await;
    told(
        &state,
        &visitor,
        done.map(|group| {
            let text = "Its user ids are its own again; old punches keep their person.";
            format!("It is out of {}. {text}", group.name)
        }),
    )
}

fn number(id: &str) -> Result<i64, Problem> {
    row_id(id, || Problem::NotFound {
        code: "unknown_pin_group",
        message: format!("there is no group {id:?}"),
    })
}

fn told(
    state: &AppState,
    visitor: &Visitor,
    done: Result<String, Problem>,
) -> Result<Response, PageProblem> {
    match done {
        Ok(text) => Ok(go_on(state, visitor, HERE, Tone::Good, &text)),
        Err(problem @ Problem::Internal { .. }) => Err(problem.into()),
        Err(problem) => Ok(go_on(state, visitor, HERE, Tone::Bad, &sentence(&problem))),
    }
}

async fn page(
    state: &AppState,
    visit: Visit,
    status: StatusCode,
    name: String,
    problem: Option<String>,
) -> Result<Response, PageProblem> {
    let names: HashMap<i64, String> = devices(state)
        .await?
        .into_iter()
        .map(|device| (device.id, device.name))
        .collect();
    let groups = pin_groups(state).await?;
    let page = GroupsPage {
        groups: groups
            .into_iter()
            .map(|group| Group::new(group, &names))
            .collect(),
        choices: TerminalChoice::list(state, "").await?,
        name,
        problem,
        may_change: visit.visitor.may(Role::Admin),
        shell: Shell::new(state, visit, Place::People)
            .titled("Terminals that share their user ids"),
    };
    Ok(Html(status, page).into_response())
}

impl Group {
    pub(super) fn new(group: PinGroupView, names: &HashMap<i64, String>) -> Self {
        let members: Vec<_> = group
            .members
            .into_iter()
            // Put in by mistake and taken out for good.
            .filter(|member| {
                member.valid_until.is_none() || member.valid_until != member.valid_from
            })
            .map(|member| {
                let name = names.get(&member.device).cloned();
                let is_in = member.valid_until.is_none();
                Member {
                    device: member.device,
                    name: name.unwrap_or_else(|| format!("terminal {}", member.device)),
                    pill: if is_in {
                        Pill::new(Tone::Good, "In it")
                    } else {
                        Pill::new(Tone::Idle, "Was in it")
                    },
                    from: member.valid_from.unwrap_or_else(|| "always".to_owned()),
                    until: member.valid_until.unwrap_or_default(),
                    is_in,
                }
            })
            .collect();
        let now = members.iter().filter(|member| member.is_in).count();
        Self {
            id: group.id,
            name: group.name,
            size: count(now as u64, "terminal", "terminals"),
            members,
        }
    }
}

//! The terminal's own log of what was done at it: read when somebody asks, then looked through page by page.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use crate::{
    AppState,
    actions::{
        self, DeviceView, OperationView, OperationsRead, keep_operations, kept_operations, users,
    },
    input::Query,
    problem::Problem,
    ui::{
        frame::{Html, Moment, PageProblem, Place, Shell, Tone, sentence, sentence_of},
        session::{NoFields, Posted, Visit, go_on},
        words::{count, link},
    },
};

const ROWS: usize = 100;

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "terminal_operations.html")]
struct OperationsPage {
    shell: Shell,
    device: DeviceView,
    /// `None` until it was read.
    read: Option<Read>,
}

struct Read {
    at: Moment,
    /// `212 operations`
    total: String,
    unreadable: Option<String>,
    rows: Vec<OperationRow>,
    newest: Option<String>,
    older: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct OperationRow {
    pub(super) time: String,
    pub(super) what: String,
    pub(super) by: String,
    pub(super) by_id: String,
    pub(super) values: String,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Operator)?;
    let device = actions::device(&state, &id).await?;
    let at: usize = shown.page.parse().unwrap_or(0);
    let read = match kept_operations(&state, device.id) {
        None => None,
        Some(kept) => {
            let people = users(&state, Some(&device.id.to_string())).await?.users;
            let names = people
                .into_iter()
                .map(|person| (person.user_id, person.name))
                .collect();
            let moment = Moment::new(kept.at, state.clock.now(), &state.settings.zone);
            Some(Read::new(&kept, moment, device.id, at, &names))
        }
    };
    let page = OperationsPage {
        shell: Shell::new(&state, visit, Place::Terminals)
            .titled(format!("What was done at {}", device.name)),
        device,
        read,
    };
    Ok(Html(StatusCode::OK, page).into_response())
}

pub(super) async fn read(
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    posted.visitor.must_have(Role::Operator)?;
    let device = actions::device(&state, &id).await?;
    let to = path(device.id);
    let (tone, text) = match keep_operations(&state, &device.id.to_string()).await {
        Ok(total) => (
            Tone::Good,
            format!(
                "{} read.",
                count(total as u64, "operation was", "operations were")
            ),
        ),
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => {
            return Err(problem.into());
        }
        Err(problem) => (Tone::Bad, sentence(&problem)),
    };
    Ok(go_on(&state, &posted.visitor, &to, tone, &text))
}

fn path(id: i64) -> String {
    format!("/terminals/{id}/operations")
}

impl Read {
    fn new(
        kept: &OperationsRead,
        at: Moment,
        device: i64,
        page: usize,
        names: &HashMap<String, String>,
    ) -> Self {
        let begin = page.saturating_mul(ROWS);
        let to = |page: usize| link(&path(device), [("page", page.to_string().as_str())]);
        Self {
            at,
            total: count(kept.total as u64, "operation", "operations"),
            unreadable: (kept.unreadable > 0).then(|| count(kept.unreadable as u64, "row", "rows")),
            rows: kept
                .operations
                .iter()
                .skip(begin)
                .take(ROWS)
                .map(|operation| OperationRow::new(operation, names))
                .collect(),
            newest: (page > 0).then(|| path(device)),
            older: (kept.operations.len() > begin.saturating_add(ROWS)).then(|| to(page + 1)),
        }
    }
}

impl OperationRow {
    pub(super) fn new(operation: &OperationView, names: &HashMap<String, String>) -> Self {
        let by_id = operation.by_user_id.clone().unwrap_or_default();
        let name = names.get(&by_id).filter(|name| !name.is_empty());
        Self {
            time: operation
                .time
                .clone()
                .unwrap_or_else(|| "no time".to_owned()),
            what: operation.name.map_or_else(
                || format!("Operation {}", operation.operation),
                |name| sentence_of(name).trim_end_matches('.').to_owned(),
            ),
            by: name.unwrap_or(&by_id).clone(),
            by_id,
            values: if operation.values == [0; 4] {
                String::new()
            } else {
                operation.values.map(|value| value.to_string()).join(" ")
            },
        }
    }
}

use axum::{Extension, extract::State, http::Uri, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{PunchView, count_punches, labels, punch_filter, read_cursor},
    auth::Viewer,
    compat::{
        NO_DEVICE,
        groups::GroupView,
        pages::{Form, Pages, Streamed},
    },
    envelope::Answer,
    input::{Count, Known as _, PunchQuery, Query, Word, unknown_parameters},
    layers::RequestId,
    openapi::SeedErrors,
    problem::Problem,
};

/// In which form, and how much of it.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FormQuery {
    /// `json` (the default), `csv`, or `sheet`: CSV for spreadsheets, marked as UTF-8, in which `0042` stays as it is and
    /// no text is run as a formula
    #[param(value_type = Option<String>, example = "json")]
    format: Option<Word>,
    /// `user_date`: one entry a person and date, with first, last, count and records
    #[param(value_type = Option<String>)]
    group: Option<Word>,
    /// Most records of the answer; all where none is given. With `group`, pages end with whole days.
    #[param(value_type = Option<u64>, minimum = 1)]
    limit: Option<Count>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Word>,
}

const FORM: &[&str] = &["format", "group", "limit", "cursor"];

/// Records in the order of their time.
#[derive(Serialize, ToSchema)]
pub(super) struct PunchList {
    records: Vec<PunchView>,
    /// Records in this answer.
    count: u64,
    /// Records that match.
    total: u64,
    /// Where the next page begins; null when this was the last.
    next_cursor: Option<String>,
}

/// Records by person and date.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupList {
    groups: Vec<GroupView>,
    /// Groups in this answer.
    count: u64,
    /// Records that match.
    total: u64,
    /// Where the next page begins; null when this was the last.
    next_cursor: Option<String>,
}

/// By record, or by person and date.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "the OpenAPI document is made from it; the answer is streamed"
)]
pub(super) enum Attendance {
    Records(PunchList),
    Groups(GroupList),
}

/// The punches of the ledger, ascending by their local time; of all devices where none is named.
#[utoipa::path(
    get, path = "/api/attendance", tag = "attendance", params(PunchQuery, FormQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, content((Answer<Attendance> = "application/json"), (String = "text/csv"))), SeedErrors)
)]
pub(super) async fn attendance(
    _: Viewer,
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    uri: Uri,
    Query(query): Query<PunchQuery>,
    Query(form): Query<FormQuery>,
) -> Result<Response, Problem> {
    let shape = form.shape()?;
    let limit = form.limit()?;
    let after = form
        .cursor
        .and_then(Word::filled)
        .map(|cursor| read_cursor(&cursor))
        .transpose()?;
    let filter = punch_filter(&state, &query.wish()?).await?;
    let total = count_punches(&state, &filter).await?;
    let mut message = if total == 0 && state.store.default_terminal().await?.is_none() {
        NO_DEVICE.to_owned()
    } else {
        format!("{total} records")
    };
    let unknown = unknown_parameters(&uri, &[PunchQuery::KEYS, FORM].concat());
    if !unknown.is_empty() {
        message = format!(
            "{message}; nothing here knows {}, so that narrows nothing",
            unknown.join(", ")
        );
    }
    let pages = Pages::new(
        state.store.clone(),
        filter,
        after,
        limit.filter(|_| shape != Form::Groups),
    );
    let labels = labels(&state).await?;
    Ok(Streamed {
        pages,
        labels,
        form: shape,
        limit,
        total,
        message,
        request_id,
    }
    .into_answer())
}

impl FormQuery {
    fn shape(&self) -> Result<Form, Problem> {
        let text = |word: &Option<Word>| word.clone().and_then(Word::filled);
        let grouped = match text(&self.group).as_deref() {
            None => false,
            Some("user_date") => true,
            Some(other) => {
                return Err(Problem::invalid(format!(
                    "group is {other:?}; only user_date is known"
                )));
            }
        };
        match (text(&self.format).as_deref(), grouped) {
            (None | Some("json"), false) => Ok(Form::Records),
            (None | Some("json"), true) => Ok(Form::Groups),
            (Some("csv"), false) => Ok(Form::Csv),
            (Some("sheet"), false) => Ok(Form::Sheet),
            (Some("csv" | "sheet"), true) => Err(Problem::invalid(
                "group is for JSON only; leave format or group out",
            )),
            (Some("xlsx"), _) => Err(Problem::invalid(
                "format xlsx is not there yet; use sheet, which is CSV for spreadsheets",
            )),
            (Some(other), _) => Err(Problem::invalid(format!(
                "format is {other:?}; use json, csv or sheet"
            ))),
        }
    }

    fn limit(&self) -> Result<Option<u64>, Problem> {
        match self.limit {
            Some(Count(0)) => Err(Problem::invalid(
                "limit is 0; it must be 1 or more, or left out for everything",
            )),
            Some(Count(limit)) => Ok(Some(limit)),
            None => Ok(None),
        }
    }
}

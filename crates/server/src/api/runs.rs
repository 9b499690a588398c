use axum::extract::State;
use serde::Deserialize;

use crate::{
    AppState,
    actions::{self, RunPage},
    auth::Viewer,
    envelope::{Answer, Reply},
    input::{PageQuery, Query, Word},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RunsQuery {
    /// Id, serial number or address of one device; all where none is given.
    #[param(value_type = Option<String>)]
    device: Option<Word>,
}

/// Contacts with devices that read something, or failed; newest first.
#[utoipa::path(
    get, path = "/api/v1/sync-runs", tag = "attendance", params(RunsQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<RunPage>), PlainErrors)
)]
pub(super) async fn sync_runs(
    _: Viewer,
    State(state): State<AppState>,
    Query(RunsQuery { device }): Query<RunsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<RunPage>, Problem> {
    let (limit, before) = page.read()?;
    let page = actions::runs(
        &state,
        device.and_then(Word::filled).as_deref(),
        before,
        limit,
    )
    .await?;
    Ok(Reply::ok(format!("{} runs", page.runs.len()), page))
}

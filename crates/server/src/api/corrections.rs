use axum::extract::State;
use serde::Deserialize;

use crate::{
    AppState,
    actions::{self, CorrectionPage},
    auth::Viewer,
    envelope::{Answer, Reply},
    input::{PageQuery, Query, Word},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CorrectionsQuery {
    /// Id, serial number or address of one device; all where none is given.
    #[param(value_type = Option<String>)]
    device: Option<Word>,
}

/// What is known better of records than their devices knew; newest first. Records themselves never change.
#[utoipa::path(
    get, path = "/api/v1/corrections", tag = "attendance", operation_id = "list_corrections",
    params(CorrectionsQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<CorrectionPage>), PlainErrors)
)]
pub(super) async fn corrections(
    _: Viewer,
    State(state): State<AppState>,
    Query(CorrectionsQuery { device }): Query<CorrectionsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<CorrectionPage>, Problem> {
    let (limit, before) = page.read()?;
    let device = device.and_then(Word::filled);
    let page = actions::corrections(&state, device.as_deref(), before, limit).await?;
    Ok(Reply::ok(
        format!("{} corrections", page.corrections.len()),
        page,
    ))
}

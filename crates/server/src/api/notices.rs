use axum::extract::State;

use crate::{
    AppState,
    actions::{self, NoticePage},
    auth::Viewer,
    envelope::{Answer, Reply},
    input::{PageQuery, Query},
    openapi::PlainErrors,
    problem::Problem,
};

/// What people are told: a device replaced, delivery paused; newest first.
#[utoipa::path(
    get, path = "/api/v1/notices", tag = "program", params(PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<NoticePage>), PlainErrors)
)]
pub(super) async fn notices(
    _: Viewer,
    State(state): State<AppState>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<NoticePage>, Problem> {
    let (limit, before) = page.read()?;
    let page = actions::notices(&state, before, limit).await?;
    Ok(Reply::ok(format!("{} notices", page.notices.len()), page))
}

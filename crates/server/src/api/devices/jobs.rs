use axum::extract::State;

use crate::{
    AppState,
    actions::{self, JobPage},
    auth::Viewer,
    envelope::{Answer, Reply},
    input::{PageQuery, Query, Segment},
    openapi::PlainErrors,
    problem::Problem,
};

/// What was done at the device in the background, newest first: checks, clearing of its log, and people that were copied to
/// it or from it. Only the newest thousand jobs of all devices are looked at.
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/jobs", tag = "devices", operation_id = "list_device_jobs",
    params(("id" = String, Path, description = "id, serial number or address"), PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<JobPage>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
    Query(page): Query<PageQuery>,
) -> Result<Reply<JobPage>, Problem> {
    let (limit, before) = page.read()?;
    let page = actions::job_page(&state, &id, before, limit).await?;
    Ok(Reply::ok(format!("{} jobs", page.jobs.len()), page))
}

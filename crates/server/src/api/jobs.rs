use axum::extract::State;

use crate::{
    AppState,
    actions::{self, JobView, unknown_job},
    auth::Viewer,
    envelope::{Answer, Reply},
    input::{Segment, row_id},
    openapi::PlainErrors,
    problem::Problem,
};

/// How far work in the background has come: sending records, importing users.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}", tag = "program",
    params(("id" = i64, Path, description = "`job_id` of the answer that began it")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<JobView>), PlainErrors)
)]
pub(super) async fn job(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<JobView>, Problem> {
    let id = row_id(&id, || unknown_job(&id))?;
    let job = actions::job(&state, id).await?;
    Ok(Reply::ok(format!("job {id} is {}", job.state), job))
}

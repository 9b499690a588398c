use axum::{extract::State, response::Response};

use crate::{
    AppState,
    actions::{self, JobView, unknown_job},
    auth::{Admin, Viewer},
    download,
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

/// The conversation with a device that was kept while it was examined, without the people in it, as `zk-terminal` replays
/// it. The last four are kept, until the program ends.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}/conversation", tag = "program", operation_id = "job_conversation",
    params(("id" = i64, Path, description = "id of the job")),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, content_type = "text/plain", body = String), PlainErrors)
)]
pub(super) async fn conversation(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let id = row_id(&id, || unknown_job(&id))?;
    let job = actions::job(&state, id).await?;
    let text = actions::capture(&state, job.id)?;
    Ok(download::conversation(job.id, &text))
}

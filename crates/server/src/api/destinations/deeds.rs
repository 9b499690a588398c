use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{ReplayBody, SinceBody};
use crate::{
    AppState,
    actions::{self, DestinationView, ReplayedView, TestView},
    auth::Operator,
    envelope::{Answer, Reply},
    input::{Body, Segment},
    openapi::PlainErrors,
    problem::Problem,
};

/// Work that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct BegunView {
    /// …/health tells under `works` how far it has come.
    work: i64,
}

/// Sends nothing more until …/resume. Punches go on queueing; a request under way ends.
#[utoipa::path(
    post, path = "/api/v1/destinations/{id}/pause", tag = "destinations", operation_id = "pause_destination",
    params(("id" = String, Path, description = "id or name")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<DestinationView>), PlainErrors)
)]
pub(in crate::api) async fn pause(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<DestinationView>, Problem> {
    let destination = actions::pause_destination(&state, &id).await?;
    Ok(Reply::ok(
        format!("{} is paused; punches go on queueing", destination.name),
        destination,
    ))
}

/// Sends what has queued, at the destination's rate; also ends a pause that the receiver caused.
#[utoipa::path(
    post, path = "/api/v1/destinations/{id}/resume", tag = "destinations", operation_id = "resume_destination",
    params(("id" = String, Path, description = "id or name")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<DestinationView>), PlainErrors)
)]
pub(in crate::api) async fn resume(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<DestinationView>, Problem> {
    let destination = actions::resume_destination(&state, &id).await?;
    Ok(Reply::ok(
        format!("{} goes on", destination.name),
        destination,
    ))
}

/// Sends one made-up record with the header `X-ZK-Attendance-Test: 1`, whatever the mode and the schedule are, and shows
/// what comes back.
#[utoipa::path(
    post, path = "/api/v1/destinations/{id}/test", tag = "destinations", operation_id = "test_destination",
    params(("id" = String, Path, description = "id or name")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<TestView>), PlainErrors)
)]
pub(in crate::api) async fn test(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<TestView>, Problem> {
    let sent = actions::test_destination(&state, &id).await?;
    let message = if sent.accepted {
        "the receiver took the test record".to_owned()
    } else {
        let fault = sent.request.fault.as_ref().map(|fault| &fault.message);
        let error = sent.attempt.as_ref().and_then(|sent| sent.error.as_ref());
        let why = fault.or(error).map_or("see the answer", String::as_str);
        format!("the test record was not taken: {why}")
    };
    Ok(Reply::ok(message, sent))
}

/// Queues punches that were stored before and match the filter now, in the background. They are marked late.
#[utoipa::path(
    post, path = "/api/v1/destinations/{id}/queue-past", tag = "destinations", operation_id = "queue_past",
    params(("id" = String, Path, description = "id or name")), request_body = SinceBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<BegunView>), PlainErrors)
)]
pub(in crate::api) async fn queue_past(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<SinceBody>,
) -> Result<Reply<BegunView>, Problem> {
    let work = actions::queue_past(&state, &id, &body.since()?).await?;
    Ok(Reply::ok(
        "past punches are queued in the background; GET …/health tells how far it has come",
        BegunView { work },
    ))
}

/// Sends again: some deliveries, those parked for one cause, all that are parked, or a range. They keep their ids, are
/// marked late, and go though the destination is off.
#[utoipa::path(
    post, path = "/api/v1/destinations/{id}/replay", tag = "destinations", operation_id = "replay_deliveries",
    params(("id" = String, Path, description = "id or name")),
    request_body(content = ReplayBody, example = json!({"cause": "refused"})),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<ReplayedView>), PlainErrors)
)]
pub(in crate::api) async fn replay(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<ReplayBody>,
) -> Result<Reply<ReplayedView>, Problem> {
    let replayed = actions::replay(&state, &id, body.wish()?).await?;
    Ok(Reply::ok(
        format!("{} records go again", replayed.queued),
        replayed,
    ))
}

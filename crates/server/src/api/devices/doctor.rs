use axum::extract::State;
use domain::Role;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, ExaminationView, ExamineWish, JobView},
    auth::Operator,
    envelope::{Answer, Reply},
    input::{Body, Seconds, Segment, Switch},
    openapi::PlainErrors,
    problem::Problem,
};

/// How to examine.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DoctorBody {
    /// Waits so long for somebody to punch, at most 60; not at all where none is given.
    #[schema(value_type = Option<f64>, example = 10)]
    live_seconds: Option<Seconds>,
}

/// Examines the device from the network to its last punch, as `zk-attendance doctor` does, and says what is wrong and what
/// to do. Devices serve one client at a time: the server steps aside for as long as that takes, and reads afterwards what
/// was punched meanwhile. Nothing is disabled, written or cleared.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/doctor", tag = "devices", operation_id = "examine_device",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = DoctorBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<ExaminationView>), PlainErrors)
)]
pub(super) async fn examine(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(DoctorBody { live_seconds }): Body<DoctorBody>,
) -> Result<Reply<ExaminationView>, Problem> {
    let live = live_seconds.map(|Seconds(live)| live);
    let examined = actions::examine(&state, &id, live).await?;
    let message = match examined.outcome {
        "ok" => "nothing is wrong with it",
        "warning" => "it works, but somebody should look after it; the steps say what and how",
        _ => "something is wrong with it; the steps say what and what to do",
    };
    Ok(Reply::ok(message, examined))
}

/// How to examine in the background.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginBody {
    /// Waits so long for somebody to punch, at most 60; not at all where none is given.
    #[schema(value_type = Option<f64>, example = 10)]
    live_seconds: Option<Seconds>,
    /// Keeps the whole conversation, without the people in it, for `GET /api/v1/jobs/{id}/conversation`. For administrators
    /// only.
    #[schema(value_type = Option<bool>)]
    capture: Option<Switch>,
}

/// The same as a job, which tells each step as it ends: ask `GET /api/v1/jobs/{id}` how far it has come.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/doctor/begin", tag = "devices", operation_id = "begin_device_examination",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = BeginBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<JobView>), PlainErrors)
)]
pub(super) async fn begin(
    Operator(caller): Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<BeginBody>,
) -> Result<Reply<JobView>, Problem> {
    let wish = ExamineWish {
        live: body.live_seconds.map(|Seconds(live)| live),
        capture: body.capture.is_some_and(|Switch(wanted)| wanted),
    };
    if wish.capture {
        caller.must_have(Role::Admin)?;
    }
    let job = actions::begin_examination(&state, &id, wish).await?;
    let job = actions::job(&state, job.0).await?;
    Ok(Reply::ok(
        format!("the check has begun as job {}", job.id),
        job,
    ))
}

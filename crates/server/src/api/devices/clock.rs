use axum::extract::State;

use crate::{
    AppState,
    actions::{self, ClockView},
    auth::{Operator, Viewer},
    envelope::{Answer, Reply},
    input::Segment,
    openapi::PlainErrors,
    problem::Problem,
};

/// How far the device's clock is off, and what is done about it. Measured at every contact; the policy is set with
/// `PATCH /api/v1/devices/{id}`.
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/clock", tag = "devices", operation_id = "get_device_clock",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<ClockView>), PlainErrors)
)]
pub(super) async fn get(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<ClockView>, Problem> {
    let clock = actions::clock(&state, &id).await?;
    let message = match clock.offset {
        None => "the clock was not measured yet, or shows no time".to_owned(),
        Some(0) => "the clock is right".to_owned(),
        Some(secs @ 1..) => format!("the clock is {secs} s fast"),
        Some(secs) => format!("the clock is {} s slow", secs.unsigned_abs()),
    };
    Ok(Reply::ok(message, clock))
}

/// Sets the device's clock to the wall clock of its zone, and measures it again.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/clock", tag = "devices", operation_id = "set_device_clock",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<ClockView>), PlainErrors)
)]
pub(super) async fn set(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<ClockView>, Problem> {
    let clock = actions::set_clock(&state, &id).await?;
    Ok(Reply::ok("the clock is set", clock))
}

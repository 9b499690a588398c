use axum::extract::State;

use crate::{
    AppState,
    actions::{self, DeviceInfo},
    auth::Viewer,
    compat::NO_DEVICE,
    envelope::{Answer, Reply},
    input::{DeviceQuery, Query},
    openapi::SeedErrors,
    problem::Problem,
};

/// How the connection to a device stands. An answer also while there is none.
#[utoipa::path(
    get, path = "/api/device-info", tag = "devices", params(DeviceQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<DeviceInfo>), SeedErrors)
)]
pub(super) async fn device_info(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<DeviceQuery>,
) -> Result<Reply<DeviceInfo>, Problem> {
    let info = actions::device_info(&state, query.device().as_deref()).await?;
    let message = match &info.device {
        None => NO_DEVICE.to_owned(),
        Some(device) if device.connected => format!("{} is connected", device.name),
        Some(device) => match &device.last_error {
            Some(error) => format!("{} is not connected: {error}", device.name),
            None => format!("{} was not contacted yet", device.name),
        },
    };
    Ok(Reply::ok(message, info))
}

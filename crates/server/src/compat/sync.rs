use axum::extract::State;
use serde::Deserialize;

use crate::{
    AppState,
    actions::{self, SyncStatus},
    auth::Viewer,
    compat::NO_DEVICE,
    envelope::{Answer, Reply},
    input::{Query, Word},
    openapi::SeedErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SyncQuery {
    /// Id, serial number or address of one device; all where none is given.
    #[param(value_type = Option<String>)]
    device: Option<Word>,
}

/// How reading and delivering stand: last and next, counts and errors, by device and destination.
#[utoipa::path(
    get, path = "/api/sync-status", tag = "attendance", params(SyncQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<SyncStatus>), SeedErrors)
)]
pub(super) async fn sync_status(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<SyncQuery>,
) -> Result<Reply<SyncStatus>, Problem> {
    let status =
        actions::sync_status(&state, query.device.and_then(Word::filled).as_deref()).await?;
    let message = if status.devices.is_empty() {
        NO_DEVICE.to_owned()
    } else {
        let connected = status
            .devices
            .iter()
            .filter(|device| device.connected)
            .count();
        format!(
            "{connected} of {} devices connected; {} records stored, {} waiting, {} delivered, {} refused",
            status.devices.len(),
            status.records,
            status.waiting,
            status.delivered,
            status.failed
        )
    };
    Ok(Reply::ok(message, status))
}

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{DeviceView, chosen, devices},
    problem::Problem,
};

/// The connection to a terminal: `connected` alone while none is registered, else with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceInfo {
    #[serde(flatten)]
    pub(crate) device: Option<DeviceView>,
    /// Punches of it in the ledger.
    pub(crate) records_stored: u64,
    /// Present only while no device is registered: false.
    #[serde(skip_serializing_if = "Option::is_none", rename = "connected")]
    #[schema(ignore)]
    pub(crate) nothing: Option<bool>,
}

/// How the connection to a terminal stands. It is an answer also when there is none.
pub(crate) async fn device_info(
    state: &AppState,
    device: Option<&str>,
) -> Result<DeviceInfo, Problem> {
    let Some(terminal) = chosen(state, device).await? else {
        return Ok(DeviceInfo {
            device: None,
            records_stored: 0,
            nothing: Some(false),
        });
    };
    let filter = storage::PunchFilter {
        terminal: Some(terminal.id),
        ..storage::PunchFilter::default()
    };
    let records_stored = state.store.count_punches(&filter).await?;
    Ok(DeviceInfo {
        device: Some(devices::view(state, &terminal)),
        records_stored,
        nothing: None,
    })
}

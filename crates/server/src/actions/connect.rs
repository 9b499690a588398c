use std::time::Duration;

use collector::ConnectRequest;
use domain::{Address, Secret, Transport};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{DeviceView, chosen, devices},
    problem::Problem,
};

/// Which terminal to connect to; at least an address or a device.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectWish {
    pub(crate) address: Option<Address>,
    /// A registered terminal, for its address, when no address is given.
    pub(crate) device: Option<String>,
    pub(crate) transport: Option<Transport>,
    pub(crate) comm_key: Option<Secret<u32>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) name: Option<String>,
}

/// A terminal that answered and is the default now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectedView {
    /// Users on it.
    pub(crate) users: usize,
    /// Punches in its log; they are being read in the background.
    pub(crate) records: Option<u32>,
    #[serde(flatten)]
    pub(crate) device: DeviceView,
}

/// Opens a terminal, registers or updates it, makes it the default and starts the first read of its log.
pub(crate) async fn connect(state: &AppState, wish: ConnectWish) -> Result<ConnectedView, Problem> {
    devices::check_timeout(wish.timeout)?;
    let request = request(state, wish).await?;
    let connected = state.collector.connect(request).await?;
    // The connect itself is a contact that went well, whatever the next poll will find.
    let mut device = devices::view(state, &connected.terminal);
    device.connected = true;
    Ok(ConnectedView {
        users: connected.users,
        records: connected.punches_says,
        device,
    })
}

async fn request(state: &AppState, wish: ConnectWish) -> Result<ConnectRequest, Problem> {
    let named = match &wish.device {
        Some(device) => chosen(state, Some(device)).await?,
        None => None,
    };
    let address = match (wish.address, &named) {
        (Some(address), _) => address,
        (None, Some(terminal)) => terminal.address.clone(),
        (None, None) => {
            return Err(Problem::invalid(
                "ip is missing; send the address of the device, as in {\"ip\": \"192.168.1.201\", \"port\": 4370}",
            ));
        }
    };
    let known = match named {
        Some(terminal) => Some(terminal),
        None => state
            .store
            .terminals()
            .await?
            .into_iter()
            .find(|known| known.closed_at.is_none() && known.address == address),
    };
    // What is not said stays as it is.
    let transport = wish
        .transport
        .or(known.as_ref().map(|known| known.transport))
        .unwrap_or_default();
    let comm_key = wish
        .comm_key
        .or_else(|| known.and_then(|known| known.comm_key));
    Ok(ConnectRequest {
        address,
        transport,
        comm_key,
        timeout: wish.timeout,
        name: wish.name,
    })
}

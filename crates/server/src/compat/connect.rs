use axum::extract::State;
use domain::Address;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, ConnectWish, ConnectedView},
    auth::Operator,
    envelope::{Answer, Reply},
    input::{Body, Count, DeviceQuery, Query, Seconds, Word, comm_key, transport},
    openapi::SeedErrors,
    problem::Problem,
};

/// Which device to connect to: an address, or a registered device.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ConnectBody {
    /// Host name or IP address.
    #[schema(value_type = Option<String>, example = "192.168.1.201")]
    ip: Option<Word>,
    #[schema(value_type = Option<u16>, example = 4370)]
    port: Option<Count>,
    /// Seconds.
    #[schema(value_type = Option<f64>, example = 5)]
    timeout: Option<Seconds>,
    /// The communication key, when the device asks for one: a number, quoted or not.
    #[schema(value_type = Option<u32>)]
    password: Option<Word>,
    /// `tcp` (the default) or `udp`
    #[schema(value_type = Option<String>, example = "tcp")]
    protocol: Option<Word>,
    /// How to call it.
    #[schema(value_type = Option<String>)]
    name: Option<Word>,
    /// A registered device, when no address is given: id, serial number or address.
    #[schema(value_type = Option<String>)]
    device: Option<Word>,
}

/// Connects to a device: registers or updates it, makes it the default, and begins to read its log in the background.
/// Devices that were connected before go on being read. A connect that fails changes nothing.
#[utoipa::path(
    post, path = "/api/connect", tag = "devices", params(DeviceQuery), request_body = ConnectBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<ConnectedView>), SeedErrors)
)]
pub(super) async fn connect(
    _: Operator,
    State(state): State<AppState>,
    Query(query): Query<DeviceQuery>,
    Body(body): Body<ConnectBody>,
) -> Result<Reply<ConnectedView>, Problem> {
    let connected = actions::connect(&state, body.wish(query)?).await?;
    let records = connected
        .records
        .map_or_else(String::new, |records| format!(" and {records} records"));
    let message = format!(
        "connected to {}: {} users{records}",
        connected.device.name, connected.users
    );
    Ok(Reply::ok(message, connected))
}

impl ConnectBody {
    fn wish(self, query: DeviceQuery) -> Result<ConnectWish, Problem> {
        let address = match self.ip.and_then(Word::filled) {
            None => None,
            Some(ip) => Some(address(&ip, self.port)?),
        };
        Ok(ConnectWish {
            address,
            device: query.unless(self.device),
            transport: transport(self.protocol)?,
            comm_key: comm_key("password", self.password)?,
            timeout: self.timeout.map(|Seconds(timeout)| timeout),
            name: self.name.and_then(Word::filled),
        })
    }
}

/// `ip` may hold the port too; `port` wins.
fn address(ip: &str, port: Option<Count>) -> Result<Address, Problem> {
    let parsed: Address = ip
        .parse()
        .map_err(|error| Problem::invalid(format!("ip: {error}")))?;
    let Some(Count(port)) = port else {
        return Ok(parsed);
    };
    let port = u16::try_from(port)
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| {
            Problem::invalid(format!(
                "port is {port}; it must be from 1 to 65535, mostly 4370"
            ))
        })?;
    Ok(Address {
        host: parsed.host,
        port,
    })
}

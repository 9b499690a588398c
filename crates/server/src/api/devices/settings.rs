use axum::extract::State;
use domain::{Address, LocalTime, TimeRange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, ChangedView, DeviceChange, DeviceView, NewDevice},
    auth::{Admin, Operator, Viewer},
    envelope::{Answer, Reply},
    input::{
        Body, Count, Seconds, Segment, Switch, Word, clock_policy, code_page, comm_key, live,
        order16, present, transport,
    },
    openapi::PlainErrors,
    problem::Problem,
};

/// A device to register. It need not be reachable. A key that is not known here is refused: a device that is registered
/// without what the caller meant is found out late.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDeviceBody {
    /// The address where none is given.
    #[schema(value_type = Option<String>, example = "Front gate")]
    name: Option<Word>,
    /// Host name or IP address, with `:port` where it is not 4370. `ip` is taken too.
    #[serde(alias = "ip")]
    #[schema(value_type = String, example = "192.168.1.201:4370")]
    address: Option<Word>,
    /// Instead of the one behind the address.
    #[schema(value_type = Option<u16>, example = 4370)]
    port: Option<Word>,
    /// `tcp` (the default) or `udp`
    #[schema(value_type = Option<String>, example = "tcp")]
    protocol: Option<Word>,
    /// The communication key; it is never shown again. `password`, as in `/api/connect`, is taken too.
    #[serde(alias = "password")]
    #[schema(value_type = Option<u32>)]
    key: Option<Word>,
    /// IANA name of the zone of its clock; null follows the server's setting.
    #[schema(value_type = Option<String>, example = "Asia/Karachi")]
    zone: Option<Word>,
    /// Between two contacts, 10 s to 24 h: seconds, or `60s`, `5m`, `24h`; null follows the server's setting.
    #[schema(value_type = Option<u64>, example = 60)]
    interval: Option<Seconds>,
    /// For the connect, in seconds; null follows the server's setting.
    #[schema(value_type = Option<f64>, example = 5)]
    timeout: Option<Seconds>,
    /// Contacted regularly; true where nothing is said.
    #[schema(value_type = Option<bool>)]
    enabled: Option<Switch>,
    /// Where it stands; filters of destinations name it.
    #[schema(value_type = Option<String>, example = "Warehouse")]
    site: Option<Word>,
    /// `auto` (the default): punches are told as they happen, where the device can; `off`: it is free for other software
    /// between contacts
    #[schema(value_type = Option<String>, example = "auto")]
    live: Option<Word>,
    /// `measure` (the default): its clock is measured at every contact and shown; `correct`: it is also set
    #[schema(value_type = Option<String>, example = "correct")]
    clock_policy: Option<Word>,
    /// Seconds over which the clock is set, 5 to 86400; 30 where none is given.
    #[schema(value_type = Option<u32>, example = 30)]
    clock_correct_over: Option<Count>,
    /// Which byte comes first in its log's rows of 16 bytes: `state_first` (the default) or `verify_first`
    #[schema(value_type = Option<String>, example = "state_first")]
    order16: Option<Word>,
    /// Of the names on it, as in `windows-1256`; empty or `auto`: found out from the names themselves.
    #[schema(value_type = Option<String>, example = "windows-1256")]
    code_page: Option<Word>,
}

/// What to change of a device; what is left out stays, null follows the server's setting.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
pub(super) struct DeviceChangeBody {
    #[schema(value_type = Option<String>)]
    name: Option<Word>,
    #[schema(value_type = Option<String>, example = "192.168.1.201:4370")]
    address: Option<Word>,
    /// `tcp` or `udp`
    #[schema(value_type = Option<String>)]
    protocol: Option<Word>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    key: Option<Option<Word>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    zone: Option<Option<Word>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u64>)]
    interval: Option<Option<Seconds>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<f64>)]
    timeout: Option<Option<Seconds>>,
    #[schema(value_type = Option<bool>)]
    enabled: Option<Switch>,
    /// Since when, on its own clock, the device is in `zone`: the instants of its records from then on are corrected. Their
    /// local times, ids, and what was delivered already, stay.
    #[schema(value_type = Option<String>, example = "2026-11-01")]
    zone_from: Option<Word>,
    /// Where it stands; filters of destinations name it. Null or empty takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "Warehouse")]
    site: Option<Option<Word>>,
    /// `auto` (the default): punches are told as they happen, where the device can; `off`: it is free for other software
    /// between contacts
    #[schema(value_type = Option<String>, example = "auto")]
    live: Option<Word>,
    /// `measure` (the default): its clock is measured at every contact and shown; `correct`: it is also set
    #[schema(value_type = Option<String>, example = "correct")]
    clock_policy: Option<Word>,
    /// Seconds over which the clock is set, 5 to 86400; 30 where none is given.
    #[schema(value_type = Option<u32>, example = 30)]
    clock_correct_over: Option<Count>,
    /// Which byte comes first in its log's rows of 16 bytes: `state_first` (the default) or `verify_first`
    #[schema(value_type = Option<String>, example = "state_first")]
    order16: Option<Word>,
    /// Of the names on it, as in `windows-1256`; empty or `auto`: found out from the names themselves.
    #[schema(value_type = Option<String>, example = "windows-1256")]
    code_page: Option<Word>,
    /// True makes it the one that is meant where no device is named.
    #[schema(value_type = Option<bool>)]
    default: Option<Switch>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeviceList {
    devices: Vec<DeviceView>,
    count: usize,
}

/// How a communication key is shown; to send that back changes nothing.
const MASK: &str = "***";

/// Every registered device, by id.
#[utoipa::path(
    get, path = "/api/v1/devices", tag = "devices", operation_id = "list_devices",
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<DeviceList>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
) -> Result<Reply<DeviceList>, Problem> {
    let devices = actions::devices(&state).await?;
    let count = devices.len();
    Ok(Reply::ok(
        format!("{count} devices"),
        DeviceList { devices, count },
    ))
}

/// Registers a device. It is contacted at its next turn; until then nothing is known of it but this.
#[utoipa::path(
    post, path = "/api/v1/devices", tag = "devices", operation_id = "add_device", request_body = NewDeviceBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = CREATED, body = Answer<DeviceView>), PlainErrors)
)]
pub(super) async fn add(
    _: Admin,
    State(state): State<AppState>,
    Body(body): Body<NewDeviceBody>,
) -> Result<Reply<DeviceView>, Problem> {
    let device = actions::add_device(&state, body.wish()?).await?;
    Ok(Reply::created(
        format!("{} is registered", device.name),
        device,
    ))
}

/// One device, also one that was removed.
#[utoipa::path(
    get, path = "/api/v1/devices/{id}", tag = "devices", operation_id = "get_device",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<DeviceView>), PlainErrors)
)]
pub(super) async fn get(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<DeviceView>, Problem> {
    let device = actions::device(&state, &id).await?;
    Ok(Reply::ok(device.name.clone(), device))
}

/// Changes a device's settings; they hold from its next contact on.
#[utoipa::path(
    patch, path = "/api/v1/devices/{id}", tag = "devices", operation_id = "change_device",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = DeviceChangeBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<ChangedView>), PlainErrors)
)]
pub(super) async fn change(
    Admin(caller): Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<DeviceChangeBody>,
) -> Result<Reply<ChangedView>, Problem> {
    let changed = actions::change_device(&state, &id, body.wish()?, &caller.name).await?;
    let name = &changed.device.name;
    let message = match changed.corrected_records {
        None => format!("{name} is changed"),
        Some(count) => {
            format!("{name} is changed, and the instants of {count} records are corrected")
        }
    };
    Ok(Reply::ok(message, changed))
}

/// Removes a device: it is not contacted any more. Its records are kept.
#[utoipa::path(
    delete, path = "/api/v1/devices/{id}", tag = "devices", operation_id = "remove_device",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<DeviceView>), PlainErrors)
)]
pub(super) async fn remove(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<DeviceView>, Problem> {
    let device = actions::remove_device(&state, &id).await?;
    Ok(Reply::ok(
        format!("{} is removed; its records are kept", device.name),
        device,
    ))
}

/// Has a device contacted now instead of at its next turn.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/sync", tag = "devices", operation_id = "sync_device",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<DeviceView>), PlainErrors)
)]
pub(super) async fn sync(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<DeviceView>, Problem> {
    let device = actions::sync_device(&state, &id).await?;
    Ok(Reply::ok(
        format!(
            "{} is contacted now; see GET /api/v1/sync-runs for what comes of it",
            device.name
        ),
        device,
    ))
}

impl NewDeviceBody {
    fn wish(self) -> Result<NewDevice, Problem> {
        let address = self.address.and_then(Word::filled).ok_or_else(|| {
            Problem::invalid(
                "address is missing; send it as in {\"address\": \"192.168.1.201:4370\"}",
            )
        })?;
        let mut address = parse_address(&address)?;
        if let Some(port) = self.port.and_then(Word::filled) {
            address = parse_port(address, &port)?;
        }
        Ok(NewDevice {
            name: self.name.and_then(Word::filled),
            address,
            transport: transport(self.protocol)?.unwrap_or_default(),
            comm_key: comm_key("key", self.key)?,
            zone: self.zone.and_then(Word::filled),
            interval: self.interval.map(|Seconds(interval)| interval),
            timeout: self.timeout.map(|Seconds(timeout)| timeout),
            enabled: self.enabled.is_none_or(|Switch(enabled)| enabled),
            site: self.site.and_then(Word::filled),
            live: live(self.live)?.unwrap_or_default(),
            clock_policy: clock_policy(self.clock_policy, self.clock_correct_over)?
                .unwrap_or_default(),
            order16: order16(self.order16)?.unwrap_or_default(),
            code_page: code_page(self.code_page).flatten(),
        })
    }
}

impl DeviceChangeBody {
    fn wish(self) -> Result<DeviceChange, Problem> {
        let key = self
            .key
            .filter(|key| key.as_ref().is_none_or(|Word(text)| text != MASK));
        Ok(DeviceChange {
            name: self.name.map(|Word(name)| name),
            address: self
                .address
                .and_then(Word::filled)
                .map(|address| parse_address(&address))
                .transpose()?,
            transport: transport(self.protocol)?,
            comm_key: key.map(|key| comm_key("key", key)).transpose()?,
            zone: self.zone.map(|zone| zone.and_then(Word::filled)),
            zone_from: self
                .zone_from
                .and_then(Word::filled)
                .map(|text| since(&text))
                .transpose()?,
            interval: self
                .interval
                .map(|interval| interval.map(|Seconds(interval)| interval)),
            timeout: self
                .timeout
                .map(|timeout| timeout.map(|Seconds(timeout)| timeout)),
            enabled: self.enabled.map(|Switch(enabled)| enabled),
            default: self.default.is_some_and(|Switch(default)| default),
            site: self.site.map(|site| site.and_then(Word::filled)),
            live: live(self.live)?,
            clock_policy: clock_policy(self.clock_policy, self.clock_correct_over)?,
            order16: order16(self.order16)?,
            code_page: code_page(self.code_page),
        })
    }
}

fn since(text: &str) -> Result<LocalTime, Problem> {
    TimeRange::parse_start("zone_from", text).map_err(|error| Problem::invalid(error.to_string()))
}

fn parse_address(text: &str) -> Result<Address, Problem> {
    text.parse()
        .map_err(|error| Problem::invalid(format!("address: {error}")))
}

fn parse_port(address: Address, text: &str) -> Result<Address, Problem> {
    text.parse()
        .ok()
        .and_then(|port| Address::new(address.host, port).ok())
        .ok_or_else(|| Problem::invalid(format!("port is {text:?}; give a number from 1 to 65535")))
}

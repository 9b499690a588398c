use std::time::Duration;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, CommandView, LiveView, StateView},
    auth::{Operator, Viewer},
    envelope::{Answer, Reply},
    input::{Body, Count, Seconds, Segment, Word},
    openapi::{CommandErrors, PlainErrors},
    problem::Problem,
};

/// How long the door is opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlockBody {
    /// 0.1 to 600; 5 where none is given.
    #[schema(value_type = Option<f64>, example = 5)]
    seconds: Option<Seconds>,
}

/// Which sound is played.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VoiceBody {
    /// 0 thank you (the default), 10 a beep; others differ from model to model.
    #[schema(value_type = Option<u32>, example = 0)]
    number: Option<Count>,
}

/// What is shown on the display.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LcdBody {
    /// 1 to 64 characters in one line.
    #[schema(value_type = String, example = "Closed today")]
    text: Option<Word>,
    /// 0 is the first; 1 where none is given.
    #[schema(value_type = Option<u16>, example = 1)]
    line: Option<Count>,
}

const UNLOCK: Duration = Duration::from_secs(5);
const LINE: i16 = 1;
const LINES: u64 = 15;

/// Opens the door. Sent once: where the answer is lost (504, code `answer_lost`), the door may have been opened all the
/// same; look before you send it again.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/unlock", tag = "devices", operation_id = "unlock_device",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = UnlockBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<CommandView>), CommandErrors)
)]
pub(super) async fn unlock(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(UnlockBody { seconds }): Body<UnlockBody>,
) -> Result<Reply<CommandView>, Problem> {
    let time = seconds.map_or(UNLOCK, |Seconds(time)| time);
    let done = actions::unlock(&state, &id, time).await?;
    let message = format!(
        "the door of {} is open for {} s",
        done.name,
        time.as_secs_f64()
    );
    Ok(Reply::ok(message, done))
}

/// Plays one of the device's sounds.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/voice", tag = "devices", operation_id = "play_device_voice",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = VoiceBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<CommandView>), PlainErrors)
)]
pub(super) async fn voice(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(VoiceBody { number }): Body<VoiceBody>,
) -> Result<Reply<CommandView>, Problem> {
    let number = number.map_or(Ok(0), |Count(number)| {
        u32::try_from(number).map_err(|_| Problem::invalid("number is no sound of a device"))
    })?;
    let done = actions::play_voice(&state, &id, number).await?;
    Ok(Reply::ok(
        format!("{} plays its sound {number}", done.name),
        done,
    ))
}

/// Shows a text on a line of the display. Devices with a coloured display say yes and show nothing.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/lcd", tag = "devices", operation_id = "write_device_lcd",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = LcdBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<CommandView>), PlainErrors)
)]
pub(super) async fn write_lcd(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(LcdBody { text, line }): Body<LcdBody>,
) -> Result<Reply<CommandView>, Problem> {
    let line = line.map_or(Ok(LINE), |Count(line)| {
        i16::try_from(line)
            .ok()
            .filter(|_| line <= LINES)
            .ok_or_else(|| Problem::invalid(format!("line must be from 0 to {LINES}")))
    })?;
    let text = text.and_then(Word::filled).unwrap_or_default();
    let done = actions::write_lcd(&state, &id, line, &text).await?;
    Ok(Reply::ok(
        format!("{} shows it on line {line}", done.name),
        done,
    ))
}

/// Clears the display: it shows what it always shows.
#[utoipa::path(
    delete, path = "/api/v1/devices/{id}/lcd", tag = "devices", operation_id = "clear_device_lcd",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<CommandView>), PlainErrors)
)]
pub(super) async fn clear_lcd(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<CommandView>, Problem> {
    let done = actions::clear_lcd(&state, &id).await?;
    Ok(Reply::ok(
        format!("the display of {} is as always", done.name),
        done,
    ))
}

/// Restarts the device, which is then away for half a minute or more. Sent once: where the answer is lost (504, code
/// `answer_lost`), it may have restarted all the same; look before you send it again.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/restart", tag = "devices", operation_id = "restart_device",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<CommandView>), CommandErrors)
)]
pub(super) async fn restart(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<CommandView>, Problem> {
    let done = actions::restart(&state, &id).await?;
    Ok(Reply::ok(
        format!(
            "{} restarts and is away for half a minute or more",
            done.name
        ),
        done,
    ))
}

/// Lets people punch again, should other software have left the device disabled.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/enable", tag = "devices", operation_id = "enable_device",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<CommandView>), PlainErrors)
)]
pub(super) async fn enable(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<CommandView>, Problem> {
    let done = actions::enable(&state, &id).await?;
    Ok(Reply::ok(
        format!("people can punch on {}", done.name),
        done,
    ))
}

/// Asks the device what it is doing right now. A POST, because it talks to the device: what is read here comes from
/// memory and from the ledger.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/state", tag = "devices", operation_id = "ask_device_state",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<StateView>), PlainErrors)
)]
pub(super) async fn state(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<StateView>, Problem> {
    let now = actions::look(&state, &id).await?;
    Ok(Reply::ok(
        now.state.map_or_else(
            || "the device does not say what it is doing".to_owned(),
            |word| format!("the device is {}", word.replace('_', " ")),
        ),
        now,
    ))
}

/// Whether the device tells punches as they happen. It is set with `PATCH /api/v1/devices/{id}` and `live`.
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/live", tag = "devices", operation_id = "get_device_live",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<LiveView>), PlainErrors)
)]
pub(super) async fn live(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<LiveView>, Problem> {
    let live = actions::live(&state, &id).await?;
    let message = match &live.reason {
        None => format!("live is {}", live.state),
        Some(reason) => format!("live is {}: {reason}", live.state),
    };
    Ok(Reply::ok(message, live))
}

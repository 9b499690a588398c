use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::unknown;
use crate::{
    AppState,
    actions::{self, PinGroupView},
    auth::{Admin, Viewer},
    envelope::{Answer, Reply},
    input::{Body, Segment, Word, row_id},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PinGroupList {
    pin_groups: Vec<PinGroupView>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PinGroupBody {
    #[schema(value_type = String, example = "Warehouse")]
    name: Option<Word>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinBody {
    /// Id, serial number or address.
    #[schema(value_type = String, example = "CJDE193560303")]
    device: Option<Word>,
    /// On the device's own clock; always where nothing is said.
    #[schema(value_type = Option<String>, example = "2026-11-01")]
    valid_from: Option<Word>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaveBody {
    /// Id, serial number or address.
    #[schema(value_type = String, example = "CJDE193560303")]
    device: Option<Word>,
    /// On the device's own clock; nothing: it never was in the group.
    #[schema(value_type = Option<String>)]
    until: Option<Word>,
}

fn named(body: PinGroupBody) -> Result<String, Problem> {
    body.name
        .and_then(Word::filled)
        .ok_or_else(|| Problem::invalid("name is missing; send it as in {\"name\": \"Warehouse\"}"))
}

fn device(word: Option<Word>) -> Result<String, Problem> {
    word.and_then(Word::filled)
        .ok_or_else(|| Problem::invalid("device is missing; send its id, serial number or address"))
}

/// Groups of devices that share their PINs.
#[utoipa::path(
    get, path = "/api/v1/pin-groups", tag = "people", operation_id = "list_pin_groups",
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<PinGroupList>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
) -> Result<Reply<PinGroupList>, Problem> {
    let pin_groups = actions::pin_groups(&state).await?;
    Ok(Reply::ok(
        format!("{} groups", pin_groups.len()),
        PinGroupList { pin_groups },
    ))
}

#[utoipa::path(
    post, path = "/api/v1/pin-groups", tag = "people", operation_id = "add_pin_group", request_body = PinGroupBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = CREATED, body = Answer<PinGroupView>), PlainErrors)
)]
pub(super) async fn add(
    _: Admin,
    State(state): State<AppState>,
    Body(body): Body<PinGroupBody>,
) -> Result<Reply<PinGroupView>, Problem> {
    let group = actions::add_pin_group(&state, &named(body)?).await?;
    Ok(Reply::created(format!("{} is added", group.name), group))
}

#[utoipa::path(
    patch, path = "/api/v1/pin-groups/{id}", tag = "people", operation_id = "rename_pin_group",
    params(("id" = i64, Path)), request_body = PinGroupBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<PinGroupView>), PlainErrors)
)]
pub(super) async fn rename(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<PinGroupBody>,
) -> Result<Reply<PinGroupView>, Problem> {
    let id = row_id(&id, unknown("group"))?;
    let group = actions::rename_pin_group(&state, id, &named(body)?).await?;
    Ok(Reply::ok(format!("it is {} now", group.name), group))
}

/// Removes a group that no mapping names.
#[utoipa::path(
    delete, path = "/api/v1/pin-groups/{id}", tag = "people", operation_id = "remove_pin_group",
    params(("id" = i64, Path)),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<PinGroupView>), PlainErrors)
)]
pub(super) async fn remove(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<PinGroupView>, Problem> {
    let id = row_id(&id, unknown("group"))?;
    let group = actions::remove_pin_group(&state, id).await?;
    Ok(Reply::ok(format!("{} is removed", group.name), group))
}

/// From a time on a device's PINs mean what they mean in the group.
#[utoipa::path(
    post, path = "/api/v1/pin-groups/{id}/join", tag = "people", operation_id = "join_pin_group",
    params(("id" = i64, Path)), request_body = JoinBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<PinGroupView>), PlainErrors)
)]
pub(super) async fn join(
    Admin(caller): Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<JoinBody>,
) -> Result<Reply<PinGroupView>, Problem> {
    let id = row_id(&id, unknown("group"))?;
    let from = body.valid_from.and_then(Word::filled);
    let device = device(body.device)?;
    let (group, released) =
        actions::join_pin_group(&state, id, &device, from.as_deref(), &caller.name).await?;
    Ok(Reply::ok(
        format!("{released} records that waited for it go now"),
        group,
    ))
}

/// From a time on a device's PINs are its own again.
#[utoipa::path(
    post, path = "/api/v1/pin-groups/{id}/leave", tag = "people", operation_id = "leave_pin_group",
    params(("id" = i64, Path)), request_body = LeaveBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<PinGroupView>), PlainErrors)
)]
pub(super) async fn leave(
    Admin(caller): Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<LeaveBody>,
) -> Result<Reply<PinGroupView>, Problem> {
    let id = row_id(&id, unknown("group"))?;
    let until = body.until.and_then(Word::filled);
    let device = device(body.device)?;
    let group =
        actions::leave_pin_group(&state, id, &device, until.as_deref(), &caller.name).await?;
    Ok(Reply::ok(
        "its PINs are its own again; old punches keep their person",
        group,
    ))
}

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, TemplatePage, TemplatesReadView, WrittenView},
    auth::{Admin, Viewer},
    envelope::{Answer, Reply},
    input::{Body, PageQuery, People, Query, Segment, Segments, Word},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TemplatesQuery {
    /// Of one person only.
    #[param(value_type = Option<String>, example = "123")]
    user_id: Option<Word>,
}

/// Whose fingerprints.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WriteBody {
    /// User ids, as a list or with commas between.
    #[schema(value_type = Vec<String>, example = json!(["123"]))]
    user_ids: Option<People>,
}

/// A fingerprint that is gone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeletedTemplate {
    #[schema(example = 1)]
    device: i64,
    #[schema(example = "123")]
    user_id: String,
    #[schema(example = "6")]
    finger: String,
}

/// Of whom there are fingerprints, as last read from the device; never the fingerprints themselves, which are kept sealed.
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/templates", tag = "users", operation_id = "list_device_templates",
    params(("id" = String, Path, description = "id, serial number or address"), TemplatesQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<TemplatePage>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
    Query(TemplatesQuery { user_id }): Query<TemplatesQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<TemplatePage>, Problem> {
    let (limit, after) = page.read_opaque()?;
    let only = user_id.and_then(Word::filled);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = actions::templates(&state, &id, only.as_deref(), after.as_deref(), limit).await?;
    Ok(Reply::ok(
        format!("{} people with fingerprints", page.total),
        page,
    ))
}

/// Reads all fingerprints from the device and keeps them, sealed, in the place of those that were kept of it.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/templates/read", tag = "users", operation_id = "read_device_templates",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<TemplatesReadView>), PlainErrors)
)]
pub(super) async fn read(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<TemplatesReadView>, Problem> {
    let read = actions::read_templates(&state, &id).await?;
    Ok(Reply::ok(
        format!(
            "{} fingerprints of {} people are kept",
            read.templates, read.people
        ),
        read,
    ))
}

/// Writes the kept fingerprints of these people back to their device, and reads them back.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/templates/write", tag = "users", operation_id = "write_device_templates",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = WriteBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<WrittenView>), PlainErrors)
)]
pub(super) async fn write(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(WriteBody { user_ids }): Body<WriteBody>,
) -> Result<Reply<WrittenView>, Problem> {
    let people = user_ids.map(|People(people)| people).unwrap_or_default();
    let written = actions::write_templates(&state, &id, &people).await?;
    let failed = written
        .people
        .iter()
        .filter(|person| person.code.is_some())
        .count();
    Ok(Reply::ok(
        format!(
            "the fingerprints of {} people are written, {failed} failed",
            written.people.len() - failed
        ),
        written,
    ))
}

/// Deletes one finger of somebody, on the device and what is kept of it.
#[utoipa::path(
    delete, path = "/api/v1/devices/{id}/templates/{user_id}/{finger}", tag = "users",
    operation_id = "delete_device_template",
    params(
        ("id" = String, Path, description = "id, serial number or address"),
        ("user_id" = String, Path, description = "leading zeros count"),
        ("finger" = u8, Path, description = "0 to 9")
    ),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<DeletedTemplate>), PlainErrors)
)]
pub(super) async fn delete(
    _: Admin,
    State(state): State<AppState>,
    Segments([id, user_id, finger]): Segments<3>,
) -> Result<Reply<DeletedTemplate>, Problem> {
    let device = actions::delete_template(&state, &id, &user_id, &finger).await?;
    Ok(Reply::ok(
        format!("finger {finger} of user {user_id} is deleted"),
        DeletedTemplate {
            device,
            user_id,
            finger,
        },
    ))
}

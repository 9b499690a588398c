use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DryRunQuery, id, unknown, whom};
use crate::{
    AppState,
    actions::{self, MappingPage, MappingView, MappingWish, MappingsQueryWish, MappingsTakenView},
    auth::{Admin, Operator, Viewer},
    download,
    envelope::{Answer, Reply},
    input::{Body, Count, File, PageQuery, Query, Segment, Word, row_id},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MappingsQuery {
    /// Id, serial number or address.
    #[param(value_type = Option<String>)]
    device: Option<Word>,
    #[param(value_type = Option<u64>)]
    pin_group: Option<Count>,
    #[param(value_type = Option<String>)]
    user_id: Option<Word>,
    /// Id of a person.
    #[param(value_type = Option<u64>)]
    person: Option<Count>,
}

/// At a device or at a group; of a person by id or by employee number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingBody {
    /// Id, serial number or address.
    #[schema(value_type = Option<String>, example = "CJDE193560303")]
    device: Option<Word>,
    #[schema(value_type = Option<u64>)]
    pin_group: Option<Count>,
    /// The PIN; leading zeros count.
    #[schema(value_type = String, example = "42")]
    user_id: Option<Word>,
    #[schema(value_type = Option<u64>)]
    person: Option<Count>,
    #[schema(value_type = Option<String>, example = "007")]
    employee_number: Option<Word>,
    /// On the device's own clock; always where nothing is said.
    #[schema(value_type = Option<String>, example = "2026-11-01")]
    valid_from: Option<Word>,
    /// Left out itself; for ever where nothing is said.
    #[schema(value_type = Option<String>)]
    valid_until: Option<Word>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EndBody {
    /// On the device's own clock, left out itself; nothing: it was a mistake and never held.
    #[schema(value_type = Option<String>, example = "2026-11-23")]
    until: Option<Word>,
}

/// Whose PIN is whose, newest first; also what held before.
#[utoipa::path(
    get, path = "/api/v1/mappings", tag = "people", operation_id = "list_mappings", params(MappingsQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<MappingPage>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<MappingsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<MappingPage>, Problem> {
    let (limit, before) = page.read()?;
    let wish = MappingsQueryWish {
        device: query.device.and_then(Word::filled),
        pin_group: query
            .pin_group
            .map(|group| id("pin_group", group))
            .transpose()?,
        user_id: query.user_id.and_then(Word::filled),
        person: query
            .person
            .map(|person| id("person", person))
            .transpose()?,
    };
    let page = actions::mappings(&state, &wish, before, limit).await?;
    Ok(Reply::ok(format!("{} mappings", page.mappings.len()), page))
}

/// Says whose a PIN is. Old punches keep their person; what waited for the mapping goes.
#[utoipa::path(
    post, path = "/api/v1/mappings", tag = "people", operation_id = "add_mapping", request_body = MappingBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<MappingsTakenView>), PlainErrors)
)]
pub(super) async fn add(
    Operator(caller): Operator,
    State(state): State<AppState>,
    Body(body): Body<MappingBody>,
) -> Result<Reply<MappingsTakenView>, Problem> {
    let wish = MappingWish {
        device: body.device.and_then(Word::filled),
        pin_group: body
            .pin_group
            .map(|group| id("pin_group", group))
            .transpose()?,
        user_id: body
            .user_id
            .and_then(Word::filled)
            .ok_or_else(|| Problem::invalid("user_id is missing; send the PIN"))?,
        person: whom(body.person, body.employee_number)?,
        valid_from: body.valid_from.and_then(Word::filled),
        valid_until: body.valid_until.and_then(Word::filled),
    };
    let taken = actions::add_mapping(&state, wish, &caller.name).await?;
    Ok(Reply::ok(
        format!("{} records that waited for it go now", taken.released),
        taken,
    ))
}

/// Ends a mapping, or takes back one that was a mistake.
#[utoipa::path(
    post, path = "/api/v1/mappings/{id}/end", tag = "people", operation_id = "end_mapping",
    params(("id" = i64, Path, description = "as GET /api/v1/mappings shows it")), request_body = EndBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<MappingView>), PlainErrors)
)]
pub(super) async fn end(
    Operator(caller): Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<EndBody>,
) -> Result<Reply<MappingView>, Problem> {
    let id = row_id(&id, unknown("mapping"))?;
    let until = body.until.and_then(Word::filled);
    let ended = actions::end_mapping(&state, id, until.as_deref(), &caller.name).await?;
    Ok(Reply::ok("the mapping is ended", ended))
}

/// All mappings as a CSV file, which can be taken in again.
#[utoipa::path(
    get, path = "/api/v1/mappings.csv", tag = "people", operation_id = "export_mappings",
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, content_type = "text/csv", body = String), PlainErrors)
)]
pub(super) async fn export(_: Viewer, State(state): State<AppState>) -> Result<Response, Problem> {
    let file = actions::export_mappings(&state).await?;
    Ok(download::file("mappings.csv", download::CSV, file))
}

/// Makes mappings from a CSV file with the columns `terminal` or `pin_group`, `pin`, `employee_number`, `valid_from` and
/// `valid_until`. A file with a fault is not taken at all.
#[utoipa::path(
    post, path = "/api/v1/mappings/import", tag = "people", operation_id = "import_mappings", params(DryRunQuery),
    request_body(content = String, content_type = "text/csv", example = "terminal,pin,employee_number\nCJDE193560303,42,007\n"),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<MappingsTakenView>), PlainErrors)
)]
pub(super) async fn import(
    Admin(caller): Admin,
    State(state): State<AppState>,
    Query(query): Query<DryRunQuery>,
    File(file): File,
) -> Result<Reply<MappingsTakenView>, Problem> {
    let taken = actions::import_mappings(&state, &file, query.is_dry(), &caller.name).await?;
    if !taken.dry_run && !taken.faults.is_empty() {
        return Err(super::not_taken(&taken.faults));
    }
    let message = match (taken.faults.first(), taken.dry_run) {
        (Some(fault), _) => format!(
            "nothing would be taken: line {}: {}",
            fault.line, fault.message
        ),
        (None, true) => format!("{} would be made", taken.made),
        (None, false) => format!("{} were made", taken.made),
    };
    Ok(Reply::ok(message, taken))
}

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{
        self, ClearedView, OperationsView, ReadView, ReconciliationPage, RereadView, UnreadablePage,
    },
    auth::{Admin, Operator, Viewer},
    envelope::{Answer, Reply},
    input::{Body, Count, PageQuery, Query, Segment, Word},
    openapi::{CommandErrors, PlainErrors},
    problem::Problem,
};

/// The confirmation that this device is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClearBody {
    /// The device's serial number.
    #[schema(value_type = String, example = "CKJF200460123")]
    serial_number: Option<Word>,
}

/// How much of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationsBody {
    /// Most operations, 1 to 10000, the newest; 100 where none is given.
    #[schema(value_type = Option<u64>, example = 100)]
    limit: Option<Count>,
}

/// Reads the device's whole log now, and says how its numbers add up. A read that takes more than four minutes goes on
/// without the answer, which is then 202.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/log/read", tag = "devices", operation_id = "read_device_log",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<ReadView>), (status = ACCEPTED, body = Answer<ReadView>), PlainErrors)
)]
pub(super) async fn read(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<ReadView>, Problem> {
    let read = actions::read_log(&state, &id).await?;
    Ok(match &read.reconciliation {
        None => Reply::accepted(
            "the log is long; it is still being read. See its reconciliations later",
            read,
        ),
        Some(reconciliation) => Reply::ok(reconciliation.text.clone(), read),
    })
}

/// Clears the device's log, where the body names its serial number. Before that all of it is read and reconciled with the
/// ledger, copied byte for byte into a file on the server, and counted again while nobody can punch; afterwards it is
/// counted once more. The answer lists these guards; where one does not hold, nothing is cleared (409). Sent once: where
/// the answer is lost (504, code `answer_lost`), it may have been cleared all the same; look before you send it again.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/log/clear", tag = "devices", operation_id = "clear_device_log",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = ClearBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<ClearedView>), CommandErrors)
)]
pub(super) async fn clear(
    Admin(caller): Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(ClearBody { serial_number }): Body<ClearBody>,
) -> Result<Reply<ClearedView>, Problem> {
    let serial = serial_number.and_then(Word::filled).unwrap_or_default();
    let cleared = actions::clear_log(&state, &id, &serial, &caller.name).await?;
    Ok(Reply::ok(
        format!(
            "the log is cleared: {} punches, all of them in the ledger; a copy is in {}",
            cleared.rows, cleared.copy
        ),
        cleared,
    ))
}

/// Reads the device's own log of what was done at it: menu opened, clock set, log cleared … It is not kept here, so
/// there is no cursor.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/operations", tag = "devices", operation_id = "read_device_operations",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = OperationsBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<OperationsView>), PlainErrors)
)]
pub(super) async fn operations(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(OperationsBody { limit }): Body<OperationsBody>,
) -> Result<Reply<OperationsView>, Problem> {
    const DEFAULT: usize = 100;
    const MOST: usize = 10_000;
    let limit = limit.map_or(Ok(DEFAULT), |Count(limit)| {
        usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or_else(|| Problem::invalid(format!("limit must be from 1 to {MOST}")))
    })?;
    let read = actions::operations(&state, &id, limit).await?;
    Ok(Reply::ok(
        format!("{} of {} operations", read.operations.len(), read.total),
        read,
    ))
}

/// The reads of the device's whole log: whether what it counts and what came add up. Newest first.
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/reconciliations", tag = "devices", operation_id = "list_device_reconciliations",
    params(("id" = String, Path, description = "id, serial number or address"), PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<ReconciliationPage>), PlainErrors)
)]
pub(super) async fn reconciliations(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
    Query(page): Query<PageQuery>,
) -> Result<Reply<ReconciliationPage>, Problem> {
    let (limit, before) = page.read()?;
    let page = actions::reconciliations(&state, &id, before, limit).await?;
    Ok(Reply::ok(
        format!("{} reads of the whole log", page.reconciliations.len()),
        page,
    ))
}

/// Rows of the device's log that nobody can read yet; they are kept raw. In the order in which they were met.
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/unreadable", tag = "devices", operation_id = "list_device_unreadable",
    params(("id" = String, Path, description = "id, serial number or address"), PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<UnreadablePage>), PlainErrors)
)]
pub(super) async fn unreadable(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
    Query(page): Query<PageQuery>,
) -> Result<Reply<UnreadablePage>, Problem> {
    let (limit, after) = page.read()?;
    let page = actions::unreadable(&state, &id, after, limit).await?;
    Ok(Reply::ok(format!("{} rows", page.total), page))
}

/// Decodes the rows that are kept raw once more, as after an update of the program or a change of `order16`. The device
/// is not asked.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/unreadable/reread", tag = "devices", operation_id = "reread_device_unreadable",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<RereadView>), PlainErrors)
)]
pub(super) async fn reread(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<RereadView>, Problem> {
    let reread = actions::reread_unreadable(&state, &id).await?;
    Ok(Reply::ok(
        format!(
            "{} rows are records now, {} still cannot be read",
            reread.read, reread.left
        ),
        reread,
    ))
}

//! `/api/v1/destinations`: who gets punches, and how.

mod body;
mod deeds;
mod look;
mod replay;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::body::{DestinationChangeBody, NewDestinationBody};
use crate::{
    AppState,
    actions::{self, DestinationSavedView, DestinationView},
    auth::{Admin, Viewer},
    envelope::{Answer, Reply},
    input::{Body, Segment},
    openapi::PlainErrors,
    problem::Problem,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change, remove))
        .routes(routes!(deeds::pause))
        .routes(routes!(deeds::resume))
        .routes(routes!(deeds::test))
        .routes(routes!(deeds::queue_past))
        .routes(routes!(deeds::replay))
        .routes(routes!(look::health))
        .routes(routes!(look::dry_run))
        .routes(routes!(look::explain))
        .routes(routes!(look::count))
        .routes(routes!(look::count_new))
        .routes(routes!(look::preview))
        .routes(routes!(look::preview_new))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DestinationList {
    destinations: Vec<DestinationView>,
    count: usize,
}

/// Every destination with its settings and how it stands. Secrets read `***`.
#[utoipa::path(
    get, path = "/api/v1/destinations", tag = "destinations", operation_id = "list_destinations",
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<DestinationList>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
) -> Result<Reply<DestinationList>, Problem> {
    let destinations = actions::destinations(&state).await?;
    let count = destinations.len();
    Ok(Reply::ok(
        format!("{count} destinations"),
        DestinationList {
            destinations,
            count,
        },
    ))
}

/// Adds a destination. What is done with punches that are stored already must be said.
#[utoipa::path(
    post, path = "/api/v1/destinations", tag = "destinations", operation_id = "add_destination",
    request_body(content = NewDestinationBody, example = json!({
        "name": "Payroll", "url": "https://payroll.example/punches", "history": {"since": "2026-11-01"},
        "request": {"auth": {"kind": "bearer", "token": "secret"}},
    })),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = CREATED, body = Answer<DestinationView>), PlainErrors)
)]
pub(super) async fn add(
    _: Admin,
    State(state): State<AppState>,
    Body(body): Body<NewDestinationBody>,
) -> Result<Reply<DestinationView>, Problem> {
    let (wish, history) = body.wish()?;
    let destination = actions::add_destination(&state, wish, &history).await?;
    let message = match history {
        actions::History::FromNow => {
            format!("{} is added; it gets punches from now on", destination.name)
        }
        actions::History::Since(_) => format!(
            "{} is added; its history is queued in the background",
            destination.name
        ),
    };
    Ok(Reply::created(message, destination))
}

/// One destination.
#[utoipa::path(
    get, path = "/api/v1/destinations/{id}", tag = "destinations", operation_id = "get_destination",
    params(("id" = String, Path, description = "id or name")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<DestinationView>), PlainErrors)
)]
pub(super) async fn get(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<DestinationView>, Problem> {
    let destination = actions::destination(&state, &id).await?;
    Ok(Reply::ok(destination.name.clone(), destination))
}

/// Changes a destination. Waiting records that it does not want any more are withdrawn; past punches that it wants now are
/// queued only by …/queue-past. Any change, also of nothing, ends a pause that the receiver caused.
#[utoipa::path(
    patch, path = "/api/v1/destinations/{id}", tag = "destinations", operation_id = "change_destination",
    params(("id" = String, Path, description = "id or name")),
    request_body(content = DestinationChangeBody, example = json!({
        "filter": {"states": ["Check In"]}, "schedule": {"kind": "every", "minutes": 15},
    })),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<DestinationSavedView>), PlainErrors)
)]
pub(super) async fn change(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<DestinationChangeBody>,
) -> Result<Reply<DestinationSavedView>, Problem> {
    let saved = actions::change_destination(&state, &id, body.wish()).await?;
    let mut told = vec![format!("{} is changed", saved.destination.name)];
    if saved.withdrawn > 0 {
        told.push(format!(
            "{} waiting records were withdrawn",
            saved.withdrawn
        ));
    }
    if saved.in_doubt > 0 {
        told.push(format!(
            "{} may have arrived already and stay in the queue",
            saved.in_doubt
        ));
    }
    Ok(Reply::ok(told.join("; "), saved))
}

/// Removes a destination with its queue and its attempts. Punches are kept.
#[utoipa::path(
    delete, path = "/api/v1/destinations/{id}", tag = "destinations", operation_id = "remove_destination",
    params(("id" = String, Path, description = "id or name")),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<DestinationView>), PlainErrors)
)]
pub(super) async fn remove(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<DestinationView>, Problem> {
    let destination = actions::remove_destination(&state, &id).await?;
    Ok(Reply::ok(
        format!(
            "{} is removed with its queue; the punches are kept",
            destination.name
        ),
        destination,
    ))
}

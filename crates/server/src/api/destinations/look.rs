use axum::extract::State;
use serde::Deserialize;

use super::body::{CountBody, PreviewBody};
use crate::{
    AppState,
    actions::{self, DryRunView, ExplanationView, HealthView, MatchView, PreviewView, PunchName},
    auth::{Operator, Viewer},
    envelope::{Answer, Reply},
    input::{Body, Count, Query, Segment, Word},
    openapi::PlainErrors,
    problem::Problem,
};

/// Which punch is asked about: `punch`, or `user_id` and `timestamp`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct PunchNameQuery {
    /// As GET /api/v1/deliveries shows it.
    #[param(value_type = Option<u64>)]
    punch: Option<Count>,
    #[param(value_type = Option<String>, example = "007")]
    user_id: Option<Word>,
    #[param(value_type = Option<String>, example = "2026-11-23 09:00:00")]
    timestamp: Option<Word>,
    /// Id, serial number or address, where several have such a punch.
    #[param(value_type = Option<String>)]
    device: Option<Word>,
}

impl PunchNameQuery {
    fn name(self) -> Result<PunchName, Problem> {
        if let Some(Count(number)) = self.punch {
            return i64::try_from(number).map(PunchName::Number).map_err(|_| {
                Problem::invalid(format!("punch is {number}, which is no number of ours"))
            });
        }
        match (
            self.user_id.and_then(Word::filled),
            self.timestamp.and_then(Word::filled),
        ) {
            (Some(user_id), Some(timestamp)) => Ok(PunchName::Is {
                user_id,
                timestamp,
                device: self.device.and_then(Word::filled),
            }),
            _ => Err(Problem::invalid(
                "say which punch: punch=17, or user_id=007&timestamp=2026-11-23 09:00:00",
            )),
        }
    }
}

/// How delivery stands and why: counts, what keeps records back, causes of parked ones, work in the background.
#[utoipa::path(
    get, path = "/api/v1/destinations/{id}/health", tag = "destinations", operation_id = "destination_health",
    params(("id" = String, Path, description = "id or name")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<HealthView>), PlainErrors)
)]
pub(in crate::api) async fn health(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<HealthView>, Problem> {
    let health = actions::destination_health(&state, &id).await?;
    let message = health.held_back.first().map_or_else(
        || format!("{} records wait", health.status.waiting),
        |first| first.message.clone(),
    );
    Ok(Reply::ok(message, health))
}

/// What would be sent now, and why it is not. Nothing is sent.
#[utoipa::path(
    get, path = "/api/v1/destinations/{id}/dry-run", tag = "destinations", operation_id = "dry_run",
    params(("id" = String, Path, description = "id or name")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<DryRunView>), PlainErrors)
)]
pub(in crate::api) async fn dry_run(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<DryRunView>, Problem> {
    let look = actions::dry_run(&state, &id).await?;
    let message = match &look.next {
        None => "nothing waits".to_owned(),
        Some(next) => format!("the next request has {} records", next.records.len()),
    };
    Ok(Reply::ok(message, look))
}

/// Why one punch was sent, or was not.
#[utoipa::path(
    get, path = "/api/v1/destinations/{id}/explain", tag = "destinations", operation_id = "explain_delivery",
    params(("id" = String, Path, description = "id or name"), PunchNameQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<ExplanationView>), PlainErrors)
)]
pub(in crate::api) async fn explain(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
    Query(punch): Query<PunchNameQuery>,
) -> Result<Reply<ExplanationView>, Problem> {
    let explained = actions::explain(&state, &id, &punch.name()?).await?;
    Ok(Reply::ok(explained.message.clone(), explained))
}

/// How many stored punches the filter matches, with the changes of the body.
#[utoipa::path(
    post, path = "/api/v1/destinations/{id}/count", tag = "destinations", operation_id = "count_matching",
    params(("id" = String, Path, description = "id or name")), request_body = CountBody,
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<MatchView>), PlainErrors)
)]
pub(in crate::api) async fn count(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<CountBody>,
) -> Result<Reply<MatchView>, Problem> {
    let matching = actions::count_matching(&state, &body.wish(), Some(&id)).await?;
    Ok(matched(matching))
}

/// The same for a destination that is not there yet.
#[utoipa::path(
    post, path = "/api/v1/destinations/count", tag = "destinations", operation_id = "count_matching_new",
    request_body = CountBody,
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<MatchView>), PlainErrors)
)]
pub(in crate::api) async fn count_new(
    _: Viewer,
    State(state): State<AppState>,
    Body(body): Body<CountBody>,
) -> Result<Reply<MatchView>, Problem> {
    let matching = actions::count_matching(&state, &body.wish(), None).await?;
    Ok(matched(matching))
}

fn matched(matching: MatchView) -> Reply<MatchView> {
    Reply::ok(
        format!("{} stored punches match", matching.matching),
        matching,
    )
}

/// What a request would look like on the last real punches, also with changes that are not saved. Nothing is sent; secrets
/// read `***`. A fault of a template is told with its line.
#[utoipa::path(
    post, path = "/api/v1/destinations/{id}/preview", tag = "destinations", operation_id = "preview_request",
    params(("id" = String, Path, description = "id or name")), request_body = PreviewBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<PreviewView>), PlainErrors)
)]
pub(in crate::api) async fn preview(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<PreviewBody>,
) -> Result<Reply<PreviewView>, Problem> {
    let preview = actions::preview_request(&state, Some(&id), &body.wish()).await?;
    Ok(previewed(preview))
}

/// The same for a destination that is not there yet.
#[utoipa::path(
    post, path = "/api/v1/destinations/preview", tag = "destinations", operation_id = "preview_new_request",
    request_body = PreviewBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<PreviewView>), PlainErrors)
)]
pub(in crate::api) async fn preview_new(
    _: Operator,
    State(state): State<AppState>,
    Body(body): Body<PreviewBody>,
) -> Result<Reply<PreviewView>, Problem> {
    let preview = actions::preview_request(&state, None, &body.wish()).await?;
    Ok(previewed(preview))
}

fn previewed(preview: PreviewView) -> Reply<PreviewView> {
    let message = match (&preview.request.fault, preview.made_up) {
        (Some(fault), _) => format!("{}: {}", fault.place, fault.message),
        (None, true) => "the ledger holds no punch yet; these are made up".to_owned(),
        (None, false) => "nothing was sent".to_owned(),
    };
    Reply::ok(message, preview)
}

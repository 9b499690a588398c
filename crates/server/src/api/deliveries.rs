use axum::extract::State;
use serde::Deserialize;

use crate::{
    AppState,
    actions::{self, DeliveryPage, DeliveryWish},
    auth::Viewer,
    envelope::{Answer, Reply},
    input::{PageQuery, PunchQuery, Query, Word},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveriesQuery {
    /// Id or name; may be left out where there is only one.
    #[param(value_type = Option<String>)]
    destination: Option<Word>,
    /// `held`, `waiting`, `batched`, `delivered`, `parked` or `withdrawn`
    #[param(value_type = Option<String>)]
    state: Option<Word>,
    /// Of those that were set aside: why, as …/health tells causes.
    #[param(value_type = Option<String>)]
    cause: Option<Word>,
}

/// Records on their way to a destination, newest first. Where people, times or a device are asked for, a page may be
/// shorter than its limit; it is the last when `next_cursor` is null.
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "destinations", params(DeliveriesQuery, PunchQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<DeliveryPage>), PlainErrors)
)]
pub(super) async fn deliveries(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<DeliveriesQuery>,
    Query(punches): Query<PunchQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<DeliveryPage>, Problem> {
    let (limit, cursor) = page.read_opaque()?;
    let wish = DeliveryWish {
        destination: query.destination.and_then(Word::filled),
        state: query.state.and_then(Word::filled),
        cause: query.cause.and_then(Word::filled),
        punches: punches.wish()?,
    };
    let page = actions::deliveries(&state, &wish, cursor.as_deref(), limit).await?;
    Ok(Reply::ok(
        format!("{} deliveries", page.deliveries.len()),
        page,
    ))
}

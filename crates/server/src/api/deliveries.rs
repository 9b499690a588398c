use axum::extract::State;
use serde::Deserialize;

use crate::{
    AppState,
    actions::{self, DeliveryPage, DeliveryWish},
    auth::Viewer,
    envelope::{Answer, Reply},
    input::{Count, PageQuery, PunchQuery, Query, Word},
    openapi::PlainErrors,
    problem::Problem,
};

use super::people::whom;

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
    /// A person's id: whatever their user ids are at the devices.
    #[param(value_type = Option<u64>)]
    person: Option<Count>,
    /// The same by employee number; give one of the two.
    #[param(value_type = Option<String>)]
    employee_number: Option<Word>,
}

/// Records on their way to a destination, newest first. A page is full unless it is the last; only where a rare state is
/// looked for among more than half a million punches of a device or a time, it may be short. It is the last when
/// `next_cursor` is null.
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
        person: match (query.person, &query.employee_number) {
            (None, None) => None,
            (person, _) => Some(whom(person, query.employee_number)?),
        },
    };
    let page = actions::deliveries(&state, &wish, cursor.as_deref(), limit).await?;
    Ok(Reply::ok(
        format!("{} deliveries", page.deliveries.len()),
        page,
    ))
}

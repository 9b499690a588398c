use axum::extract::State;
use serde::Deserialize;

use crate::{
    AppState,
    actions::{self, AttemptDetail, AttemptPage, AttemptWish, unknown_attempt},
    auth::Viewer,
    envelope::{Answer, Reply},
    input::{Count, PageQuery, Query, Segment, Word, row_id},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AttemptsQuery {
    /// Id or name; may be left out where there is only one.
    #[param(value_type = Option<String>)]
    destination: Option<Word>,
    /// What came of it, as `class` tells; `failed`: all but plain successes.
    #[param(value_type = Option<String>, example = "failed")]
    class: Option<Word>,
    /// Id of a delivery: the requests that it was in.
    #[param(value_type = Option<u64>)]
    delivery: Option<Count>,
}

/// Requests to a destination, newest first; one entry a request.
#[utoipa::path(
    get, path = "/api/v1/attempts", tag = "destinations", params(AttemptsQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<AttemptPage>), PlainErrors)
)]
pub(super) async fn attempts(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<AttemptsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<AttemptPage>, Problem> {
    let (limit, cursor) = page.read_opaque()?;
    let delivery = query.delivery.map(|Count(id)| i64::try_from(id));
    let wish = AttemptWish {
        destination: query.destination.and_then(Word::filled),
        class: query.class.and_then(Word::filled),
        delivery: delivery
            .transpose()
            .map_err(|_| Problem::invalid("delivery is no id of ours"))?,
    };
    let page = actions::attempts(&state, &wish, cursor.as_deref(), limit).await?;
    Ok(Reply::ok(format!("{} attempts", page.attempts.len()), page))
}

/// One request, written again from the ledger with its secrets masked, and the first 4 KB of the answer.
#[utoipa::path(
    get, path = "/api/v1/attempts/{id}", tag = "destinations",
    params(("id" = i64, Path, description = "as GET /api/v1/attempts shows it")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<AttemptDetail>), PlainErrors)
)]
pub(super) async fn attempt(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<AttemptDetail>, Problem> {
    let id = row_id(&id, || unknown_attempt(&id))?;
    let attempt = actions::attempt(&state, id).await?;
    Ok(Reply::ok(
        format!("attempt {id}: {}", attempt.attempt.class),
        attempt,
    ))
}

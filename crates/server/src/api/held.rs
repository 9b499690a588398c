use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, HeldPage, HeldWish, ReleaseWish, ReleasedView},
    auth::{Operator, Viewer},
    envelope::{Answer, Reply},
    input::{BodyOfTwo, Known, PageQuery, PunchQuery, Query, Switch, Whole, Word},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ShiftQuery {
    /// Shows what each time would be, moved by so many seconds; below 0 is earlier.
    #[param(value_type = Option<i64>, example = 86400)]
    shift_seconds: Option<Whole>,
}

/// What to do with those that match.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ReleaseBody {
    /// Moves their local times by so many seconds, where the device's clock was wrong; below 0 is earlier.
    #[schema(value_type = Option<i64>, example = 820_540_800)]
    shift_seconds: Option<Whole>,
    /// Kept with the records.
    #[schema(value_type = String, example = "the battery of its clock was empty")]
    reason: Option<Word>,
    /// Just these, by the `id` of the list; all that match where none is given.
    #[schema(value_type = Option<Vec<i64>>)]
    ids: Option<Vec<Whole>>,
    /// Only says how many would be released, and shows the first.
    #[schema(value_type = Option<bool>)]
    dry_run: Option<Switch>,
}

impl Known for ReleaseBody {
    const KEYS: &'static [&'static str] = &["shift_seconds", "reason", "ids", "dry_run"];
}

/// The filter and the deed in one body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document is made from it")]
pub(super) struct HeldRelease {
    #[serde(flatten)]
    which: PunchQuery,
    #[serde(flatten)]
    what: ReleaseBody,
}

/// Punches that no destination gets, because their time could not be right: before 2010, more than a day ahead, or more than
/// 31 days behind the punch before. They wait for a person. In the order of the ledger.
#[utoipa::path(
    get, path = "/api/v1/punches/held", tag = "attendance", operation_id = "list_held_punches",
    params(PunchQuery, ShiftQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<HeldPage>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<PunchQuery>,
    Query(ShiftQuery { shift_seconds }): Query<ShiftQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<HeldPage>, Problem> {
    let (limit, after) = page.read()?;
    let wish = HeldWish {
        punches: query.wish()?,
        ids: Vec::new(),
    };
    let shift = shift_seconds.map(|Whole(secs)| secs);
    let page = actions::held_punches(&state, &wish, shift, after, limit).await?;
    Ok(Reply::ok(format!("{} records are held", page.total), page))
}

/// Lets held punches go, by filter, as they are or moved in time. Their ids stay; the ledger keeps what the device gave, and
/// who released them why. Every destination that wants them gets them.
#[utoipa::path(
    post, path = "/api/v1/punches/held/release", tag = "attendance", operation_id = "release_held_punches",
    request_body = HeldRelease,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<ReleasedView>), PlainErrors)
)]
pub(super) async fn release(
    Operator(caller): Operator,
    State(state): State<AppState>,
    BodyOfTwo(query, body): BodyOfTwo<PunchQuery, ReleaseBody>,
) -> Result<Reply<ReleasedView>, Problem> {
    let wish = ReleaseWish {
        held: HeldWish {
            punches: query.wish()?,
            ids: body.ids()?,
        },
        shift_secs: body.shift_seconds.map(|Whole(secs)| secs),
        dry_run: body.dry_run.is_some_and(|Switch(dry_run)| dry_run),
        reason: body.reason.and_then(Word::filled).unwrap_or_default(),
    };
    let released = actions::release_punches(&state, wish, &caller.name).await?;
    let message = if released.dry_run {
        format!("{} records would be released", released.released)
    } else {
        format!("{} records are released", released.released)
    };
    Ok(Reply::ok(message, released))
}

impl ReleaseBody {
    fn ids(&self) -> Result<Vec<i64>, Problem> {
        match &self.ids {
            None => Ok(Vec::new()),
            // It must not mean all.
            Some(ids) if ids.is_empty() => Err(Problem::invalid(
                "ids names no record; put ids in it, or leave it out",
            )),
            Some(ids) => Ok(ids.iter().map(|Whole(id)| *id).collect()),
        }
    }
}

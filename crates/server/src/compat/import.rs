use std::collections::BTreeMap;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, ImportView, ImportWish},
    auth::Admin,
    envelope::{Answer, Reply},
    input::{Body, DeviceQuery, Query, Switch, Word},
    openapi::SeedErrors,
    problem::Problem,
};

/// Where users come from and how to read them.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ImportBody {
    /// http or https; answers a JSON document of at most 10 MB within 30 s.
    #[schema(value_type = String, example = "https://hr.example/employees")]
    url: Option<Word>,
    /// Sent with the request, as in `{"Authorization": "Bearer …"}`.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    headers: Option<BTreeMap<String, Word>>,
    /// `GET` (the default) or `POST`
    #[schema(value_type = Option<String>, example = "GET")]
    method: Option<Word>,
    /// Where the list is, when it is not the document itself nor its `data`, `users`, `employees` or `results`:
    /// `page.items` or `/page/items`.
    #[schema(value_type = Option<String>)]
    items_path: Option<Word>,
    /// What our fields are called there: `user_id`, `name`, `first_name`, `last_name`, `card`, `privilege`, `password`,
    /// `group_id`.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    field_map: Option<BTreeMap<String, Word>>,
    /// Id, serial number or address; the default device where none is given.
    #[schema(value_type = Option<String>)]
    device: Option<Word>,
    /// Only says what would be done.
    #[schema(value_type = Option<bool>)]
    dry_run: Option<Switch>,
}

/// Fetches a list of users and saves them on a device, in one conversation. What one row meets does not stop the others.
#[utoipa::path(
    post, path = "/api/add-users-from-url", tag = "users", params(DeviceQuery), request_body = ImportBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<ImportView>), SeedErrors)
)]
pub(super) async fn add_users_from_url(
    _: Admin,
    State(state): State<AppState>,
    Query(query): Query<DeviceQuery>,
    Body(body): Body<ImportBody>,
) -> Result<Reply<ImportView>, Problem> {
    let texts = |map: Option<BTreeMap<String, Word>>| {
        map.unwrap_or_default()
            .into_iter()
            .map(|(key, Word(text))| (key, text))
            .collect()
    };
    let wish = ImportWish {
        url: body.url.and_then(Word::filled).unwrap_or_default(),
        headers: texts(body.headers),
        method: body.method.and_then(Word::filled),
        items_path: body.items_path.and_then(Word::filled),
        field_map: texts(body.field_map),
        device: query.unless(body.device),
        dry_run: body.dry_run.is_some_and(|Switch(dry)| dry),
    };
    let done = actions::import_users(&state, wish).await?;
    let message = if done.state == "running" {
        format!(
            "the import goes on in the background; see GET /api/v1/jobs/{}",
            done.job_id
        )
    } else {
        format!(
            "{}{} added, {} updated, {} unchanged, {} failed{}",
            if done.dry_run {
                "nothing was changed; it would be: "
            } else {
                ""
            },
            done.added,
            done.updated,
            done.skipped,
            done.failed.len(),
            match done.warnings.len() {
                0 => String::new(),
                warned => format!(", {warned} not quite as given"),
            }
        )
    };
    Ok(Reply::ok(message, done))
}

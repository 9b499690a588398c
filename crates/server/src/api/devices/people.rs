use axum::extract::State;
use domain::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, CopyView, CopyWish, SavedUsersView, UserList, UserRow, privilege},
    auth::{Admin, Operator, Viewer},
    envelope::{Answer, Reply},
    input::{Body, People, Segment, Switch, Word},
    openapi::PlainErrors,
    problem::Problem,
};

/// Users to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UsersBody {
    users: Vec<UserBody>,
    /// Only says what would be done.
    #[schema(value_type = Option<bool>)]
    dry_run: Option<Switch>,
}

/// A user to add, or what to change of one. What is left out stays as the device has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserOfMany)]
pub(super) struct UserBody {
    /// Leading zeros count; quoted or not.
    #[schema(value_type = String, example = "123")]
    user_id: Word,
    #[schema(value_type = Option<String>, example = "John Doe")]
    name: Option<Word>,
    /// 0 or `user`, 14 or `admin`
    #[schema(value_type = Option<String>, example = "user")]
    privilege: Option<Word>,
    /// Digits; empty takes it away.
    #[schema(value_type = Option<String>)]
    password: Option<Word>,
    /// 0 takes it away.
    #[schema(value_type = Option<u32>)]
    card: Option<Word>,
    #[schema(value_type = Option<String>, example = "1")]
    group_id: Option<Word>,
}

/// Whom to copy where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CopyBody {
    /// Id, serial number or address of the other device.
    #[schema(value_type = String, example = "2")]
    to: Option<Word>,
    /// User ids, as a list or with commas between, or `all`.
    #[schema(value_type = Vec<String>, example = json!(["123", "456"]))]
    user_ids: Option<People>,
    /// Only says what would be done.
    #[schema(value_type = Option<bool>)]
    dry_run: Option<Switch>,
}

/// The users of a device, as last read from it.
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/users", tag = "users", operation_id = "list_device_users",
    params(("id" = String, Path, description = "id, serial number or address")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<UserList>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<UserList>, Problem> {
    let device = actions::device(&state, &id).await?;
    let list = actions::users(&state, Some(&device.id.to_string())).await?;
    Ok(Reply::ok(format!("{} users", list.count), list))
}

/// Saves many users in one conversation with the device, keeping fingerprints and faces; what one of them meets does not
/// stop the others. All of it is read back.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/users", tag = "users", operation_id = "save_device_users",
    params(("id" = String, Path, description = "id, serial number or address")),
    request_body = UsersBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<SavedUsersView>), PlainErrors)
)]
pub(super) async fn save(
    _: Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(UsersBody { users, dry_run }): Body<UsersBody>,
) -> Result<Reply<SavedUsersView>, Problem> {
    let dry_run = dry_run.is_some_and(|Switch(dry_run)| dry_run);
    let rows = users
        .into_iter()
        .map(|user| (user.user_id.0.clone(), user.row()))
        .collect();
    let saved = actions::save_users(&state, &id, rows, dry_run).await?;
    let message = format!(
        "{} added, {} updated, {} unchanged, {} failed{}",
        saved.added,
        saved.updated,
        saved.unchanged,
        saved.failed,
        if dry_run { "; nothing was written" } else { "" }
    );
    Ok(Reply::ok(message, saved))
}

/// Copies people with their fingerprints to another device, where both make them with the same algorithm. What one person
/// meets does not stop the others; all of it is read back.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/copy", tag = "users", operation_id = "copy_device_users",
    params(("id" = String, Path, description = "id, serial number or address of the device that is copied from")),
    request_body = CopyBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<CopyView>), PlainErrors)
)]
pub(super) async fn copy(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<CopyBody>,
) -> Result<Reply<CopyView>, Problem> {
    let copied = actions::copy_people(&state, &id, body.wish()?).await?;
    let message = format!(
        "{} people {}, {} failed",
        copied.copied,
        if copied.dry_run {
            "would be copied"
        } else {
            "are copied"
        },
        copied.failed
    );
    Ok(Reply::ok(message, copied))
}

impl UserBody {
    fn row(self) -> Result<UserRow, Problem> {
        let card = match self.card {
            None => None,
            Some(Word(text)) if text.is_empty() => Some(0),
            Some(Word(text)) => Some(text.parse().map_err(|_| {
                Problem::invalid(format!(
                    "card is {text:?}; it must be a number from 0 to 4294967295"
                ))
            })?),
        };
        Ok(UserRow {
            user_id: self.user_id.0,
            name: self.name.map(|Word(name)| name),
            privilege: self
                .privilege
                .and_then(Word::filled)
                .map(|text| privilege(&text))
                .transpose()?,
            password: self.password.map(|Word(password)| Secret::new(password)),
            card,
            group_id: self.group_id.and_then(Word::filled),
        })
    }
}

impl CopyBody {
    fn wish(self) -> Result<CopyWish, Problem> {
        let to = self.to.and_then(Word::filled).ok_or_else(|| {
            Problem::invalid(
                "to is missing; send the id, serial number or address of the other device",
            )
        })?;
        let People(people) = self
            .user_ids
            .filter(|ids| !ids.0.is_empty())
            .ok_or_else(|| {
                Problem::invalid(
                    "user_ids is missing; send a list of user ids, or \"all\" for everybody",
                )
            })?;
        let everybody = people
            .iter()
            .any(|person| person.eq_ignore_ascii_case("all"));
        Ok(CopyWish {
            to,
            people: (!everybody).then_some(people),
            dry_run: self.dry_run.is_some_and(|Switch(dry_run)| dry_run),
        })
    }
}

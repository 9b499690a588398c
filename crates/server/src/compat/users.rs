use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, DeletedView, SavedUserView, UserList, UserWish, privilege},
    auth::{Operator, Viewer},
    compat::{NO_DEVICE, csv},
    envelope::{Answer, Reply},
    input::{Body, DeviceQuery, Query, Segment, Switch, Word},
    openapi::SeedErrors,
    problem::Problem,
};

/// In which form a list is answered.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UsersQuery {
    /// `json` (the default) or `csv`
    #[param(value_type = Option<String>, example = "json")]
    format: Option<Word>,
}

/// A user to add, or what to change of one. What is left out stays as the device has it.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UserBody {
    /// Leading zeros count; quoted or not.
    #[schema(value_type = Option<String>, example = "123")]
    user_id: Option<Word>,
    /// Another name for `user_id`.
    #[schema(value_type = Option<String>)]
    emp_no: Option<Word>,
    /// Another name for `user_id`.
    #[schema(value_type = Option<String>)]
    employee_id: Option<Word>,
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
    /// Id, serial number or address; the default device where none is given.
    #[schema(value_type = Option<String>)]
    device: Option<Word>,
}

/// Whom to delete, and where.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DeleteBody {
    #[schema(value_type = Option<String>, example = "123")]
    user_id: Option<Word>,
    /// Another name for `user_id`.
    #[schema(value_type = Option<String>)]
    emp_no: Option<Word>,
    /// Another name for `user_id`.
    #[schema(value_type = Option<String>)]
    employee_id: Option<Word>,
    /// Id, serial number or address, or `all`; the default device where none is given.
    #[schema(value_type = Option<String>)]
    device: Option<Word>,
    /// Deletes also the last administrator.
    #[schema(value_type = Option<bool>)]
    force: Option<Switch>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeleteQuery {
    /// Id, serial number or address, or `all`; the default device where none is given.
    #[param(value_type = Option<String>)]
    device: Option<Word>,
    /// Deletes also the last administrator.
    #[param(value_type = Option<bool>)]
    force: Option<Switch>,
}

/// The users of a device, as last read from it.
#[utoipa::path(
    get, path = "/api/users", tag = "users", params(DeviceQuery, UsersQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, content((Answer<UserList> = "application/json"), (String = "text/csv"))), SeedErrors)
)]
pub(super) async fn users(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<DeviceQuery>,
    Query(UsersQuery { format }): Query<UsersQuery>,
) -> Result<Response, Problem> {
    let as_csv = match format.and_then(Word::filled).as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(other) => {
            return Err(Problem::invalid(format!(
                "format is {other:?}; use json or csv"
            )));
        }
    };
    let list = actions::users(&state, query.device().as_deref()).await?;
    if as_csv {
        return csv::users(&list.users);
    }
    let message = match list.device {
        None => NO_DEVICE.to_owned(),
        Some(_) if list.stale => format!(
            "{} users, as last read; the device does not answer at present",
            list.count
        ),
        Some(_) => format!("{} users", list.count),
    };
    Ok(Reply::ok(message, list).into_response())
}

/// Adds a user to a device, or changes one in place, keeping fingerprints and faces.
#[utoipa::path(
    post, path = "/api/user", tag = "users", params(DeviceQuery), request_body = UserBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<SavedUserView>), SeedErrors)
)]
pub(super) async fn save_user(
    _: Operator,
    State(state): State<AppState>,
    Query(query): Query<DeviceQuery>,
    Body(body): Body<UserBody>,
) -> Result<Reply<SavedUserView>, Problem> {
    let saved = actions::save_user(&state, body.wish(query)?).await?;
    let mut message = match saved.result {
        "unchanged" => format!("user {} was like that already", saved.user_id),
        result => format!("user {} was {result}", saved.user_id),
    };
    if let Some(warning) = &saved.warning {
        message = format!("{message}; {warning}");
    }
    Ok(Reply::ok(message, saved))
}

/// Deletes a user from a device; their punches are kept. To delete somebody who is not there is a success.
#[utoipa::path(
    delete, path = "/api/user/{user_id}", tag = "users",
    params(("user_id" = String, Path, description = "leading zeros count"), DeleteQuery),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<DeletedView>), SeedErrors)
)]
pub(super) async fn delete_user(
    _: Operator,
    State(state): State<AppState>,
    Segment(user_id): Segment,
    Query(query): Query<DeleteQuery>,
) -> Result<Reply<DeletedView>, Problem> {
    delete(
        &state,
        &user_id,
        query.device.and_then(Word::filled),
        query.force,
    )
    .await
}

/// The same as `DELETE /api/user/{user_id}`, for clients that know only GET and POST.
#[utoipa::path(
    post, path = "/api/delete-user", tag = "users", params(DeleteQuery), request_body = DeleteBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<DeletedView>), SeedErrors)
)]
pub(super) async fn delete_user_in_body(
    _: Operator,
    State(state): State<AppState>,
    Query(query): Query<DeleteQuery>,
    Body(body): Body<DeleteBody>,
) -> Result<Reply<DeletedView>, Problem> {
    let user_id = user_id([body.user_id, body.emp_no, body.employee_id])?;
    let device = body
        .device
        .and_then(Word::filled)
        .or_else(|| query.device.and_then(Word::filled));
    delete(&state, &user_id, device, body.force.or(query.force)).await
}

async fn delete(
    state: &AppState,
    user_id: &str,
    device: Option<String>,
    force: Option<Switch>,
) -> Result<Reply<DeletedView>, Problem> {
    let force = force.is_some_and(|Switch(force)| force);
    let deleted = actions::delete_user(state, user_id, device.as_deref(), force).await?;
    let message = match deleted.result {
        "absent" => format!("user {} was not there", deleted.user_id),
        _ => format!("user {} was deleted; the records are kept", deleted.user_id),
    };
    Ok(Reply::ok(message, deleted))
}

impl UserBody {
    fn wish(self, query: DeviceQuery) -> Result<UserWish, Problem> {
        let card = match self.card {
            None => None,
            Some(Word(text)) if text.is_empty() => Some(0),
            Some(Word(text)) => Some(text.parse().map_err(|_| {
                Problem::invalid(format!(
                    "card is {text:?}; it must be a number from 0 to 4294967295"
                ))
            })?),
        };
        Ok(UserWish {
            user_id: user_id([self.user_id, self.emp_no, self.employee_id])?,
            name: self.name.map(|Word(name)| name),
            privilege: self
                .privilege
                .and_then(Word::filled)
                .map(|text| privilege(&text))
                .transpose()?,
            password: self.password.map(|Word(password)| Secret::new(password)),
            card,
            group_id: self.group_id.and_then(Word::filled),
            device: query.unless(self.device),
        })
    }
}

/// The one user id among its three names.
fn user_id(names: [Option<Word>; 3]) -> Result<String, Problem> {
    let mut names = names.into_iter().flatten().filter_map(Word::filled);
    let first = names.next().ok_or_else(|| {
        Problem::invalid("user_id is missing; send the number or word under which the person is known on the device")
    })?;
    if names.any(|other| other != first) {
        return Err(Problem::invalid(
            "user_id, emp_no and employee_id are names for the same; send one of them",
        ));
    }
    Ok(first)
}

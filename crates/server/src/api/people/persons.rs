use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DryRunQuery, unknown};
use crate::{
    AppState,
    actions::{self, PeoplePage, PeopleTakenView, PeopleWish, PersonView, PersonWish},
    auth::{Admin, Viewer},
    download,
    envelope::{Answer, Reply},
    input::{Body, File, PageQuery, Query, Segment, Switch, Word, present, row_id},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PeopleQuery {
    /// The beginning of an employee number, or a part of a name.
    #[param(value_type = Option<String>)]
    text: Option<Word>,
    #[param(value_type = Option<String>)]
    group: Option<Word>,
    #[param(value_type = Option<String>)]
    site: Option<Word>,
    #[param(value_type = Option<bool>)]
    active: Option<Switch>,
}

/// What is said of a person; what is left out stays, or is empty.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
pub(super) struct PersonBody {
    /// Leading zeros and letters count; needed for somebody new.
    #[schema(value_type = Option<String>, example = "007")]
    employee_number: Option<Word>,
    #[schema(value_type = Option<String>, example = "Dana O'Neil")]
    name: Option<Word>,
    #[schema(value_type = Option<Vec<String>>, example = json!(["Drivers"]))]
    groups: Option<Vec<Word>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "Karachi")]
    site: Option<Option<Word>>,
    #[schema(value_type = Option<bool>)]
    active: Option<Switch>,
}

impl PersonBody {
    pub(super) fn wish(self) -> PersonWish {
        PersonWish {
            employee_number: self.employee_number.map(|Word(number)| number),
            name: self.name.map(|Word(name)| name),
            groups: self
                .groups
                .map(|groups| groups.into_iter().map(|Word(group)| group).collect()),
            site: self.site.map(|site| site.and_then(Word::filled)),
            active: self.active.map(|Switch(active)| active),
        }
    }
}

/// People, by employee number.
#[utoipa::path(
    get, path = "/api/v1/people", tag = "people", operation_id = "list_people", params(PeopleQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<PeoplePage>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<PeopleQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<PeoplePage>, Problem> {
    let (limit, cursor) = page.read_opaque()?;
    let wish = PeopleWish {
        text: query.text.and_then(Word::filled),
        group: query.group.and_then(Word::filled),
        site: query.site.and_then(Word::filled),
        active: query.active.map(|Switch(active)| active),
    };
    let page = actions::people(&state, &wish, cursor.as_deref(), limit).await?;
    Ok(Reply::ok(format!("{} people", page.people.len()), page))
}

/// Adds somebody. PINs that equal the employee number are mapped at once, where nothing speaks against that.
#[utoipa::path(
    post, path = "/api/v1/people", tag = "people", operation_id = "add_person", request_body = PersonBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = CREATED, body = Answer<PersonView>), PlainErrors)
)]
pub(super) async fn add(
    _: Admin,
    State(state): State<AppState>,
    Body(body): Body<PersonBody>,
) -> Result<Reply<PersonView>, Problem> {
    let person = actions::add_person(&state, body.wish()).await?;
    Ok(Reply::created(
        format!("{} is added", person.employee_number),
        person,
    ))
}

#[utoipa::path(
    get, path = "/api/v1/people/{id}", tag = "people", operation_id = "get_person",
    params(("id" = i64, Path, description = "as GET /api/v1/people shows it")),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<PersonView>), PlainErrors)
)]
pub(super) async fn get(
    _: Viewer,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<PersonView>, Problem> {
    let person = actions::person(&state, row_id(&id, unknown("person"))?).await?;
    Ok(Reply::ok(person.employee_number.clone(), person))
}

/// Changes a person. What was sent already stays as it was told.
#[utoipa::path(
    patch, path = "/api/v1/people/{id}", tag = "people", operation_id = "change_person",
    params(("id" = i64, Path, description = "as GET /api/v1/people shows it")), request_body = PersonBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<PersonView>), PlainErrors)
)]
pub(super) async fn change(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<PersonBody>,
) -> Result<Reply<PersonView>, Problem> {
    let id = row_id(&id, unknown("person"))?;
    let person = actions::change_person(&state, id, body.wish()).await?;
    Ok(Reply::ok(
        format!("{} is changed", person.employee_number),
        person,
    ))
}

/// Removes somebody who was never mapped; anybody else is marked as not active instead.
#[utoipa::path(
    delete, path = "/api/v1/people/{id}", tag = "people", operation_id = "remove_person",
    params(("id" = i64, Path, description = "as GET /api/v1/people shows it")),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<PersonView>), PlainErrors)
)]
pub(super) async fn remove(
    _: Admin,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Reply<PersonView>, Problem> {
    let id = row_id(&id, unknown("person"))?;
    let person = actions::remove_person(&state, id).await?;
    Ok(Reply::ok(
        format!("{} is removed", person.employee_number),
        person,
    ))
}

/// Everybody as a CSV file, which can be taken in again.
#[utoipa::path(
    get, path = "/api/v1/people.csv", tag = "people", operation_id = "export_people",
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, content_type = "text/csv", body = String), PlainErrors)
)]
pub(super) async fn export(_: Viewer, State(state): State<AppState>) -> Result<Response, Problem> {
    let file = actions::export_people(&state).await?;
    Ok(download::file("people.csv", download::CSV, file))
}

/// Adds and changes people from a CSV file with the columns `employee_number`, `name`, `groups`, `site` and `active`. Who is not in
/// it stays; a file with a fault is not taken at all.
#[utoipa::path(
    post, path = "/api/v1/people/import", tag = "people", operation_id = "import_people", params(DryRunQuery),
    request_body(content = String, content_type = "text/csv", example = "employee_number,name,groups\n007,Dana,Drivers;Night\n"),
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<PeopleTakenView>), PlainErrors)
)]
pub(super) async fn import(
    _: Admin,
    State(state): State<AppState>,
    Query(query): Query<DryRunQuery>,
    File(file): File,
) -> Result<Reply<PeopleTakenView>, Problem> {
    let taken = actions::import_people(&state, &file, query.is_dry()).await?;
    if !taken.dry_run && !taken.faults.is_empty() {
        return Err(super::not_taken(&taken.faults));
    }
    let message = match (taken.faults.first(), taken.dry_run) {
        (Some(fault), _) => format!(
            "nothing would be taken: line {}: {}",
            fault.line, fault.message
        ),
        (None, true) => format!("{} would be added, {} changed", taken.added, taken.changed),
        (None, false) => format!("{} were added, {} changed", taken.added, taken.changed),
    };
    Ok(Reply::ok(message, taken))
}

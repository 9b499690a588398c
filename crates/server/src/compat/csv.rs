//! The same columns as in JSON, one row a record.

use axum::{
    body::Body,
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use crate::{actions::UserView, problem::Problem};

const USERS: [&str; 6] = [
    "user_id",
    "name",
    "privilege",
    "card",
    "group_id",
    "has_password",
];
pub(super) const PUNCHES: [&str; 13] = [
    "employee_id",
    "employee_name",
    "timestamp",
    "date",
    "time",
    "punch_type",
    "record_id",
    "state",
    "verify_mode",
    "work_code",
    "device",
    "source",
    "flag",
];

pub(super) fn users(users: &[UserView]) -> Result<Response, Problem> {
    let mut body = head(&USERS);
    body.extend(rows(users)?);
    Ok(file("users.csv", Body::from(body)))
}

pub(super) fn head(columns: &[&str]) -> Vec<u8> {
    let mut line = columns.join(",").into_bytes();
    line.push(b'\n');
    line
}

/// Rows without a head; their fields are in the order in which the record declares them.
pub(super) fn rows(records: &[impl Serialize]) -> Result<Vec<u8>, Problem> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    for record in records {
        writer
            .serialize(record)
            .map_err(|error| Problem::internal(format!("write CSV: {error}")))?;
    }
    writer
        .into_inner()
        .map_err(|error| Problem::internal(format!("write CSV: {error}")))
}

/// An answer that browsers save under `name`.
pub(super) fn file(name: &str, body: Body) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}

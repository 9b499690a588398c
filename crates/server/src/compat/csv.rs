//! The same columns as in JSON, one row a record.

use axum::response::Response;
use serde::Serialize;

use crate::{
    actions::{PunchView, UserView},
    download,
    problem::Problem,
};

const USERS: [&str; 6] = [
    "user_id",
    "name",
    "privilege",
    "card",
    "group_id",
    "has_password",
];
pub(super) const PUNCHES: [&str; 14] = [
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
    "user_id",
];

pub(super) fn users(users: &[UserView]) -> Result<Response, Problem> {
    let mut body = head(&USERS);
    body.extend(rows(users)?);
    Ok(download::file("users.csv", download::CSV, body))
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

/// The head of a file for spreadsheets: they read UTF-8 only where it is marked.
pub(super) fn sheet_head(columns: &[&str]) -> Vec<u8> {
    let mut line = "\u{feff}".as_bytes().to_vec();
    line.extend(head(columns));
    line
}

/// Punches as a spreadsheet takes them for what they are: no text is a formula, no number loses its zeros.
pub(super) fn sheet_rows(punches: &[PunchView]) -> Result<Vec<u8>, Problem> {
    let safe: Vec<PunchView> = punches
        .iter()
        .cloned()
        .map(|punch| PunchView {
            employee_id: as_text(punch.employee_id),
            employee_name: as_text(punch.employee_name),
            user_id: as_text(punch.user_id),
            ..punch
        })
        .collect();
    rows(&safe)
}

/// Digits that a spreadsheet keeps of a number.
const EXACT_DIGITS: usize = 15;

fn as_text(cell: String) -> String {
    let digits = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (cell.len() > EXACT_DIGITS || cell.len() > 1 && cell.starts_with('0')) {
        format!("=\"{cell}\"")
    } else if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

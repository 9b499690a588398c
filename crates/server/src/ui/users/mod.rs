//! The users of a terminal: list, add, edit, delete, import, copy to another one.

mod copy;
mod delete;
mod edit;
mod form;
mod import;
mod list;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    routing::{get, post},
};
use serde::Deserialize;

use crate::AppState;

/// Whom a page is about.
#[derive(Debug, Clone, Deserialize, Default)]
struct Whom {
    #[serde(default)]
    device: String,
    #[serde(default)]
    user_id: String,
}

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/users", get(list::show).post(edit::add))
        .route("/users/edit", get(edit::show).post(edit::save))
        .route("/users/delete", get(delete::ask).post(delete::delete))
        .route("/users/copy", get(copy::show).post(copy::begin))
        .route("/users/import", post(import::import))
}

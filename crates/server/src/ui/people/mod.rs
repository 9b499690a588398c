//! People: everybody, one with the PINs that are theirs, what is asked about PINs, groups of terminals that share them, and lists from CSV files.

mod groups;
mod import;
mod inbox;
mod list;
mod one;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    routing::{get, post},
};

use crate::AppState;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/people", get(list::show).post(list::add))
        .route("/people/import", get(import::show).post(import::take))
        .route("/people/inbox", get(inbox::show))
        .route("/people/inbox/many", post(inbox::answer_several))
        .route("/people/inbox/{id}", post(inbox::answer))
        .route("/people/groups", get(groups::show).post(groups::add))
        .route("/people/groups/{id}", post(groups::rename))
        .route("/people/groups/{id}/join", post(groups::join))
        .route("/people/groups/{id}/leave", post(groups::leave))
        .route("/people/groups/{id}/remove", post(groups::remove))
        .route("/people/{id}", get(one::show).post(one::save))
        .route("/people/{id}/mappings", post(one::map))
        .route("/people/{id}/mappings/{mapping}", post(one::end))
        .route("/people/{id}/remove", post(one::remove))
}

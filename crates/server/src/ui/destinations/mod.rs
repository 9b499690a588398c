//! Destinations: all of them, one with its queue and its requests, and the form that says where, what, when and how.

mod attempt;
mod deeds;
mod form;
mod list;
mod request;
mod settings;
mod show;
#[cfg(test)]
mod tests;
mod try_out;

use axum::{
    Router,
    routing::{get, post},
};

use crate::AppState;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/destinations", get(list::show).post(settings::add))
        .route("/destinations/new", get(settings::new))
        .route("/destinations/preview", post(settings::preview_new))
        .route("/destinations/{id}", get(show::show))
        .route(
            "/destinations/{id}/settings",
            get(settings::show).post(settings::save),
        )
        .route("/destinations/{id}/preview", post(settings::preview))
        .route("/destinations/{id}/pause", post(deeds::pause))
        .route("/destinations/{id}/resume", post(deeds::resume))
        .route("/destinations/{id}/test", post(attempt::test))
        .route("/destinations/{id}/dry-run", get(attempt::dry_run))
        .route("/destinations/{id}/attempts/{attempt}", get(attempt::show))
        .route("/destinations/{id}/replay", post(deeds::replay))
        .route("/destinations/{id}/queue-past", post(deeds::queue_past))
        .route(
            "/destinations/{id}/remove",
            get(deeds::ask).post(deeds::remove),
        )
        .route("/fragments/destinations", get(list::part))
        .route("/fragments/destinations/{id}", get(show::part))
        .route("/fragments/destination-preview", post(try_out::preview))
        .route("/fragments/destination-count", post(try_out::count))
}

/// The page of one.
fn path(id: i64) -> String {
    format!("/destinations/{id}")
}

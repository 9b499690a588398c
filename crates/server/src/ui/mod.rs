//! The pages at `/`.
//!
//! Each page reads and does what the API does, through `actions`; it has no rule of its own. What a page shows is built
//! here, in plain structs that tests look at; the templates only place it. Every page works without a script; with it,
//! parts of some pages are fetched anew under `/fragments`. Forms carry a token (`session`), and every deed ends in a
//! redirect to a page that says what came of it.

mod activity;
mod choice;
mod destinations;
mod export;
mod fields;
mod fleet;
mod frame;
mod jobs;
mod login;
mod overview;
mod people;
mod punches;
mod session;
mod terminals;
#[cfg(test)]
mod tests;
mod users;
mod words;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use crate::AppState;

pub(crate) use frame::{missing, wants_page};

/// The routes of the pages. Layers (request id, Host and Origin, headers, timeouts) are put around them by the caller.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(overview::show))
        .route("/fragments/overview", get(overview::part))
        .route("/punches", get(punches::show))
        .route(
            "/punches/held",
            get(punches::held::show).post(punches::held::release),
        )
        .route("/punches/{id}", get(punches::one::show))
        .route("/sync-status", get(activity::show))
        .route("/fragments/sync-status", get(activity::part))
        .route("/login", get(login::show).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/assets/{file}", get(frame::assets))
        .merge(jobs::router())
        .merge(terminals::router())
        .merge(users::router())
        .merge(export::router())
        .merge(destinations::router())
        .merge(people::router())
        .layer(middleware::from_fn(frame::finish))
}

//! What happens to every request and every answer, whatever its route.

mod deadline;
mod headers;
mod origin;
mod panic;
mod seal;

#[cfg(test)]
mod tests;

use axum::{Router, extract::DefaultBodyLimit, middleware};

pub(crate) use seal::RequestId;

use crate::AppState;

/// Largest body that is read.
pub(crate) const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// Puts the layers around all routes; the last one here sees a request first.
pub(crate) fn around(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(deadline::within))
        .layer(middleware::from_fn_with_state(
            state.settings.auth,
            origin::check,
        ))
        .layer(panic::catch())
        .layer(middleware::from_fn(headers::add))
        .layer(middleware::from_fn_with_state(
            seal::Seal::new(state),
            seal::seal,
        ))
}

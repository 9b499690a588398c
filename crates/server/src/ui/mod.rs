//! The pages at `/`.

use axum::Router;

use crate::AppState;

/// The routes of the pages. Layers (request id, Host and Origin, headers, timeouts) are put around them by the caller.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
}

use axum::Router;

use crate::{AppState, ui};

/// Everything that is served.
pub fn router(state: AppState) -> Router {
    Router::new().merge(ui::router()).with_state(state)
}

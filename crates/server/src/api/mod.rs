//! `/api/v1/*`: the clean API, with the whole range of status codes.

mod attempts;
mod corrections;
mod deliveries;
mod destinations;
mod devices;
mod held;
mod jobs;
mod notices;
mod people;
mod runs;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::AppState;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(devices::routes())
        .routes(routes!(held::list))
        .routes(routes!(held::release))
        .routes(routes!(corrections::corrections))
        .routes(routes!(runs::sync_runs))
        .routes(routes!(jobs::job))
        .routes(routes!(jobs::conversation))
        .routes(routes!(notices::notices))
        .merge(destinations::routes())
        .merge(people::routes())
        .routes(routes!(deliveries::deliveries))
        .routes(routes!(attempts::attempts))
        .routes(routes!(attempts::attempt))
}

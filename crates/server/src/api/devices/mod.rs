//! `/api/v1/devices/…`: terminals, what they are told to do, and what is known of them.

mod clock;
mod command;
mod doctor;
mod jobs;
mod log;
mod people;
mod settings;
mod templates;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(settings::list, settings::add))
        .routes(routes!(settings::get, settings::change, settings::remove))
        .routes(routes!(settings::sync))
        .routes(routes!(command::unlock))
        .routes(routes!(command::voice))
        .routes(routes!(command::write_lcd, command::clear_lcd))
        .routes(routes!(command::restart))
        .routes(routes!(command::enable))
        .routes(routes!(command::state))
        .routes(routes!(command::live))
        .routes(routes!(clock::get, clock::set))
        .routes(routes!(log::read))
        .routes(routes!(log::clear))
        .routes(routes!(log::operations))
        .routes(routes!(log::reconciliations))
        .routes(routes!(log::unreadable))
        .routes(routes!(log::reread))
        .routes(routes!(people::list, people::save))
        .routes(routes!(people::copy))
        .routes(routes!(templates::list))
        .routes(routes!(templates::read))
        .routes(routes!(templates::write))
        .routes(routes!(templates::delete))
        .routes(routes!(doctor::examine))
        .routes(routes!(doctor::begin))
        .routes(routes!(jobs::list))
}

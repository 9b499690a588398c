//! The seed's API: `/api/*`, in the shapes and with the status codes that its users know.

mod attendance;
mod connect;
mod csv;
mod export;
mod groups;
mod import;
mod info;
mod pages;
mod send;
mod sync;
mod users;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::AppState;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(info::device_info))
        .routes(routes!(connect::connect))
        .routes(routes!(users::users))
        .routes(routes!(users::save_user))
        .routes(routes!(users::delete_user))
        .routes(routes!(users::delete_user_in_body))
        .routes(routes!(import::add_users_from_url))
        .routes(routes!(attendance::attendance))
        .routes(routes!(send::send_attendance))
        .routes(routes!(export::export_config, export::save_export_config))
        .routes(routes!(sync::sync_status))
}

/// Told where a read has nothing to show yet.
const NO_DEVICE: &str =
    "no device is connected yet; connect one with POST /api/connect {\"ip\": \"ADDRESS\"}";

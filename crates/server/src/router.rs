use axum::{
    Router,
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    AppState, api, compat, layers, open,
    openapi::{self, Description},
    problem::Problem,
    ui,
};

/// Everything that is served.
pub fn router(state: AppState) -> Router {
    let (routes, document) = described().split_for_parts();
    // The document is made of plain data; an error would be a bug that the snapshot of it shows.
    let document = openapi::finish(document).to_json().unwrap_or_default();
    let routes = routes
        .merge(openapi::route(document))
        .merge(ui::router())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    layers::around(routes, &state).with_state(state)
}

/// The description of the API as `/openapi.json` serves it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    openapi::finish(described().into_openapi())
}

fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(open::routes())
        .merge(compat::routes())
        .merge(api::routes())
}

/// People get a page, programs and everybody under `/api` the envelope.
async fn not_found(uri: Uri, headers: HeaderMap) -> Response {
    if ui::wants_page(&headers) && !uri.path().starts_with("/api") {
        return ui::missing();
    }
    let message = format!(
        "there is nothing at {}; see /openapi.json for what there is",
        uri.path()
    );
    Problem::NotFound {
        code: "not_found",
        message,
    }
    .into_response()
}

async fn method_not_allowed() -> Problem {
    Problem::MethodNotAllowed
}

use askama::Template;
use axum::{
    extract::Request,
    http::{
        HeaderValue, Method, StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    auth::cookie,
    ui::session::{Cookie, FLASH_COOKIE, add_cookies},
};

/// Everything a page needs comes from this server; nothing runs or styles inline; nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page, or a part of one.
pub(crate) struct Html<T>(pub(crate) StatusCode, pub(crate) T);

impl<T: Template> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        let Self(status, template) = self;
        match template.render() {
            Ok(text) => (
                status,
                [
                    (
                        CONTENT_TYPE,
                        HeaderValue::from_static("text/html; charset=utf-8"),
                    ),
                    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
                    // `no-referrer` would make browsers send `Origin: null` with forms.
                    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
                ],
                text,
            )
                .into_response(),
            Err(error) => {
                tracing::error!("a page could not be written: {error}");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the page could not be written; the log says why",
                )
                    .into_response()
            }
        }
    }
}

/// Forgets a message once it was shown.
pub(crate) async fn finish(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let shows = request.method() == Method::GET
        && !path.starts_with("/assets/")
        && !path.starts_with("/fragments/");
    let has_flash = cookie(request.headers(), FLASH_COOKIE).is_some();
    let mut response = next.run(request).await;
    if shows && has_flash && response.status().is_success() {
        add_cookies(&mut response, [Cookie::gone(FLASH_COOKIE)]);
    }
    response
}

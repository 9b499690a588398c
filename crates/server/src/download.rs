//! Answers that browsers save as files.

use axum::{
    body::Body,
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};

pub(crate) const CSV: &str = "text/csv; charset=utf-8";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// `name` is what the file is saved under.
pub(crate) fn file(name: &str, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = body.into().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// The conversation of an examination, which a job kept.
pub(crate) fn conversation(job: i64, text: &str) -> Response {
    file(&format!("conversation-{job}.txt"), TEXT, text.to_owned())
}

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{ACCEPT, CONTENT_TYPE},
    },
    middleware::Next,
    response::Response,
};
use ring::hmac;
use tracing::Instrument as _;

use crate::{AppState, StatusCodes, envelope::Draft};

/// RFC 9457; `/api/v1/*` answers failures so to whoever asks for it.
const PROBLEM_DETAILS: &str = "application/problem+json";
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Under which a request is found in the log; in every envelope and in the header `X-Request-Id`.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

/// Gives each request its id, and each answer its envelope.
#[derive(Clone)]
pub(super) struct Seal {
    key: Arc<hmac::Key>,
    count: Arc<AtomicU64>,
    codes: StatusCodes,
}

impl Seal {
    pub(super) fn new(state: &AppState) -> Self {
        Self {
            key: Arc::clone(&state.form_key),
            count: Arc::default(),
            codes: state.settings.codes,
        }
    }

    /// Unlike any other, also after a restart, without asking for randomness each time.
    fn next_id(&self) -> RequestId {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut context = hmac::Context::with_key(&self.key);
        context.update(b"request id");
        context.update(&count.to_be_bytes());
        let text = context.sign().as_ref().iter().take(8).fold(
            String::with_capacity(16),
            |mut text, byte| {
                // Writing to a String cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            },
        );
        RequestId(text.into())
    }

    fn codes(&self, path: &str) -> StatusCodes {
        if path.starts_with("/api/v1/") {
            StatusCodes::Plain
        } else {
            self.codes
        }
    }
}

fn wants_details(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains(PROBLEM_DETAILS))
}

pub(super) async fn seal(State(seal): State<Seal>, mut request: Request, next: Next) -> Response {
    let id = seal.next_id();
    let codes = seal.codes(request.uri().path());
    let wants_details = codes == StatusCodes::Plain && wants_details(request.headers());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id = %id.0, method = %request.method(), route);
    request.extensions_mut().insert(id.clone());
    let mut response = async {
        let response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await;
    if let Some(draft) = response.extensions_mut().remove::<Draft>() {
        *response.status_mut() = draft.status(codes);
        let details = wants_details.then(|| draft.details(&id.0)).flatten();
        let media_type = if details.is_some() {
            PROBLEM_DETAILS
        } else {
            "application/json"
        };
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        *response.body_mut() = Body::from(details.unwrap_or_else(|| draft.body(&id.0)));
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::{AppState, problem::Problem};

/// The one variable part of a path.
#[derive(Debug)]
pub(crate) struct Segment(pub(crate) String);

impl FromRequestParts<AppState> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(segment)| Self(segment))
            .map_err(|rejection| {
                Problem::invalid(format!(
                    "the path cannot be read: {}",
                    rejection.body_text()
                ))
            })
    }
}

/// A row number in a path; anything else names nothing.
pub(crate) fn row_id(text: &str, missing: impl FnOnce() -> Problem) -> Result<i64, Problem> {
    text.parse().map_err(|_| missing())
}

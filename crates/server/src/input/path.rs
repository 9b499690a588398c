use axum::{
    extract::{FromRequestParts, Path, rejection::PathRejection},
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
            .map_err(|rejection| unreadable(&rejection))
    }
}

/// The variable parts of a path, in their order.
#[derive(Debug)]
pub(crate) struct Segments<const N: usize>(pub(crate) [String; N]);

impl<const N: usize> FromRequestParts<AppState> for Segments<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Path(segments): Path<Vec<String>> = Path::from_request_parts(parts, state)
            .await
            .map_err(|rejection| unreadable(&rejection))?;
        let found = segments.len();
        segments.try_into().map(Self).map_err(|_| {
            Problem::internal(format!("a path has {found} variable parts instead of {N}"))
        })
    }
}

fn unreadable(rejection: &PathRejection) -> Problem {
    Problem::invalid(format!(
        "the path cannot be read: {}",
        rejection.body_text()
    ))
}

/// A row number in a path; anything else names nothing.
pub(crate) fn row_id(text: &str, missing: impl FnOnce() -> Problem) -> Result<i64, Problem> {
    text.parse().map_err(|_| missing())
}

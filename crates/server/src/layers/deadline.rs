use std::time::Duration;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::problem::Problem;

/// No handler takes longer; what it waits for has shorter limits of its own. Saving thousands of users on one terminal
/// is the longest that is asked for. A streamed body goes on after its handler.
const LONGEST: Duration = Duration::from_mins(5);

pub(super) async fn within(request: Request, next: Next) -> Response {
    tokio::time::timeout(LONGEST, next.run(request))
        .await
        .unwrap_or_else(|_| {
            Problem::Unavailable {
                code: "timeout",
                message: "this took too long and was given up; ask for less, or try again later"
                    .to_owned(),
            }
            .into_response()
        })
}

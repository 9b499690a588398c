use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode, header::ACCEPT},
    response::{IntoResponse, Response},
};
use storage::StoreError;

use super::{Assets, Html};
use crate::{StatusCodes, problem::Problem};

/// A problem on its way to somebody at a browser.
#[derive(Debug)]
pub(crate) struct PageProblem(pub(crate) Problem);

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    assets: &'static Assets,
    title: &'static str,
    text: String,
    /// Logging in may help.
    to_login: bool,
}

impl<E: Into<Problem>> From<E> for PageProblem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl PageProblem {
    /// The form did not come from a page that this process made.
    pub(crate) fn stale_form() -> Self {
        Self(Problem::Blocked {
            message: "This form is no longer valid: the server was started anew, or you logged in again since the page \
                      was loaded. Nothing was changed. Open the page again and repeat."
                .to_owned(),
        })
    }

    fn title(&self) -> &'static str {
        match &self.0 {
            Problem::Invalid { .. } | Problem::Fault { .. } => "That cannot be used",
            Problem::Unauthorized => "An API key is needed",
            Problem::Forbidden { .. } => "Not allowed with this key",
            Problem::Blocked { .. } => "Nothing was changed",
            Problem::NotFound { .. } => "There is no such page",
            Problem::MethodNotAllowed => "Not allowed here",
            Problem::TooLarge { .. } => "Too large",
            Problem::NotConnected { .. } => "The terminal cannot be reached",
            Problem::Conflict { .. } => "That is not possible",
            Problem::Unavailable { .. } => "Not possible right now",
            Problem::AnswerLost { .. } => "Nobody knows whether it was done",
            Problem::Internal { .. } => "Something failed here",
        }
    }
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        if let Problem::Internal { log } = &self.0 {
            tracing::error!("a page failed: {log}");
        }
        let page = ProblemPage {
            assets: Assets::get(),
            title: self.title(),
            text: match &self.0 {
                Problem::Internal { .. } => {
                    "The server met something that it did not expect; its log says what. Trying again may help.".to_owned()
                }
                problem => sentence(problem),
            },
            to_login: matches!(self.0, Problem::Unauthorized),
        };
        Html(self.0.status(StatusCodes::Plain), page).into_response()
    }
}

/// A problem's text, as a sentence on a page.
pub(crate) fn sentence(problem: &Problem) -> String {
    sentence_of(&problem.to_string())
}

/// A text from a log or an API, as a sentence on a page.
pub(crate) fn sentence_of(text: &str) -> String {
    let end = if text.ends_with(['.', '!', '?', '…']) {
        ""
    } else {
        "."
    };
    // The name of a field is written as it is.
    if text
        .split_whitespace()
        .next()
        .is_some_and(|word| word.contains('_'))
    {
        return format!("{text}{end}");
    }
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}{end}", letters.as_str())
}

/// Whether an answer is for somebody at a browser; programs ask for JSON or for anything.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// The page for an address that leads nowhere.
pub(crate) fn missing() -> Response {
    let page = ProblemPage {
        assets: Assets::get(),
        title: "There is no such page",
        text: "The address may be mistyped, or what it named may be gone.".to_owned(),
        to_login: false,
    };
    Html(StatusCode::NOT_FOUND, page).into_response()
}

// The store's errors reach pages through the one translation that the API has, too.
const _: fn(StoreError) -> PageProblem = PageProblem::from;

//! The seed's answer shape: `{"status", "message", "data"}`, with `code` and `request_id` added.

use axum::{
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{StatusCodes, problem::Problem};

// What is sent is written by `head` and `tail`, so that `data` can be streamed.
/// The envelope of every answer.
#[derive(ToSchema)]
#[schema(as = Answer)]
#[expect(dead_code, reason = "the OpenAPI document is made from it")]
pub(crate) struct Answer<T> {
    /// `success` or `error`
    #[schema(example = "success")]
    status: String,
    /// For people: what was done, or what is wrong and what to do about it.
    message: String,
    data: T,
    /// For programs: `ok`, or a stable word for the error.
    #[schema(example = "ok")]
    code: String,
    /// Find it in the log.
    request_id: String,
}

/// An answer without data, as errors mostly are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document is made from it")]
pub(crate) struct ErrorAnswer {
    #[schema(example = "error")]
    status: String,
    message: String,
    /// Mostly null; `cause` where a device is not connected; `place`, `line` and `message` where a destination's request
    /// cannot be made so.
    data: Option<Value>,
    #[schema(example = "invalid")]
    code: String,
    request_id: String,
}

/// A success, on its way to be sealed into the envelope.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    message: String,
    data: T,
    status: StatusCode,
}

impl<T> Reply<T> {
    pub(crate) fn ok(message: impl Into<String>, data: T) -> Self {
        Self {
            message: message.into(),
            data,
            status: StatusCode::OK,
        }
    }

    /// It goes on without the answer.
    pub(crate) fn accepted(message: impl Into<String>, data: T) -> Self {
        Self {
            message: message.into(),
            data,
            status: StatusCode::ACCEPTED,
        }
    }

    pub(crate) fn created(message: impl Into<String>, data: T) -> Self {
        Self {
            message: message.into(),
            data,
            status: StatusCode::CREATED,
        }
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let data = match serde_json::to_vec(&self.data) {
            Ok(data) => data,
            Err(error) => {
                return Problem::internal(format!("present an answer: {error}")).into_response();
            }
        };
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Draft {
            status: Outcome::Success(self.status),
            message: self.message,
            data: data.into(),
            code: "ok",
        });
        response
    }
}

/// An envelope that lacks only its request id.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    status: Outcome,
    message: String,
    data: Bytes,
    code: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Success(StatusCode),
    Failure { seed: StatusCode, plain: StatusCode },
}

impl Draft {
    pub(crate) fn failure(problem: &Problem, data: Option<Value>) -> Self {
        Self {
            status: Outcome::Failure {
                seed: problem.status(StatusCodes::Seed),
                plain: problem.status(StatusCodes::Plain),
            },
            message: problem.to_string(),
            data: data.map_or_else(
                || Bytes::from_static(b"null"),
                |data| data.to_string().into(),
            ),
            code: problem.code(),
        }
    }

    pub(crate) fn status(&self, codes: StatusCodes) -> StatusCode {
        match (self.status, codes) {
            (Outcome::Success(status), StatusCodes::Plain) => status,
            (Outcome::Success(_), StatusCodes::Seed) => StatusCode::OK,
            (Outcome::Failure { seed, .. }, StatusCodes::Seed) => seed,
            (Outcome::Failure { plain, .. }, StatusCodes::Plain) => plain,
        }
    }

    /// A failure as RFC 9457 has it, for callers who ask for that; `None` of a success.
    pub(crate) fn details(&self, request_id: &str) -> Option<String> {
        let Outcome::Failure { plain, .. } = self.status else {
            return None;
        };
        let data: Value = serde_json::from_slice(&self.data).unwrap_or_default();
        let details = json!({
            "type": "about:blank",
            "title": plain.canonical_reason().unwrap_or_default(),
            "status": plain.as_u16(),
            "detail": self.message,
            "code": self.code,
            "request_id": request_id,
            "data": data,
        });
        Some(details.to_string())
    }

    pub(crate) fn body(&self, request_id: &str) -> String {
        let word = match self.status {
            Outcome::Success(_) => Word::Success,
            Outcome::Failure { .. } => Word::Error,
        };
        let mut body = head(word, &self.message);
        body.push_str(&String::from_utf8_lossy(&self.data));
        body.push_str(&tail(self.code, request_id));
        body
    }
}

/// The seed's two words for how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Success,
    Error,
}

/// Everything before the data.
pub(crate) fn head(word: Word, message: &str) -> String {
    let word = match word {
        Word::Success => "success",
        Word::Error => "error",
    };
    format!(
        r#"{{"status":"{word}","message":{},"data":"#,
        Value::from(message)
    )
}

/// Everything after it.
pub(crate) fn tail(code: &str, request_id: &str) -> String {
    format!(
        r#","code":{},"request_id":{}}}"#,
        Value::from(code),
        Value::from(request_id)
    )
}

//! What can go wrong with a request, told apart by what the caller can do next.

use axum::{
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};
use collector::CommandError;
use domain::Role;
use serde_json::json;
use storage::StoreError;

use crate::{StatusCodes, envelope::Draft};

/// Why a request was not done. The text says cause and remedy; `code` is for programs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The caller can correct the request.
    #[error("{message}")]
    Invalid { code: &'static str, message: String },
    /// How a destination's requests are to be made cannot work; `line` is of a template.
    #[error("{place}{}: {message}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Fault {
        place: String,
        line: Option<usize>,
        message: String,
    },
    #[error(
        "an API key is needed: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`; \
         make one with `zk-attendance key create --name NAME --role ROLE`"
    )]
    Unauthorized,
    #[error("this needs a key with the role {needed}; yours has {has}")]
    Forbidden { needed: Role, has: Role },
    #[error("{message}")]
    Blocked { message: String },
    #[error("{message}")]
    NotFound { code: &'static str, message: String },
    #[error("this method is not allowed here; see /openapi.json for what is")]
    MethodNotAllowed,
    #[error("the body is larger than {limit} bytes; send it in parts")]
    TooLarge { limit: usize },
    /// A terminal is needed and cannot be used. `cause` is a stable word.
    #[error("{message}")]
    NotConnected {
        cause: &'static str,
        message: String,
    },
    /// It contradicts what is already there, or the terminal said no.
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    /// The same request may succeed later.
    #[error("{message}")]
    Unavailable { code: &'static str, message: String },
    /// It was sent once to a terminal that did not answer any more: it may have been done.
    #[error("{message}")]
    AnswerLost { message: String },
    /// Our fault; `log` is not for callers.
    #[error("the server failed; its log says more under this request id")]
    Internal { log: String },
}

impl Problem {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid {
            code: "invalid",
            message: message.into(),
        }
    }

    pub(crate) fn internal(log: impl std::fmt::Display) -> Self {
        Self::Internal {
            log: log.to_string(),
        }
    }

    /// The same class of problem, told in other words where it has words of its own.
    pub(crate) fn with_message(self, message: String) -> Self {
        match self {
            Self::Invalid { code, .. } => Self::Invalid { code, message },
            Self::Fault { place, line, .. } => Self::Fault {
                place,
                line,
                message,
            },
            Self::Blocked { .. } => Self::Blocked { message },
            Self::NotFound { code, .. } => Self::NotFound { code, message },
            Self::NotConnected { cause, .. } => Self::NotConnected { cause, message },
            Self::Conflict { code, .. } => Self::Conflict { code, message },
            Self::Unavailable { code, .. } => Self::Unavailable { code, message },
            Self::AnswerLost { .. } => Self::AnswerLost { message },
            Self::Unauthorized
            | Self::Forbidden { .. }
            | Self::MethodNotAllowed
            | Self::TooLarge { .. }
            | Self::Internal { .. } => self,
        }
    }

    /// A stable word for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Invalid { code, .. }
            | Self::NotFound { code, .. }
            | Self::Conflict { code, .. }
            | Self::Unavailable { code, .. } => code,
            Self::Fault { .. } => "request_invalid",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden { .. } => "forbidden",
            Self::Blocked { .. } => "foreign_origin",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge { .. } => "too_large",
            Self::NotConnected { .. } => "device_not_connected",
            Self::AnswerLost { .. } => "answer_lost",
            Self::Internal { .. } => "internal",
        }
    }

    pub(crate) fn status(&self, codes: StatusCodes) -> StatusCode {
        let plain = match self {
            Self::Invalid { .. } | Self::Fault { .. } => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } | Self::Blocked { .. } => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotConnected { .. } | Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            // Unlike 503 it does not say that the same request may be sent again.
            Self::AnswerLost { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        };
        match (codes, self) {
            // "401: Unauthorized (Device not connected)", as the seed has it.
            (StatusCodes::Seed, Self::NotConnected { .. }) => StatusCode::UNAUTHORIZED,
            (StatusCodes::Seed, Self::Conflict { .. }) => StatusCode::BAD_REQUEST,
            (StatusCodes::Seed, Self::Unavailable { .. } | Self::AnswerLost { .. }) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            (StatusCodes::Seed | StatusCodes::Plain, _) => plain,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Self::Internal { log } = &self {
            tracing::error!("a request failed: {log}");
        }
        let data = match &self {
            Self::NotConnected { cause, .. } => Some(json!({ "cause": cause })),
            Self::Fault {
                place,
                line,
                message,
            } => Some(json!({ "place": place, "line": line, "message": message })),
            _ => None,
        };
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        // Only where a key would help: a browser or an SDK would otherwise forget its login over a terminal that is off.
        if matches!(self, Self::Unauthorized) {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
            .extensions_mut()
            .insert(Draft::failure(&self, data));
        response
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        let code = error.code();
        let message = error.to_string();
        match error {
            CommandError::NotConnected { code, reason } => Self::NotConnected {
                cause: code,
                message: reason,
            },
            CommandError::Invalid { .. } => Self::Invalid { code, message },
            CommandError::Refused { .. }
            | CommandError::LastAdmin { .. }
            | CommandError::Conflict { .. } => Self::Conflict { code, message },
            CommandError::NotStored { .. }
            | CommandError::Busy { .. }
            | CommandError::ShuttingDown => Self::Unavailable { code, message },
            CommandError::AnswerLost { .. } => Self::AnswerLost { message },
            CommandError::UnknownTerminal => Self::NotFound { code, message },
            CommandError::Storage(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Conflict(message) => Self::Conflict {
                code: "conflict",
                message,
            },
            StoreError::NotFound(message) => Self::NotFound {
                code: "not_found",
                message,
            },
            StoreError::Full => Self::Unavailable {
                code: "disk_full",
                message,
            },
            StoreError::Busy => Self::Unavailable {
                code: "ledger_busy",
                message,
            },
            StoreError::Closed => Self::Unavailable {
                code: "shutting_down",
                message,
            },
            StoreError::Io(_) => Self::Unavailable {
                code: "disk_failed",
                message,
            },
            StoreError::Damaged(_) | StoreError::OtherVersion(_) | StoreError::Database(_) => {
                Self::internal(message)
            }
        }
    }
}

use delivery::Sameness;
use domain::{AttemptId, OutboxId};
use jiff::Timestamp;
use serde::Serialize;
use storage::{Attempt, AttemptFilter, AttemptKind, KEPT_OF_ANSWER};
use utoipa::ToSchema;

use super::deliveries::{RequestView, foreign_cursor, request_view};
use crate::{AppState, actions::destinations::named_or_only, problem::Problem};

/// One request to a destination.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AttemptView {
    pub(crate) id: i64,
    pub(crate) destination: i64,
    /// Null of a test.
    pub(crate) batch: Option<i64>,
    /// `delivery`, `probe` (to a destination that shut its door, once an hour) or `test`
    #[schema(value_type = String, example = "delivery")]
    pub(crate) kind: AttemptKind,
    /// What came of it: `delivered`, `partly`, `not_reached`, `no_answer`, `error_inside`, `later`, `server_error`,
    /// `too_large`, `already_there`, `conflict`, `refused`, `unauthorized`, `not_found`, `gone`, `redirected`, `sending`, `interrupted` …
    #[schema(example = "server_error")]
    pub(crate) class: String,
    pub(crate) records: u32,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    pub(crate) duration_ms: Option<u64>,
    /// The HTTP status of the answer.
    #[schema(example = 503)]
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    /// When the same records are tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) next_at: Option<Timestamp>,
    /// Bytes of the body that was sent.
    pub(crate) body_size: Option<u64>,
}

/// Newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AttemptPage {
    pub(crate) attempts: Vec<AttemptView>,
    /// Cursor of the page with older ones; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// An attempt with the request, written again from the ledger, and the answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AttemptDetail {
    #[serde(flatten)]
    pub(crate) attempt: AttemptView,
    /// Secrets masked; null where the ledger has forgotten the batch.
    pub(crate) request: Option<RequestView>,
    /// True: the request is to the byte what was sent. False: the destination, or what the ledger says of people, was
    /// changed since. Null: nobody knows.
    pub(crate) same_as_sent: Option<bool>,
    /// What came back, at most the first 4 KB; null of a plain success.
    pub(crate) answer: Option<String>,
    /// There was more of it.
    pub(crate) answer_is_cut: bool,
}

/// Which attempts are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttemptWish {
    pub(crate) destination: Option<String>,
    /// `failed`: all but plain successes.
    pub(crate) class: Option<String>,
    /// Those of the batches that one delivery went through; not paged.
    pub(crate) delivery: Option<i64>,
}

pub(crate) async fn attempts(
    state: &AppState,
    wish: &AttemptWish,
    cursor: Option<&str>,
    limit: u32,
) -> Result<AttemptPage, Problem> {
    if let Some(delivery) = wish.delivery {
        let found = state
            .store
            .attempts_of_record(OutboxId(delivery), limit)
            .await?;
        return Ok(AttemptPage {
            attempts: found.into_iter().map(AttemptView::from).collect(),
            next_cursor: None,
        });
    }
    let destination = named_or_only(state, wish.destination.as_deref()).await?.id;
    let filter = match wish.class.as_deref() {
        None => AttemptFilter::All,
        Some("failed") => AttemptFilter::Failed,
        Some(class) => AttemptFilter::Class(class.to_owned()),
    };
    let before = match cursor {
        None => None,
        Some(text) => Some(AttemptId(text.parse().map_err(|_| foreign_cursor(text))?)),
    };
    let found = state
        .store
        .attempts(destination, &filter, before, limit)
        .await?;
    let full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
    let next_cursor = found
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    Ok(AttemptPage {
        attempts: found.into_iter().map(AttemptView::from).collect(),
        next_cursor,
    })
}

pub(crate) async fn attempt(state: &AppState, id: i64) -> Result<AttemptDetail, Problem> {
    let shown = state
        .delivery
        .shown_attempt(AttemptId(id))
        .await?
        .ok_or_else(|| unknown(&id.to_string()))?;
    let answer = shown.attempt.answer.as_deref();
    Ok(AttemptDetail {
        request: request_view(shown.request),
        same_as_sent: match shown.sameness {
            Sameness::Same => Some(true),
            Sameness::Changed => Some(false),
            Sameness::Unknown => None,
        },
        answer_is_cut: answer.is_some_and(|answer| answer.len() >= KEPT_OF_ANSWER),
        answer: answer.map(|answer| String::from_utf8_lossy(answer).into_owned()),
        attempt: shown.attempt.into(),
    })
}

pub(crate) fn unknown(id: &str) -> Problem {
    Problem::NotFound {
        code: "unknown_attempt",
        message: format!(
            "there is no attempt {id}, or it is older than its destination keeps them"
        ),
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            id: attempt.id.0,
            destination: attempt.destination_id.0,
            batch: attempt.batch_id.map(|id| id.0),
            kind: attempt.kind,
            class: attempt.class,
            records: attempt.records,
            at: attempt.at,
            duration_ms: attempt.duration_ms,
            status: attempt.status,
            error: attempt.error,
            next_at: attempt.next_at,
            body_size: attempt.body.map(|body| body.size),
        }
    }
}

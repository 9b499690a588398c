//! What an attempt came to. The table of outcomes stands here; what is done about each, in `settle`.

use std::time::Duration;

use domain::AlreadyThere;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::Value;
use storage::KEPT_OF_ANSWER;

use crate::{
    hidden::Hidden,
    verdicts::{self, Verdicts},
};

/// How much of an answer is looked through for what is kept of it.
const LOOKED_AT: usize = 64 * 1024;
/// Class of a plain success.
pub(crate) const DELIVERED: &str = "delivered";

/// What the network gave us back.
#[derive(Debug)]
pub(crate) enum Attempt {
    Answered(Answer),
    /// Nothing was sent: no connection came about.
    NotSent(String),
    /// Nothing was sent, and nothing can be until somebody corrects something.
    Barred(Shut),
    /// Something was sent, no whole answer came.
    NoAnswer(String),
}

/// A whole answer, or as much of it as we care to read.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    /// What was read of it.
    pub(crate) body: Vec<u8>,
    /// Secrets of ours that it may repeat.
    pub(crate) hidden: Hidden,
}

/// One row of the table of outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    /// The receiver took some and named those it did not take.
    Partly(Verdicts),
    /// The same batch again, later.
    Transient(Transient),
    /// More than the receiver takes at once.
    TooLarge,
    /// The receiver has the record, and says so with an answer that its settings name.
    AlreadyThere,
    /// These records will not be taken as they are.
    Refused {
        conflict: Conflict,
        reason: String,
    },
    /// It is the receiver's door that is shut, not the records.
    Shut(Shut),
}

/// Whether a refusal says "I have that already".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    Maybe,
    No,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transient {
    pub(crate) reason: String,
    pub(crate) doubt: Doubt,
    pub(crate) blame: Blame,
    pub(crate) retry_after: Option<Duration>,
}

/// Whether the records may have been taken all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    MayBeTaken,
    NotTaken,
}

/// Whose fault a transient failure may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    Destination,
    /// Answer 500, or a success that calls itself an error: the destination's, or that of one record in the batch.
    Unclear,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shut {
    pub(crate) code: &'static str,
    pub(crate) reason: String,
    pub(crate) probe: Probe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    EveryHour,
    Never,
}

impl Attempt {
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Answered(answer) => Some(answer.status),
            Self::NotSent(_) | Self::Barred(_) | Self::NoAnswer(_) => None,
        }
    }

    /// The same, knowing which secrets of ours an answer may repeat.
    pub(crate) fn hiding(mut self, hidden: Hidden) -> Self {
        if let Self::Answered(answer) = &mut self {
            answer.hidden = hidden;
        }
        self
    }

    /// What the receiver said, as far as it is kept; without our secrets.
    pub(crate) fn answer(&self) -> Option<Vec<u8>> {
        match self {
            Self::Answered(answer) => {
                let begin = answer.body.get(..LOOKED_AT).unwrap_or(&answer.body);
                let mut kept = answer.hidden.strike_bytes(begin);
                kept.truncate(KEPT_OF_ANSWER);
                Some(kept)
            }
            Self::NotSent(_) | Self::NoAnswer(_) | Self::Barred(_) => None,
        }
    }
}

/// Classifies an attempt; `record_ids` are those of the records sent, in order.
pub(crate) fn classify(attempt: &Attempt, record_ids: &[&str], now: Timestamp) -> Outcome {
    match attempt {
        Attempt::NotSent(reason) => transient(reason.clone(), Doubt::NotTaken, None),
        Attempt::Barred(shut) => Outcome::Shut(shut.clone()),
        Attempt::NoAnswer(reason) => transient(reason.clone(), Doubt::MayBeTaken, None),
        Attempt::Answered(answer) => classify_answer(answer, record_ids, now),
    }
}

/// Takes an answer that the destination's settings name for what it says. Of many records it does not say which: that is
/// found out as with any refusal.
pub(crate) fn or_already_there(
    outcome: Outcome,
    attempt: &Attempt,
    rules: &[AlreadyThere],
    records: usize,
) -> Outcome {
    let said_no = match &outcome {
        Outcome::Refused { reason, .. } => reason,
        Outcome::Transient(transient) if transient.blame == Blame::Unclear => &transient.reason,
        Outcome::Delivered
        | Outcome::Partly(_)
        | Outcome::Transient(_)
        | Outcome::TooLarge
        | Outcome::AlreadyThere
        | Outcome::Shut(_) => return outcome,
    };
    let Attempt::Answered(answer) = attempt else {
        return outcome;
    };
    let body = String::from_utf8_lossy(&answer.body);
    let is_named = |rule: &AlreadyThere| {
        // In the words too: what is no ASCII may be written otherwise in JSON.
        rule.status == answer.status && (body.contains(&rule.text) || said_no.contains(&rule.text))
    };
    if !rules.iter().any(is_named) {
        outcome
    } else if records == 1 {
        Outcome::AlreadyThere
    } else {
        Outcome::Refused {
            conflict: Conflict::No,
            reason: said_no.clone(),
        }
    }
}

/// The outcome in a word, as attempts are kept and looked for.
pub(crate) fn class(attempt: &Attempt, outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => DELIVERED,
        Outcome::Partly(_) => "partly",
        Outcome::Transient(_) => match attempt {
            Attempt::NotSent(_) | Attempt::Barred(_) => "not_reached",
            Attempt::NoAnswer(_) => "no_answer",
            Attempt::Answered(answer) => match answer.status {
                200..=299 => "error_inside",
                408 | 425 | 429 => "later",
                _ => "server_error",
            },
        },
        Outcome::TooLarge => "too_large",
        Outcome::AlreadyThere => "already_there",
        Outcome::Refused {
            conflict: Conflict::Maybe,
            ..
        } => "conflict",
        Outcome::Refused { .. } => "refused",
        Outcome::Shut(shut) => shut.code,
    }
}

fn classify_answer(answer: &Answer, record_ids: &[&str], now: Timestamp) -> Outcome {
    let wait = || {
        answer
            .retry_after
            .as_deref()
            .and_then(|text| retry_after(text, now))
    };
    let said = || verdicts::said(&answer.body, &answer.hidden);
    match answer.status {
        200..=299 => classify_success(answer, record_ids),
        300..=399 => shut(
            "redirected",
            format!(
                "the receiver answered {} and wants the records elsewhere; set export_url to where it points",
                answer.status
            ),
            Probe::EveryHour,
        ),
        401 | 403 => shut(
            "unauthorized",
            format!(
                "the receiver answered {}: it does not let us in; correct export_url or the receiver's access rules{}",
                answer.status,
                said()
            ),
            Probe::EveryHour,
        ),
        404 => shut(
            "not_found",
            format!(
                "the receiver answered 404: nothing takes records at export_url; correct it{}",
                said()
            ),
            Probe::EveryHour,
        ),
        410 => shut(
            "gone",
            format!(
                "the receiver answered 410: it wants no more records; set another export_url{}",
                said()
            ),
            Probe::Never,
        ),
        413 => Outcome::TooLarge,
        425 | 429 => transient(
            format!("the receiver answered {}: later{}", answer.status, said()),
            Doubt::NotTaken,
            wait(),
        ),
        408 | 501..=599 => transient(
            format!("the receiver answered {}{}", answer.status, said()),
            Doubt::MayBeTaken,
            wait(),
        ),
        500 => Outcome::Transient(Transient {
            reason: format!("the receiver answered 500{}", said()),
            doubt: Doubt::MayBeTaken,
            blame: Blame::Unclear,
            retry_after: wait(),
        }),
        400..=499 => Outcome::Refused {
            conflict: if answer.status == 409 {
                Conflict::Maybe
            } else {
                Conflict::No
            },
            reason: format!("the receiver answered {}{}", answer.status, said()),
        },
        other => transient(
            format!("the receiver answered {other}, which is no status of HTTP"),
            Doubt::MayBeTaken,
            wait(),
        ),
    }
}

fn classify_success(answer: &Answer, record_ids: &[&str]) -> Outcome {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
        return Outcome::Delivered;
    };
    // What is said of single records counts for more than what is said of the whole.
    if let Some(verdicts) = verdicts::read(&body, record_ids, &answer.hidden) {
        return if verdicts.is_all_taken() {
            Outcome::Delivered
        } else {
            Outcome::Partly(verdicts)
        };
    }
    if verdicts::says_error(&body) {
        return Outcome::Transient(Transient {
            reason: format!(
                "the receiver answered {} but its text says error{}",
                answer.status,
                verdicts::said(&answer.body, &answer.hidden)
            ),
            doubt: Doubt::MayBeTaken,
            blame: Blame::Unclear,
            retry_after: None,
        });
    }
    Outcome::Delivered
}

fn transient(reason: String, doubt: Doubt, retry_after: Option<Duration>) -> Outcome {
    Outcome::Transient(Transient {
        reason,
        doubt,
        blame: Blame::Destination,
        retry_after,
    })
}

fn shut(code: &'static str, reason: String, probe: Probe) -> Outcome {
    Outcome::Shut(Shut {
        code,
        reason,
        probe,
    })
}

/// `Retry-After`: seconds, or an HTTP date.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(secs) = text.parse::<u64>() {
        return Some(Duration::from_secs(secs));
    }
    let at = rfc2822::parse(text).ok()?.timestamp();
    Duration::try_from(at.duration_since(now).max(SignedDuration::ZERO)).ok()
}

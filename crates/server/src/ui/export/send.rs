use axum::{extract::State, response::Response};
use domain::Role;
use serde::Deserialize;

use super::{Forms, page};
use crate::{
    AppState, StatusCodes,
    actions::{PunchWish, SendView, SendWish, send_punches},
    problem::Problem,
    ui::{
        fields::{filled, people, ticked},
        frame::{PageProblem, Tone, sentence},
        session::{Posted, Visit, go_on},
        words::count,
    },
};

/// The range as it was typed.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq, Default)]
pub(super) struct SendForm {
    #[serde(default)]
    pub(super) start_date: String,
    #[serde(default)]
    pub(super) end_date: String,
    #[serde(default)]
    pub(super) emp_no: String,
    #[serde(default)]
    pub(super) device: String,
    #[serde(default)]
    pub(super) force: String,
}

pub(super) async fn send(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<SendForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let done = match form.wish() {
        Ok(wish) => send_punches(&state, wish).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(sent) => {
            let (tone, text) = told(&sent);
            Ok(go_on(&state, &visitor, "/export", tone, &text))
        }
        Err(problem @ Problem::Internal { .. }) => Err(problem.into()),
        Err(problem) => {
            let forms = Forms {
                settings: None,
                send: Some(form),
                problem: Some(sentence(&problem)),
            };
            let visit = Visit::again(visitor);
            page(&state, visit, problem.status(StatusCodes::Plain), forms).await
        }
    }
}

/// What became of it so far, in words.
pub(super) fn told(sent: &SendView) -> (Tone, String) {
    if sent.matched == 0 {
        return (Tone::Warn, "No punch matches; nothing was sent.".to_owned());
    }
    let mut parts = vec![format!("{} delivered", sent.delivered)];
    if sent.skipped > 0 {
        parts.push(format!(
            "{} delivered before and not sent again",
            sent.skipped
        ));
    }
    if sent.waiting() > 0 {
        parts.push(format!("{} still on the way", sent.waiting()));
    }
    if sent.failed > 0 {
        parts.push(format!("{} refused by the receiver", sent.failed));
    }
    let tone = match (sent.failed, sent.waiting()) {
        (0, 0) => Tone::Good,
        (0, 1..) => Tone::Busy,
        (1.., _) => Tone::Warn,
    };
    (
        tone,
        format!(
            "{}: {}.",
            count(sent.matched, "punch matches", "punches match"),
            parts.join(", ")
        ),
    )
}

impl SendForm {
    pub(super) fn is_forced(&self) -> bool {
        ticked(&self.force)
    }

    pub(super) fn wish(&self) -> Result<SendWish, Problem> {
        Ok(SendWish {
            punches: PunchWish {
                start_date: filled(&self.start_date),
                end_date: filled(&self.end_date),
                people: people(&self.emp_no)?,
                device: filled(&self.device),
            },
            force: self.is_forced(),
        })
    }
}

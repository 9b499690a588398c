//! What the form as it now stands would come to: the request, and how many stored punches match.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use domain::Role;

use super::{form, request::ShownRequest};
use crate::{
    AppState,
    actions::{PreviewWish, count_matching, preview_request},
    problem::Problem,
    ui::{
        fields::{Fields, filled},
        frame::{Html, PageProblem, sentence},
        session::Posted,
        words::count as counted,
    },
};

/// A request on the last real punches.
pub(super) struct TryOut {
    pub(super) request: Option<ShownRequest>,
    pub(super) made_up: bool,
    pub(super) problem: Option<String>,
}

/// `1204 stored punches match`
pub(super) struct MatchCount {
    pub(super) text: String,
    pub(super) is_wrong: bool,
}

#[derive(Template)]
#[template(path = "parts/destination_preview.html")]
struct PreviewPart {
    try_out: TryOut,
}

#[derive(Template)]
#[template(path = "parts/destination_count.html")]
struct CountPart {
    matching: MatchCount,
}

pub(super) async fn preview(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<Fields>,
) -> Result<impl IntoResponse, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let try_out = TryOut::load(&state, &form).await;
    Ok(Html(StatusCode::OK, PreviewPart { try_out }))
}

pub(super) async fn count(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<Fields>,
) -> Result<impl IntoResponse, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let matching = MatchCount::load(&state, &form).await;
    Ok(Html(StatusCode::OK, CountPart { matching }))
}

impl TryOut {
    /// What is wrong is part of what is shown: somebody is still typing.
    pub(super) async fn load(state: &AppState, form: &Fields) -> Self {
        let shown = match form::request(form) {
            Ok(request) => {
                let wish = PreviewWish {
                    url: filled(form.get("url")),
                    with_record_id: Some(form.is_ticked("record_id")),
                    request: Some(request),
                };
                let of = filled(form.get("id"));
                preview_request(state, of.as_deref(), &wish).await
            }
            Err(problem) => Err(problem),
        };
        match shown {
            Ok(shown) => {
                let request = ShownRequest::from(shown.request);
                Self {
                    problem: request.fault.clone(),
                    request: Some(request).filter(|request| request.fault.is_none()),
                    made_up: shown.made_up,
                }
            }
            Err(problem) => Self {
                request: None,
                made_up: false,
                problem: Some(told(&problem)),
            },
        }
    }
}

impl MatchCount {
    pub(super) async fn load(state: &AppState, form: &Fields) -> Self {
        let mut wish = form::filter(form);
        let id = filled(form.get("id"));
        if id.is_none() {
            wish.start_from = filled(form.get("since")).filter(|_| form.get("history") == "since");
        }
        match count_matching(state, &wish, id.as_deref()).await {
            Ok(found) => Self {
                text: counted(
                    found.matching,
                    "stored punch matches",
                    "stored punches match",
                ),
                is_wrong: false,
            },
            Err(problem) => Self {
                text: told(&problem),
                is_wrong: true,
            },
        }
    }
}

fn told(problem: &Problem) -> String {
    if let Problem::Internal { log } = problem {
        tracing::error!("a part of a page failed: {log}");
    }
    sentence(problem)
}

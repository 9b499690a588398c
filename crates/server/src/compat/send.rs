use axum::{extract::State, http::Uri};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, SendView, SendWish},
    auth::Operator,
    envelope::{Answer, Reply},
    input::{BodyOfTwo, Known, PunchQuery, Query, Switch, must_be_known, unknown_parameters},
    openapi::SeedErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ForceQuery {
    /// Sends again, under the same ids, what was delivered before.
    #[param(value_type = Option<bool>)]
    force: Option<Switch>,
}

impl Known for ForceQuery {
    const KEYS: &'static [&'static str] = &["force"];
}

/// Which punches to send; all that were not delivered yet where nothing is said.
#[derive(Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "the OpenAPI document is made from it; its two halves are read by themselves"
)]
pub(super) struct SendBody {
    #[serde(flatten)]
    punches: PunchQuery,
    /// Sends again, under the same ids, what was delivered before.
    #[schema(value_type = Option<bool>)]
    force: Option<Switch>,
}

/// Sends punches to the export URL on purpose, whatever `auto_export` and `start_from` say. Filters may stand in the body
/// or in the query. Waits at most 20 s for what comes of it; the rest goes on in the background.
#[utoipa::path(
    post, path = "/api/send-attendance", tag = "attendance", params(PunchQuery, ForceQuery), request_body = SendBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<SendView>), SeedErrors)
)]
pub(super) async fn send_attendance(
    _: Operator,
    State(state): State<AppState>,
    uri: Uri,
    Query(query): Query<PunchQuery>,
    Query(query_force): Query<ForceQuery>,
    BodyOfTwo(body, body_force): BodyOfTwo<PunchQuery, ForceQuery>,
) -> Result<Reply<SendView>, Problem> {
    let keys = [PunchQuery::KEYS, ForceQuery::KEYS].concat();
    must_be_known(&unknown_parameters(&uri, &keys), &keys)?;
    let force = body_force
        .force
        .or(query_force.force)
        .is_some_and(|Switch(force)| force);
    let sent = actions::send_punches(
        &state,
        SendWish {
            punches: body.or(query).wish()?,
            force,
        },
    )
    .await?;
    let message = message(&sent);
    Ok(Reply::ok(message, sent))
}

fn message(sent: &SendView) -> String {
    if sent.matched == 0 {
        return "no records match".to_owned();
    }
    let mut told = vec![format!(
        "{} of {} records delivered",
        sent.delivered, sent.matched
    )];
    if sent.skipped > 0 {
        told.push(format!("{} were delivered before", sent.skipped));
    }
    if sent.failed > 0 {
        told.push(format!("{} were refused", sent.failed));
    }
    if let Some(reason) = &sent.paused {
        told.push(format!(
            "{} wait, because delivery is paused ({reason}); saving the export settings resumes it",
            sent.waiting()
        ));
    } else if sent.waiting() > 0 {
        told.push(format!(
            "{} go on in the background; see GET /api/v1/jobs/{}",
            sent.waiting(),
            sent.job_id
        ));
    }
    told.join(", ")
}

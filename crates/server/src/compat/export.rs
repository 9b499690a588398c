use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{self, ExportSavedView, ExportView, ExportWish},
    auth::{Admin, Viewer},
    envelope::{Answer, Reply},
    input::{BodyWithRest, Count, Known, Switch, Word, present},
    openapi::SeedErrors,
    problem::Problem,
};

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
pub(super) struct ExportBody {
    /// http or https. Null or an empty text clears it: punches go on queueing, nothing is sent.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "https://your-endpoint.com/data")]
    export_url: Option<Option<Word>>,
    #[schema(value_type = Option<bool>, example = false)]
    auto_export: Option<Switch>,
    /// Most records in one request, 1 to 10000.
    #[schema(value_type = Option<u64>, example = 500)]
    batch_size: Option<Count>,
    /// A date or a date-time, compared with the punch's local time. An earlier one queues stored punches that now
    /// match; a later one withdraws waiting ones.
    #[schema(value_type = Option<String>, example = "2025-05-04")]
    start_from: Option<Word>,
    /// Sends `record_id` in each record.
    #[schema(value_type = Option<bool>)]
    include_record_id: Option<Switch>,
}

impl Known for ExportBody {
    const KEYS: &'static [&'static str] = &[
        "export_url",
        "auto_export",
        "batch_size",
        "start_from",
        "include_record_id",
    ];
}

/// The settings as saved, and what was not understood.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExportSavedAnswer {
    #[serde(flatten)]
    saved: ExportSavedView,
    /// Keys of the body that mean nothing here.
    ignored: Vec<String>,
}

/// Where punches are delivered, and how.
#[utoipa::path(
    get, path = "/api/export-config", tag = "export",
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<ExportView>), SeedErrors)
)]
pub(super) async fn export_config(
    _: Viewer,
    State(state): State<AppState>,
) -> Result<Reply<ExportView>, Problem> {
    let settings = actions::export_settings(&state).await?;
    Ok(Reply::ok(state_of(&settings), settings))
}

/// Changes where punches are delivered. Also with unchanged values it resumes a paused destination at once.
#[utoipa::path(
    post, path = "/api/export-config", tag = "export", request_body = ExportBody,
    security(("bearer" = ["admin"]), ("api_key" = ["admin"])),
    responses((status = OK, body = Answer<ExportSavedAnswer>), SeedErrors)
)]
pub(super) async fn save_export_config(
    _: Admin,
    State(state): State<AppState>,
    BodyWithRest { body, unknown }: BodyWithRest<ExportBody>,
) -> Result<Reply<ExportSavedAnswer>, Problem> {
    let wish = ExportWish {
        export_url: body.export_url.map(|url| url.and_then(Word::filled)),
        auto_export: body.auto_export.map(|Switch(on)| on),
        batch_size: body.batch_size.map(|Count(size)| size),
        start_from: body.start_from.and_then(Word::filled),
        include_record_id: body.include_record_id.map(|Switch(on)| on),
    };
    let saved = actions::save_export_settings(&state, wish).await?;
    Ok(Reply::ok(
        message(&saved, &unknown),
        ExportSavedAnswer {
            saved,
            ignored: unknown,
        },
    ))
}

fn message(saved: &ExportSavedView, ignored: &[String]) -> String {
    let mut told = vec![
        "export settings saved".to_owned(),
        state_of(&saved.settings),
    ];
    if saved.queued > 0 {
        told.push(format!("{} stored records were queued", saved.queued));
    }
    if saved.withdrawn > 0 {
        told.push(format!(
            "{} waiting records were withdrawn",
            saved.withdrawn
        ));
    }
    if saved.in_doubt > 0 {
        told.push(format!(
            "{} may have arrived already and stay in the queue",
            saved.in_doubt
        ));
    }
    if !ignored.is_empty() {
        told.push(format!("nothing here knows {}", ignored.join(", ")));
    }
    told.join("; ")
}

fn state_of(settings: &ExportView) -> String {
    match (&settings.export_url, settings.auto_export, &settings.paused) {
        (None, _, _) => "no export_url is set, so nothing is sent".to_owned(),
        (Some(_), _, Some(paused)) => format!("delivery is paused: {}", paused.reason),
        (Some(_), false, None) => "auto_export is off: records are queued and not sent".to_owned(),
        (Some(_), true, None) => "records are sent by themselves".to_owned(),
    }
}

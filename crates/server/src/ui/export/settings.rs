use axum::{extract::State, response::Response};
use domain::Role;
use serde::Deserialize;

use super::{Forms, page};
use crate::{
    AppState, StatusCodes,
    actions::{ExportSavedView, ExportView, ExportWish, save_export_settings},
    input::Count,
    problem::Problem,
    ui::{
        fields::{filled, ticked, value},
        frame::{PageProblem, Tone, sentence},
        session::{Posted, Visit, go_on},
        words::count,
    },
};

/// The settings as they were typed.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq, Default)]
pub(super) struct SettingsForm {
    #[serde(default)]
    pub(super) export_url: String,
    #[serde(default)]
    pub(super) auto_export: String,
    #[serde(default)]
    pub(super) batch_size: String,
    #[serde(default)]
    pub(super) start_from: String,
    #[serde(default)]
    pub(super) include_record_id: String,
}

pub(super) async fn save(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<SettingsForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let done = match form.wish() {
        Ok(wish) => save_export_settings(&state, wish).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(saved) => Ok(go_on(
            &state,
            &visitor,
            "/export",
            Tone::Good,
            &told(&saved),
        )),
        Err(problem @ Problem::Internal { .. }) => Err(problem.into()),
        Err(problem) => {
            let forms = Forms {
                settings: Some(form),
                send: None,
                problem: Some(sentence(&problem)),
            };
            let visit = Visit::again(visitor);
            page(&state, visit, problem.status(StatusCodes::Plain), forms).await
        }
    }
}

/// What a change came to, in words.
pub(super) fn told(saved: &ExportSavedView) -> String {
    let mut parts = vec!["The export settings are saved.".to_owned()];
    if saved.queued > 0 {
        let stored = count(saved.queued, "stored punch is", "stored punches are");
        parts.push(format!("{stored} queued."));
    }
    if saved.withdrawn > 0 {
        let waiting = count(saved.withdrawn, "waiting punch is", "waiting punches are");
        parts.push(format!("{waiting} not wanted any more."));
    }
    if saved.in_doubt > 0 {
        let doubtful = count(saved.in_doubt, "punch", "punches");
        parts.push(format!(
            "{doubtful} may have arrived already and stay in the queue."
        ));
    }
    parts.join(" ")
}

impl SettingsForm {
    pub(super) fn of(settings: &ExportView) -> Self {
        let tick = |ticked: bool| {
            if ticked {
                "1".to_owned()
            } else {
                String::new()
            }
        };
        Self {
            export_url: settings.export_url.clone().unwrap_or_default(),
            auto_export: tick(settings.auto_export),
            batch_size: settings.batch_size.to_string(),
            start_from: settings.start_from.clone().unwrap_or_default(),
            include_record_id: tick(settings.include_record_id),
        }
    }

    pub(super) fn is_auto(&self) -> bool {
        ticked(&self.auto_export)
    }

    pub(super) fn with_record_id(&self) -> bool {
        ticked(&self.include_record_id)
    }

    /// The whole form is what the settings should be; an empty batch size or start stays as it is.
    pub(super) fn wish(&self) -> Result<ExportWish, Problem> {
        Ok(ExportWish {
            export_url: Some(filled(&self.export_url)),
            auto_export: Some(self.is_auto()),
            batch_size: value::<Count>("batch_size", &self.batch_size)?.map(|Count(size)| size),
            start_from: filled(&self.start_from),
            include_record_id: Some(self.with_record_id()),
        })
    }
}

//! Users from a URL, saved on a terminal in one conversation.

mod document;
mod row;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use collector::{Saved, SavedUser, UserChange};
use delivery::{FetchError, FetchMethod, FetchRequest};
use domain::{JobId, TerminalId};
use serde::Serialize;
use serde_json::json;
use storage::JobKind;
use tokio::sync::oneshot;
use utoipa::ToSchema;

use self::row::Fields;
use crate::{
    AppState,
    actions::{background, needed},
    problem::Problem,
};

/// Where users come from and how to read them.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImportWish {
    pub(crate) url: String,
    pub(crate) headers: BTreeMap<String, String>,
    /// GET where none is given.
    pub(crate) method: Option<String>,
    /// Where the list is in the document: `data.items` or `/data/items`.
    pub(crate) items_path: Option<String>,
    /// Our field → their field.
    pub(crate) field_map: BTreeMap<String, String>,
    pub(crate) device: Option<String>,
    /// Only says what would be done.
    pub(crate) dry_run: bool,
}

/// What came of an import.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct ImportView {
    pub(crate) added: usize,
    pub(crate) updated: usize,
    /// As they are on the terminal already.
    pub(crate) skipped: usize,
    pub(crate) failed: Vec<FailedRow>,
    /// Users that were saved, but not quite as given; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<WarnedRow>,
    /// Users in the document.
    pub(crate) total: usize,
    pub(crate) dry_run: bool,
    /// `done`, or `running` when it takes longer than the answer could wait.
    #[schema(example = "done")]
    pub(crate) state: &'static str,
    /// See `GET /api/v1/jobs/{id}`.
    pub(crate) job_id: i64,
}

/// A user that was not saved, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FailedRow {
    /// Its place in the list, counted from 1.
    pub(crate) row: usize,
    pub(crate) user_id: Option<String>,
    pub(crate) reason: String,
}

/// What is otherwise than it was given, as a name that the terminal cuts off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WarnedRow {
    /// Its place in the list, counted from 1.
    pub(crate) row: usize,
    pub(crate) user_id: String,
    pub(crate) warning: String,
}

/// How long an answer waits; the job goes on in the background.
const PATIENCE: Duration = Duration::from_mins(2);

/// Fetches a list of users and saves them on a terminal in one conversation; what one of them meets does not stop the
/// others.
pub(crate) async fn import_users(
    state: &AppState,
    wish: ImportWish,
) -> Result<ImportView, Problem> {
    if wish.url.trim().is_empty() {
        return Err(Problem::invalid(
            "url is missing; send the URL of a JSON list of users",
        ));
    }
    let mut shown = state.policy.check_url("url", &wish.url)?;
    // What stands after the question mark may be a token, and jobs are shown to readers.
    if shown.query().is_some() {
        shown.set_query(Some("***"));
    }
    let method = method(wish.method.as_deref())?;
    let fields = Fields::new(&wish.field_map)?;
    let terminal = needed(state, wish.device.as_deref()).await?;
    let request = json!({
        "url": shown.as_str(),
        "headers": wish.headers.keys().collect::<Vec<_>>(),
        "items_path": wish.items_path,
        "field_map": wish.field_map,
        "device": terminal.id,
        "dry_run": wish.dry_run,
    });
    let id = state
        .store
        .start_job(JobKind::ImportUsers, request, state.clock.now())
        .await?;
    let (tell, told) = oneshot::channel();
    let dry_run = wish.dry_run;
    let job = Job {
        id,
        terminal: terminal.id,
        wish,
        method,
        fields,
    };
    let here = state.clone();
    state.tasks.spawn(async move {
        let result = job.run(&here).await;
        // The caller may be gone; the job has its result all the same.
        let _ = tell.send(result);
    });
    match tokio::time::timeout(PATIENCE, told).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Problem::internal(format!(
            "the import, job {id}, was cut off"
        ))),
        Err(_) => Ok(ImportView {
            state: "running",
            job_id: id.0,
            dry_run,
            ..ImportView::default()
        }),
    }
}

struct Job {
    id: JobId,
    terminal: TerminalId,
    wish: ImportWish,
    method: FetchMethod,
    fields: Fields,
}

impl Job {
    async fn run(self, state: &AppState) -> Result<ImportView, Problem> {
        let id = self.id;
        let result = tokio::select! {
            result = self.import(state) => result,
            () = state.stopping.cancelled() => Err(Problem::Unavailable {
                code: "shutting_down",
                message: "the program stopped in the middle of the import; start it again".to_owned(),
            }),
        };
        background::finish(state, id, &result).await;
        result
    }

    async fn import(self, state: &AppState) -> Result<ImportView, Problem> {
        let mut request = FetchRequest::get("url", self.wish.url.trim());
        request.method = self.method;
        request.headers = self.wish.headers.into_iter().collect();
        let document = state.delivery.fetch(request).await?;
        let items = document::items(&document, self.wish.items_path.as_deref())?;
        let (rows, mut failed) = self.fields.read(&items);
        let changes: Vec<UserChange> = rows.iter().map(|row| row.change.clone()).collect();
        let mut view = ImportView {
            total: items.len(),
            dry_run: self.wish.dry_run,
            state: "done",
            job_id: self.id.0,
            ..ImportView::default()
        };
        if !changes.is_empty() {
            let results = state
                .collector
                .save_users(self.terminal, changes, self.wish.dry_run)
                .await?;
            for (row, result) in rows.iter().zip(results) {
                let user_id = row.change.pin.as_str().to_owned();
                match result {
                    Ok(user) => view.saved(row.number, user_id, user),
                    Err(error) => failed.push(FailedRow {
                        row: row.number,
                        user_id: Some(user_id),
                        reason: error.to_string(),
                    }),
                }
            }
        }
        failed.sort_by_key(|failed| failed.row);
        view.failed = failed;
        Ok(view)
    }
}

impl ImportView {
    fn saved(&mut self, row: usize, user_id: String, user: SavedUser) {
        match user.saved {
            Saved::Added => self.added += 1,
            Saved::Updated => self.updated += 1,
            Saved::Unchanged => self.skipped += 1,
        }
        self.warnings.extend(user.warning.map(|warning| WarnedRow {
            row,
            user_id,
            warning,
        }));
    }
}

fn method(text: Option<&str>) -> Result<FetchMethod, Problem> {
    match text.map(|text| text.trim().to_ascii_uppercase()).as_deref() {
        None | Some("" | "GET") => Ok(FetchMethod::Get),
        Some("POST") => Ok(FetchMethod::Post),
        Some(other) => Err(Problem::invalid(format!(
            "method is {other:?}; use GET or POST"
        ))),
    }
}

impl From<FetchError> for Problem {
    fn from(error: FetchError) -> Self {
        const CODE: &str = "fetch_failed";
        let message = error.to_string();
        match error {
            FetchError::Guard(error) => error.into(),
            FetchError::Unreachable { .. } | FetchError::TimedOut { .. } => Self::Unavailable {
                code: CODE,
                message,
            },
            FetchError::Status { status, .. } if status >= 500 => Self::Unavailable {
                code: CODE,
                message,
            },
            FetchError::Header { .. }
            | FetchError::Status { .. }
            | FetchError::OtherHost { .. }
            | FetchError::Redirects { .. }
            | FetchError::TooLarge { .. } => Self::Invalid {
                code: CODE,
                message,
            },
        }
    }
}

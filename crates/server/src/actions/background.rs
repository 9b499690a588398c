//! Work that goes on when its caller is gone, and leaves what came of it in its job.

use std::{fmt, future::Future};

use domain::JobId;
use serde::Serialize;
use serde_json::{Value, json};
use storage::{JobKind, JobState};

use crate::{AppState, problem::Problem};

/// Begins a job; it ends with what `work` gives, or with why that failed.
pub(super) async fn begin<W, F, V>(
    state: &AppState,
    kind: JobKind,
    request: Value,
    work: W,
) -> Result<JobId, Problem>
where
    W: FnOnce(AppState, JobId) -> F,
    F: Future<Output = Result<V, Problem>> + Send + 'static,
    V: Serialize + Send + Sync + 'static,
{
    let id = state
        .store
        .start_job(kind, request, state.clock.now())
        .await?;
    let here = state.clone();
    let work = work(state.clone(), id);
    state.tasks.spawn(async move {
        let result = tokio::select! {
            result = work => result,
            () = here.stopping.cancelled() => Err(stopped()),
        };
        finish(&here, id, &result).await;
    });
    Ok(id)
}

/// Writes down what came of a job.
pub(super) async fn finish<V: Serialize + Sync>(
    state: &AppState,
    id: JobId,
    result: &Result<V, Problem>,
) {
    let (outcome, told) = match result {
        Ok(view) => (JobState::Done, json!(view)),
        Err(problem) => {
            if let Problem::Internal { log } = problem {
                tracing::error!(job.id = id.0, "a job failed: {log}");
            }
            let told = json!({ "code": problem.code(), "message": problem.to_string() });
            (JobState::Failed, told)
        }
    };
    let written = state
        .store
        .finish_job(id, outcome, told, state.clock.now())
        .await;
    if let Err(error) = written {
        not_written(id, &error);
    }
}

pub(super) fn not_written(id: JobId, error: &impl fmt::Display) {
    tracing::warn!(
        job.id = id.0,
        "what came of a job was not recorded: {error}"
    );
}

fn stopped() -> Problem {
    Problem::Unavailable {
        code: "shutting_down",
        message: "the program stopped in the middle of it; look at what was done before you ask for it again".to_owned(),
    }
}

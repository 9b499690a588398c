use std::time::Duration;

use domain::DestinationId;
use serde::Serialize;
use storage::{PunchFilter, Resend, SendJob, SendJobProgress};
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{PunchWish, punch_filter},
    problem::Problem,
};

/// Which punches to send on purpose.
#[derive(Debug, Clone, Default)]
pub(crate) struct SendWish {
    pub(crate) punches: PunchWish,
    /// Sends again, under the same ids, what was delivered before.
    pub(crate) force: bool,
}

/// What became of them so far.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SendView {
    /// Punches that match.
    pub(crate) matched: u64,
    /// Of these, sent or to be sent by this request.
    pub(crate) queued: u64,
    pub(crate) delivered: u64,
    /// Delivered before, so not sent again.
    pub(crate) skipped: u64,
    /// Refused by the receiver, each with its reason in the delivery queue.
    pub(crate) failed: u64,
    /// See `GET /api/v1/jobs/{id}` for what comes of the rest.
    pub(crate) job_id: i64,
    /// Why they wait although they were asked for; told in words.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) paused: Option<String>,
}

impl SendView {
    /// Still on their way.
    pub(crate) fn waiting(&self) -> u64 {
        self.queued
            .saturating_sub(self.delivered)
            .saturating_sub(self.failed)
    }
}

/// How long an answer waits for the receiver.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often progress is read again although nobody told of any.
const GLANCE: Duration = Duration::from_secs(1);

/// Queues every punch that matches and waits a little for what comes of it; the rest goes on in the background.
pub(crate) async fn send_punches(state: &AppState, wish: SendWish) -> Result<SendView, Problem> {
    let destination = state
        .store
        .default_destination()
        .await?
        .filter(|destination| destination.url.is_some())
        .ok_or_else(|| Problem::Invalid {
            code: "no_export_url",
            message: "no export_url is set; set it with POST /api/export-config {\"export_url\": \"https://…\"}".to_owned(),
        })?;
    let filter = punch_filter(state, &wish.punches).await?;
    let resend = if wish.force {
        Resend::Force
    } else {
        Resend::Skip
    };
    // Subscribed before anything is queued, so that no progress is missed.
    let mut told = state.delivery.progress();
    let job = queue(state, destination.id, filter, resend).await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let progress = state.store.send_job_progress(job.job_id).await?;
        let mut view = view(&job, progress.as_ref());
        if view.waiting() > 0 {
            let destination = state.store.destination(destination.id).await?;
            view.paused = destination
                .and_then(|destination| destination.pause)
                .map(|pause| pause.reason);
        }
        let is_over = view.waiting() == 0 || view.paused.is_some();
        if is_over || Instant::now() >= deadline || state.stopping.is_cancelled() {
            return Ok(view);
        }
        let until = deadline.min(Instant::now() + GLANCE);
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            changed = told.changed() => if changed.is_err() {
                // Delivery has stopped: nothing will change any more.
                tokio::time::sleep_until(until).await;
            },
            () = state.stopping.cancelled() => {}
        }
    }
}

/// In a task of its own, so that a caller who goes away leaves no half of it.
async fn queue(
    state: &AppState,
    destination: DestinationId,
    filter: PunchFilter,
    resend: Resend,
) -> Result<SendJob, Problem> {
    let here = state.clone();
    let queued = state.tasks.spawn(async move {
        let job = here
            .store
            .queue_for_sending(destination, &filter, resend, here.clock.now())
            .await;
        here.delivery.wake();
        job
    });
    Ok(queued
        .await
        .map_err(|error| Problem::internal(format!("queue records: {error}")))??)
}

fn view(job: &SendJob, progress: Option<&SendJobProgress>) -> SendView {
    SendView {
        matched: job.matched,
        queued: job.queued,
        delivered: progress.map_or(0, |progress| progress.delivered),
        skipped: job.skipped,
        failed: progress.map_or(0, |progress| progress.failed),
        job_id: job.job_id.0,
        paused: None,
    }
}

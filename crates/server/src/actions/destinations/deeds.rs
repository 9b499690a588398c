use delivery::SpecFault;
use domain::{OutboxId, RequestSpec};
use serde::Serialize;
use storage::{Replay, Resend};
use utoipa::ToSchema;

use super::{DestinationView, filter::start_of, named, viewed, wish::unmasked};
use crate::{
    AppState,
    actions::{
        PunchWish,
        attempts::AttemptView,
        deliveries::{RequestView, request_view},
        punch_filter,
    },
    problem::Problem,
};

/// What a test came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TestView {
    /// The receiver took it.
    pub(crate) accepted: bool,
    /// What was sent, secrets masked.
    pub(crate) request: RequestView,
    /// Null where no request could be written.
    pub(crate) attempt: Option<AttemptView>,
    /// What came back, up to 4 KB.
    pub(crate) answer: Option<String>,
}

/// A request as somebody is writing it; `None` is taken from the destination, or from the default.
#[derive(Debug, Clone, Default)]
pub(crate) struct PreviewWish {
    pub(crate) url: Option<String>,
    pub(crate) with_record_id: Option<bool>,
    pub(crate) request: Option<RequestSpec>,
}

/// What a request would look like.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    pub(crate) request: RequestView,
    /// The ledger holds no punch yet: these are made up.
    pub(crate) made_up: bool,
    pub(crate) records: usize,
}

/// Which records go again.
#[derive(Debug, Clone)]
pub(crate) enum ReplayWish {
    Deliveries {
        ids: Vec<i64>,
        force: bool,
    },
    Cause {
        cause: String,
        reason: Option<String>,
    },
    /// All that are parked.
    Parked,
    Range {
        punches: PunchWish,
        force: bool,
    },
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReplayedView {
    /// Records that go again, under the ids that they had.
    pub(crate) queued: u64,
}

/// Nothing more is sent until somebody resumes it; punches go on queueing.
pub(crate) async fn pause_destination(
    state: &AppState,
    name: &str,
) -> Result<DestinationView, Problem> {
    let destination = named(state, name).await?;
    viewed(state, state.delivery.pause(destination.id).await?).await
}

/// What has queued goes, at the destination's rate; also ends a pause that the receiver caused.
pub(crate) async fn resume_destination(
    state: &AppState,
    name: &str,
) -> Result<DestinationView, Problem> {
    let destination = named(state, name).await?;
    viewed(state, state.delivery.resume(destination.id).await?).await
}

/// Queues stored punches that match and were never queued, in the background.
pub(crate) async fn queue_past(state: &AppState, name: &str, since: &str) -> Result<i64, Problem> {
    let destination = named(state, name).await?;
    let since = start_of("since", since)?;
    if since < destination.filter.from {
        return Err(Problem::Conflict {
            code: "before_start",
            message: format!(
                "the destination wants no punches from before {}; set filter.start_from to {since} first",
                destination.filter.from
            ),
        });
    }
    Ok(state.delivery.queue_past(destination.id, since).await?.0)
}

pub(crate) async fn replay(
    state: &AppState,
    name: &str,
    wish: ReplayWish,
) -> Result<ReplayedView, Problem> {
    let destination = named(state, name).await?;
    let resend = |force: bool| if force { Resend::Force } else { Resend::Skip };
    let replay = match wish {
        ReplayWish::Deliveries { ids, force } => {
            Replay::Records(ids.into_iter().map(OutboxId).collect(), resend(force))
        }
        ReplayWish::Cause { cause, reason } => Replay::Cause { cause, reason },
        ReplayWish::Parked => Replay::Parked,
        ReplayWish::Range { punches, force } => {
            Replay::Range(punch_filter(state, &punches).await?, resend(force))
        }
    };
    let queued = state.delivery.replay(destination.id, replay).await?;
    Ok(ReplayedView { queued })
}

/// Sends one made-up record, marked as a test, whatever the mode, schedule and health are.
pub(crate) async fn test_destination(state: &AppState, name: &str) -> Result<TestView, Problem> {
    let destination = named(state, name).await?;
    // In a task of its own: a caller who goes away leaves no attempt unwritten.
    let delivery = state.delivery.clone();
    let id = destination.id;
    let sent = state
        .tasks
        .spawn(async move { delivery.test_send(id).await })
        .await
        .map_err(|error| Problem::internal(format!("send a test: {error}")))??;
    let sent = sent.ok_or_else(|| Problem::Conflict {
        code: "no_url",
        message: format!("{} has no URL yet; set one, then test it", destination.name),
    })?;
    Ok(TestView {
        accepted: sent
            .attempt
            .as_ref()
            .is_some_and(|attempt| attempt.class == "delivered"),
        request: request_view(Some(sent.request)).unwrap_or_default(),
        answer: sent
            .attempt
            .as_ref()
            .and_then(|attempt| attempt.answer.as_deref())
            .map(|answer| String::from_utf8_lossy(answer).into_owned()),
        attempt: sent.attempt.map(AttemptView::from),
    })
}

/// What a request would look like, on the last real punches; nothing is sent or kept.
pub(crate) async fn preview_request(
    state: &AppState,
    of: Option<&str>,
    wish: &PreviewWish,
) -> Result<PreviewView, Problem> {
    /// Stands where no URL was given yet.
    const SOMEWHERE: &str = "https://receiver.example/";
    let kept = match of {
        Some(name) => Some(named(state, name).await?),
        None => None,
    };
    let kept_spec = kept
        .as_ref()
        .map(|kept| kept.spec.clone())
        .unwrap_or_default();
    let spec = match &wish.request {
        Some(spec) => unmasked(spec, &kept_spec)?,
        None => kept_spec,
    };
    let kept_url = kept.as_ref().and_then(|kept| kept.url.as_deref());
    let url = wish.url.as_deref().or(kept_url).unwrap_or(SOMEWHERE);
    let with_record_id = wish
        .with_record_id
        .or(kept.as_ref().map(|kept| kept.with_record_id))
        .unwrap_or(true);
    let preview = state.delivery.preview(&spec, url, with_record_id).await?;
    Ok(PreviewView {
        request: request_view(Some(preview.request)).unwrap_or_default(),
        made_up: preview.made_up,
        records: preview.records,
    })
}

impl From<SpecFault> for Problem {
    fn from(fault: SpecFault) -> Self {
        Self::Fault {
            place: fault.place,
            line: fault.line,
            message: fault.message,
        }
    }
}

use delivery::{HeldBack, ShownRequest, SpecFault, Standing};
use domain::{Destination, PunchId, TimeRange, Unwanted};
use jiff::Timestamp;
use serde::Serialize;
use storage::PunchFilter;
use utoipa::ToSchema;

use super::named;
use crate::{
    AppState,
    actions::{
        chosen,
        deliveries::{DeliveryView, RequestView, request_view},
        labels,
    },
    problem::Problem,
};

/// What would be sent now; nothing is sent and nothing is changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DryRunView {
    /// The next request; null when nothing waits.
    pub(crate) next: Option<DryBatchView>,
    /// Why it does not go at once; empty when it does.
    pub(crate) held_back: Vec<HeldBackView>,
    pub(crate) waiting: u64,
    /// In requests that are being made or go again.
    pub(crate) batched: u64,
    pub(crate) parked: u64,
    pub(crate) held: u64,
}

/// A request that would be made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DryBatchView {
    /// It was tried before and goes again under its id.
    pub(crate) again: bool,
    /// Ids of the records in it.
    pub(crate) records: Vec<String>,
    pub(crate) request: RequestView,
}

/// Why records do not go at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct HeldBackView {
    /// `no_url`, `off`, `paused`, `shut`, `retry`, `rate_limit`, `schedule` or `queue`
    #[schema(example = "retry")]
    pub(crate) code: &'static str,
    pub(crate) message: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) until: Option<Timestamp>,
}

/// Which punch is asked about: by its number, or by what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PunchName {
    Number(i64),
    Is {
        user_id: String,
        timestamp: String,
        device: Option<String>,
    },
}

/// Where one punch stands on its way to one destination, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExplanationView {
    /// `unwanted`, `past`, `held`, `waiting`, `own_schedule`, `batched`, `delivered`, `parked` or `withdrawn`
    #[schema(example = "waiting")]
    pub(crate) standing: &'static str,
    pub(crate) message: String,
    /// Null when it was never queued.
    pub(crate) delivery: Option<DeliveryView>,
    /// What keeps back all that waits.
    pub(crate) held_back: Vec<HeldBackView>,
}

pub(crate) async fn dry_run(state: &AppState, name: &str) -> Result<DryRunView, Problem> {
    let destination = named(state, name).await?;
    let look = state.delivery.dry_run(destination.id).await?;
    let look = look.ok_or_else(|| gone(&destination))?;
    Ok(DryRunView {
        next: look.next.map(|batch| DryBatchView {
            again: batch.again,
            records: batch.records.iter().map(ToString::to_string).collect(),
            request: shown(batch.request),
        }),
        held_back: held_back_views(&look.held_back),
        waiting: look.counts.waiting,
        batched: look.counts.batched,
        parked: look.counts.parked,
        held: look.counts.held,
    })
}

fn shown(request: Result<ShownRequest, SpecFault>) -> RequestView {
    request_view(Some(request)).unwrap_or_default()
}

pub(crate) async fn explain(
    state: &AppState,
    name: &str,
    punch: &PunchName,
) -> Result<ExplanationView, Problem> {
    let destination = named(state, name).await?;
    let punch = found(state, punch).await?;
    let explained = state.delivery.explain(destination.id, punch).await?;
    let explained = explained.ok_or_else(unknown_punch)?;
    let (standing, message) = told(&explained.standing);
    let labels = labels(state).await?;
    Ok(ExplanationView {
        standing,
        message,
        delivery: explained
            .record
            .map(|record| DeliveryView::new(record, destination.id, &labels)),
        held_back: held_back_views(&explained.held_back),
    })
}

async fn found(state: &AppState, punch: &PunchName) -> Result<PunchId, Problem> {
    let (user_id, timestamp, device) = match punch {
        PunchName::Number(number) => return Ok(PunchId(*number)),
        PunchName::Is {
            user_id,
            timestamp,
            device,
        } => (user_id, timestamp, device),
    };
    let at = TimeRange::parse_start("timestamp", timestamp)
        .map_err(|error| Problem::invalid(error.to_string()))?;
    let terminal = match device {
        Some(device) => chosen(state, Some(device)).await?,
        None => None,
    };
    let filter = PunchFilter {
        range: TimeRange {
            from: Some(at),
            to: Some(at),
        },
        people: vec![user_id.clone()],
        terminal: terminal.map(|terminal| terminal.id),
        ..PunchFilter::default()
    };
    let punches = state.store.punches(&filter, None, 1).await?;
    punches
        .first()
        .map(|punch| punch.id)
        .ok_or_else(unknown_punch)
}

fn told(standing: &Standing) -> (&'static str, String) {
    let words = |text: &str| text.to_owned();
    let because = |text: &str, reason: &Option<String>| match reason {
        Some(reason) => format!("{text}: {reason}"),
        None => text.to_owned(),
    };
    match standing {
        Standing::Unwanted(unwanted) => (
            "unwanted",
            words(match unwanted {
                Unwanted::Earlier => "the destination wants no punches from so long ago",
                Unwanted::Terminal => "the destination wants no punches of this terminal",
                Unwanted::Person => "the destination wants no punches of this person",
                Unwanted::State => "the destination wants no punches in this state",
            }),
        ),
        Standing::Past => (
            "past",
            words(
                "the destination wants it now, but did not when it was stored; queue past punches to send it",
            ),
        ),
        Standing::Held => (
            "held",
            words("its time cannot be right; release it, and it goes"),
        ),
        Standing::Unmapped => (
            "unmapped",
            words("nobody is mapped to its user id yet; map it, and it goes"),
        ),
        Standing::Waiting => ("waiting", words("it is in the queue")),
        Standing::OwnSchedule { .. } => (
            "own_schedule",
            words("it failed while others passed, and is tried again by itself"),
        ),
        Standing::Batched => (
            "batched",
            words("it is in a request that is being made, or goes again"),
        ),
        Standing::Delivered { .. } => ("delivered", words("the receiver took it")),
        Standing::Parked { reason } => ("parked", because("the receiver refused it", reason)),
        Standing::Withdrawn { reason } => {
            ("withdrawn", because("it is not wanted any more", reason))
        }
    }
}

pub(crate) fn held_back_views(held_back: &[HeldBack]) -> Vec<HeldBackView> {
    held_back.iter().map(HeldBackView::from).collect()
}

impl From<&HeldBack> for HeldBackView {
    fn from(held: &HeldBack) -> Self {
        let (code, message, until) = match held {
            HeldBack::NoUrl => ("no_url", "no URL is set".to_owned(), None),
            HeldBack::Off => (
                "off",
                "it is switched off: only what a person asks for goes".to_owned(),
                None,
            ),
            HeldBack::Paused => (
                "paused",
                "a person paused it; it goes on when resumed".to_owned(),
                None,
            ),
            HeldBack::Shut(pause) => ("shut", pause.reason.clone(), pause.probe_at),
            HeldBack::Retry { at } => (
                "retry",
                "it failed of late and is tried again by itself".to_owned(),
                Some(*at),
            ),
            HeldBack::RateLimit { per_minute, at } => (
                "rate_limit",
                format!("no more than {per_minute} requests a minute"),
                Some(*at),
            ),
            HeldBack::Schedule { at } => (
                "schedule",
                "its schedule says when records go".to_owned(),
                *at,
            ),
            HeldBack::Unmapped { records } => (
                "unmapped",
                format!(
                    "{records} records wait until somebody is known behind their user ids; answer the inbox, and they go"
                ),
                None,
            ),
            HeldBack::Queue { .. } => (
                "queue",
                "its queue is being brought in line; what is stored meanwhile goes after it"
                    .to_owned(),
                None,
            ),
        };
        Self {
            code,
            message,
            until,
        }
    }
}

fn gone(destination: &Destination) -> Problem {
    Problem::NotFound {
        code: "unknown_destination",
        message: format!("{} was removed meanwhile", destination.name),
    }
}

fn unknown_punch() -> Problem {
    Problem::NotFound {
        code: "unknown_punch",
        message: "there is no such punch in the ledger; give punch as GET /api/v1/deliveries shows it, or user_id and timestamp".to_owned(),
    }
}

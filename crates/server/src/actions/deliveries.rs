mod search;
mod standing;

use delivery::{ShownRequest, SpecFault};
use domain::DestinationId;
use jiff::Timestamp;
use serde::Serialize;
use storage::{Delivery, DeliveryCursor, DeliveryState};
use utoipa::ToSchema;

pub(crate) use standing::standings;

use crate::{
    AppState,
    actions::{Labels, PunchWish, Whom, destinations::named_or_only, labels},
    problem::Problem,
};

/// One record on its way to one destination.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// For POST …/replay.
    pub(crate) id: i64,
    pub(crate) destination: i64,
    /// The punch's number in the ledger, for GET …/explain.
    pub(crate) punch: i64,
    pub(crate) record_id: String,
    /// The device's serial number, or its id here where it has none.
    pub(crate) device: String,
    /// As the device knows them.
    #[schema(example = "007")]
    pub(crate) user_id: String,
    pub(crate) name: String,
    #[schema(example = "2026-11-23 09:00:00")]
    pub(crate) timestamp: String,
    /// `held` (its time cannot be right, or with the cause `unmapped`: nobody is known behind the user id), `waiting`, `batched` (in a request), `delivered`, `parked` (refused by itself) or
    /// `withdrawn` (not wanted any more)
    #[schema(value_type = String, example = "parked")]
    pub(crate) state: DeliveryState,
    pub(crate) batch: Option<i64>,
    /// When it is tried again by itself, having failed while others passed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) tries: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) first_failed_at: Option<Timestamp>,
    /// A person asked for it.
    pub(crate) asked: bool,
    /// Later ones of the same person may have been sent before it.
    pub(crate) late: bool,
    /// It may have arrived already.
    pub(crate) in_doubt: bool,
    /// Why it stands aside, as a code and in words.
    pub(crate) cause: Option<String>,
    pub(crate) reason: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) done_at: Option<Timestamp>,
}

/// Newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeliveryPage {
    pub(crate) deliveries: Vec<DeliveryView>,
    /// Cursor of the page with older ones; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// Which records are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeliveryWish {
    pub(crate) destination: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) cause: Option<String>,
    /// By person, time or device: then along the time of the punches.
    pub(crate) punches: PunchWish,
    /// Whoever they are at each device; also along the time of the punches.
    pub(crate) person: Option<Whom>,
}

/// A request as people may see it: secrets are masked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RequestView {
    #[schema(example = "POST")]
    pub(crate) method: Option<&'static str>,
    pub(crate) url: Option<String>,
    pub(crate) headers: Vec<HeaderView>,
    pub(crate) body: Option<String>,
    /// Why no request can be written, and where; everything else is null then.
    pub(crate) fault: Option<FaultView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct HeaderView {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What is wrong with how a request is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FaultView {
    #[schema(example = "the body")]
    pub(crate) place: String,
    /// Of a template.
    #[schema(example = 2)]
    pub(crate) line: Option<usize>,
    pub(crate) message: String,
}

pub(crate) async fn deliveries(
    state: &AppState,
    wish: &DeliveryWish,
    cursor: Option<&str>,
    limit: u32,
) -> Result<DeliveryPage, Problem> {
    let destination = named_or_only(state, wish.destination.as_deref()).await?.id;
    let wanted = wish.state.as_deref().map(state_named).transpose()?;
    let labels = labels(state).await?;
    let (found, next_cursor) = if wish.punches.is_everything() && wish.person.is_none() {
        by_queue(
            state,
            destination,
            wanted,
            wish.cause.as_deref(),
            cursor,
            limit,
        )
        .await?
    } else {
        search::by_punch(state, destination, wanted, wish, cursor, limit).await?
    };
    Ok(DeliveryPage {
        deliveries: found
            .into_iter()
            .map(|delivery| DeliveryView::new(delivery, destination, &labels))
            .collect(),
        next_cursor,
    })
}

async fn by_queue(
    state: &AppState,
    destination: DestinationId,
    wanted: Option<DeliveryState>,
    cause: Option<&str>,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<Delivery>, Option<String>), Problem> {
    let before = match cursor {
        None => None,
        Some(text) => Some(DeliveryCursor(
            text.parse().map_err(|_| foreign_cursor(text))?,
        )),
    };
    let mut found = state
        .store
        .deliveries(destination, wanted, cause, before, limit.saturating_add(1))
        .await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    found.truncate(most);
    let next = found
        .last()
        .filter(|_| has_more)
        .map(|last| last.cursor(wanted).0.to_string());
    Ok((found, next))
}

/// `failed` is how the seed's status calls those that are parked.
fn state_named(word: &str) -> Result<DeliveryState, Problem> {
    Ok(match word.trim().to_ascii_lowercase().as_str() {
        "held" => DeliveryState::Held,
        "waiting" => DeliveryState::Waiting,
        "batched" => DeliveryState::Batched,
        "delivered" => DeliveryState::Delivered,
        "parked" | "failed" => DeliveryState::Parked,
        "withdrawn" => DeliveryState::Withdrawn,
        other => {
            return Err(Problem::invalid(format!(
                "state is {other:?}; use held, waiting, batched, delivered, parked or withdrawn"
            )));
        }
    })
}

pub(super) fn foreign_cursor(text: &str) -> Problem {
    Problem::invalid(format!(
        "cursor is {text:?}, which is none of ours; send next_cursor as it was given"
    ))
}

/// `None` where the ledger has forgotten what was sent.
pub(super) fn request_view(
    request: Option<Result<ShownRequest, SpecFault>>,
) -> Option<RequestView> {
    request.map(|request| match request {
        Ok(shown) => RequestView {
            method: Some(shown.method),
            url: Some(shown.url),
            headers: shown
                .headers
                .into_iter()
                .map(|(name, value)| HeaderView { name, value })
                .collect(),
            body: Some(shown.body),
            fault: None,
        },
        Err(fault) => RequestView {
            fault: Some(FaultView {
                place: fault.place,
                line: fault.line,
                message: fault.message,
            }),
            ..RequestView::default()
        },
    })
}

impl DeliveryView {
    pub(super) fn new(delivery: Delivery, destination: DestinationId, labels: &Labels) -> Self {
        Self {
            id: delivery.id.0,
            destination: destination.0,
            punch: delivery.punch_id.0,
            record_id: delivery.record_id.to_string(),
            device: labels.of(delivery.terminal_id),
            user_id: delivery.pin.into(),
            name: delivery.person_name,
            timestamp: delivery.local_time.to_string(),
            state: delivery.state,
            batch: delivery.batch_id.map(|id| id.0),
            due_at: delivery.due_at,
            tries: delivery.tries,
            first_failed_at: delivery.first_failed_at,
            asked: delivery.asked,
            late: delivery.late,
            in_doubt: delivery.in_doubt,
            cause: delivery.cause,
            reason: delivery.reason,
            done_at: delivery.done_at,
        }
    }
}

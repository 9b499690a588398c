use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use domain::Role;
use serde::Deserialize;
use storage::DeliveryState;

use super::path;
use crate::{
    AppState,
    actions::{
        AttemptView, AttemptWish, CauseView, DeliveryView, DeliveryWish, HealthView, HeldBackView,
        QueueWorkView, attempts, deliveries, destination, destination_health, sync_status,
    },
    input::Query,
    ui::{
        frame::{Html, Moment, PageProblem, Pill, Place, Shell, Tone, sentence_of},
        overview::{DestinationCard, punch_path, terminal_names},
        session::{Fragment, Visit},
        words::{count, link},
    },
};

const QUEUE: u32 = 25;
const ATTEMPTS: u32 = 15;

/// Which part of the queue and of the requests is shown.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    queue: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    requests: String,
    #[serde(default)]
    earlier: String,
}

/// What changes while somebody looks.
struct Standing {
    card: DestinationCard,
    held_back: Vec<Held>,
    works: Vec<String>,
    next_run: Option<Moment>,
    largest_batch: Option<u32>,
}

struct Held {
    text: String,
    until: Option<Moment>,
}

struct Tab {
    href: String,
    word: &'static str,
    current: bool,
}

struct QueueRow {
    id: i64,
    /// Of the punch, with why it stands so.
    href: String,
    name: String,
    user_id: String,
    time: String,
    terminal: String,
    pill: Pill,
    why: String,
    when: Option<Moment>,
}

struct Cause {
    code: String,
    reason: String,
    text: String,
    count: String,
}

pub(super) struct RequestRow {
    pub(super) href: String,
    pub(super) at: Moment,
    pub(super) pill: Pill,
    pub(super) what: String,
    pub(super) answer: String,
    pub(super) took: String,
    pub(super) next: Option<Moment>,
}

#[derive(Template)]
#[template(path = "destination.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of the template"
)]
struct Page {
    shell: Shell,
    id: i64,
    is_default: bool,
    is_paused: bool,
    view: Standing,
    causes: Vec<Cause>,
    queue_tabs: Vec<Tab>,
    queue: Vec<QueueRow>,
    queue_newest: Option<String>,
    queue_older: Option<String>,
    request_tabs: Vec<Tab>,
    requests: Vec<RequestRow>,
    requests_newest: Option<String>,
    requests_older: Option<String>,
    start_from: String,
    may_change: bool,
    may_act: bool,
}

#[derive(Template)]
#[template(path = "parts/destination_standing.html")]
struct Part {
    view: Standing,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<impl IntoResponse, PageProblem> {
    let found = destination(&state, &id).await?;
    let health = destination_health(&state, &id).await?;
    let here = path(found.id);
    let wish = DeliveryWish {
        destination: Some(found.id.to_string()),
        state: Some(shown.queue.clone()).filter(|word| !word.is_empty()),
        ..DeliveryWish::default()
    };
    let before = Some(shown.before.as_str()).filter(|cursor| !cursor.is_empty());
    let queue = deliveries(&state, &wish, before, QUEUE).await?;
    let wish = AttemptWish {
        destination: Some(found.id.to_string()),
        class: Some(shown.requests.clone()).filter(|word| !word.is_empty()),
        delivery: None,
    };
    let earlier = Some(shown.earlier.as_str()).filter(|cursor| !cursor.is_empty());
    let requests = attempts(&state, &wish, earlier, ATTEMPTS).await?;
    let terminals = terminal_names(&sync_status(&state, None).await?.devices);
    let now = state.clock.now();
    let zone = &state.settings.zone;
    let queue_tabs = tabs(
        &here,
        "queue",
        &shown.queue,
        &[
            ("", "All"),
            ("waiting", "Waiting"),
            ("batched", "In a request"),
            ("parked", "Refused"),
            ("held", "Held back"),
            ("delivered", "Delivered"),
            ("withdrawn", "Not wanted"),
        ],
    );
    let request_tabs = tabs(
        &here,
        "requests",
        &shown.requests,
        &[("", "All"), ("failed", "Failed")],
    );
    let page = Page {
        id: found.id,
        is_default: found.name == "default",
        is_paused: found.mode == domain::Mode::Paused || found.status.paused.is_some(),
        causes: health.causes.iter().map(Cause::new).collect(),
        view: Standing::new(&state, &health),
        queue_newest: (!shown.before.is_empty())
            .then(|| link(&here, [("queue", shown.queue.as_str())]) + "#queue"),
        queue_older: queue.next_cursor.as_deref().map(|cursor| {
            link(&here, [("queue", shown.queue.as_str()), ("before", cursor)]) + "#queue"
        }),
        queue: queue
            .deliveries
            .iter()
            .map(|delivery| {
                let terminal = terminals.get(&delivery.device);
                let terminal = terminal.unwrap_or(&delivery.device).clone();
                QueueRow::new(delivery, terminal, |at| Moment::new(at, now, zone))
            })
            .collect(),
        requests_newest: (!shown.earlier.is_empty())
            .then(|| link(&here, [("requests", shown.requests.as_str())]) + "#requests"),
        requests_older: requests.next_cursor.as_deref().map(|cursor| {
            let places = [("requests", shown.requests.as_str()), ("earlier", cursor)];
            link(&here, places) + "#requests"
        }),
        requests: requests
            .attempts
            .iter()
            .map(|attempt| RequestRow::new(attempt, |at| Moment::new(at, now, zone)))
            .collect(),
        queue_tabs,
        request_tabs,
        start_from: found.filter.start_from.unwrap_or_default(),
        may_change: visit.visitor.may(Role::Admin),
        may_act: visit.visitor.may(Role::Operator),
        shell: Shell::new(&state, visit, Place::Destinations).titled(found.name),
    };
    Ok(Html(StatusCode::OK, page))
}

pub(super) async fn part(
    State(state): State<AppState>,
    _: Fragment,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageProblem> {
    let health = destination_health(&state, &id).await?;
    let view = Standing::new(&state, &health);
    Ok(Html(StatusCode::OK, Part { view }))
}

fn tabs(
    here: &str,
    name: &'static str,
    chosen: &str,
    all: &[(&'static str, &'static str)],
) -> Vec<Tab> {
    all.iter()
        .map(|(value, word)| Tab {
            href: format!("{}#{name}", link(here, [(name, *value)])),
            word,
            current: *value == chosen,
        })
        .collect()
}

impl Standing {
    fn new(state: &AppState, health: &HealthView) -> Self {
        let now = state.clock.now();
        let zone = &state.settings.zone;
        Self {
            card: DestinationCard::new(&health.status, now, zone),
            held_back: health
                .held_back
                .iter()
                // Why it is paused stands above.
                .filter(|held| !matches!(held.code, "shut" | "paused"))
                .map(|held: &HeldBackView| Held {
                    text: sentence_of(&held.message),
                    until: held.until.map(|at| Moment::planned(at, now, zone)),
                })
                .collect(),
            works: health
                .works
                .iter()
                .filter(|work| work.finished_at.is_none())
                .map(told)
                .collect(),
            next_run: health.next_run_at.map(|at| Moment::planned(at, now, zone)),
            largest_batch: health.largest_batch,
        }
    }
}

fn told(work: &QueueWorkView) -> String {
    let touched = count(work.touched, "punch", "punches");
    match work.kind {
        storage::QueueWorkKind::History => {
            format!(
                "Past punches are being queued: {}%, {touched} so far.",
                work.percent
            )
        }
        storage::QueueWorkKind::Withdraw | storage::QueueWorkKind::WithdrawHeld => format!(
            "What is not wanted any more is being withdrawn: {}%, {touched} so far.",
            work.percent
        ),
    }
}

impl Cause {
    fn new(view: &CauseView) -> Self {
        let reason = view.reason.clone().unwrap_or_default();
        let cause = view.cause.clone().unwrap_or_default();
        Self {
            text: sentence_of(if reason.is_empty() { &cause } else { &reason }),
            count: count(view.count, "punch", "punches"),
            code: cause,
            reason,
        }
    }
}

impl QueueRow {
    fn new(
        delivery: &DeliveryView,
        terminal: String,
        moment: impl Fn(jiff::Timestamp) -> Moment,
    ) -> Self {
        let reason = delivery.reason.as_deref().map(sentence_of);
        let (pill, why) = match delivery.state {
            DeliveryState::Held => (
                Pill::new(Tone::Warn, "Held back"),
                Some(match delivery.cause.as_deref() {
                    Some("unmapped") => "Nobody is known behind this user id yet.".to_owned(),
                    Some(_) | None => "Its time cannot be right.".to_owned(),
                }),
            ),
            DeliveryState::Waiting if delivery.due_at.is_some() => {
                (Pill::new(Tone::Warn, "Tried again"), reason)
            }
            DeliveryState::Waiting => (Pill::new(Tone::Busy, "Waiting"), reason),
            DeliveryState::Batched => (Pill::new(Tone::Busy, "In a request"), reason),
            DeliveryState::Delivered => (Pill::new(Tone::Good, "Delivered"), reason),
            DeliveryState::Parked => (Pill::new(Tone::Bad, "Refused"), reason),
            DeliveryState::Withdrawn => (Pill::new(Tone::Idle, "Not wanted"), reason),
        };
        Self {
            id: delivery.id,
            href: punch_path(delivery.punch),
            name: delivery.name.clone(),
            user_id: delivery.user_id.clone(),
            time: delivery.timestamp.clone(),
            terminal,
            pill,
            why: why.unwrap_or_default(),
            when: delivery.due_at.or(delivery.done_at).map(moment),
        }
    }

    /// May be sent again on purpose.
    fn may_go_again(&self) -> bool {
        matches!(self.pill.tone, Tone::Bad | Tone::Idle) || self.pill.word == "Delivered"
    }
}

impl RequestRow {
    pub(super) fn new(attempt: &AttemptView, moment: impl Fn(jiff::Timestamp) -> Moment) -> Self {
        Self {
            href: format!("{}/attempts/{}", path(attempt.destination), attempt.id),
            pill: class_pill(&attempt.class),
            what: match attempt.kind {
                storage::AttemptKind::Delivery => {
                    count(u64::from(attempt.records), "record", "records")
                }
                storage::AttemptKind::Probe => "Probe".to_owned(),
                storage::AttemptKind::Test => "Test".to_owned(),
            },
            answer: match (attempt.status, &attempt.error) {
                (Some(status), None) => status.to_string(),
                (_, Some(error)) => sentence_of(error),
                (None, None) => String::new(),
            },
            took: attempt
                .duration_ms
                .map(|took| format!("{took} ms"))
                .unwrap_or_default(),
            next: attempt.next_at.map(&moment),
            at: moment(attempt.at),
        }
    }
}

/// What came of a request, in a word.
pub(super) fn class_pill(class: &str) -> Pill {
    match class {
        "delivered" => Pill::new(Tone::Good, "Taken"),
        "partly" => Pill::new(Tone::Warn, "Taken in part"),
        "sending" => Pill::new(Tone::Busy, "Being sent"),
        "interrupted" => Pill::new(Tone::Warn, "Cut off"),
        "not_reached" => Pill::new(Tone::Bad, "Not reached"),
        "no_answer" => Pill::new(Tone::Bad, "No answer"),
        "error_inside" => Pill::new(Tone::Bad, "Error inside"),
        "later" => Pill::new(Tone::Warn, "Later, it says"),
        "server_error" => Pill::new(Tone::Bad, "Its own error"),
        "too_large" => Pill::new(Tone::Warn, "Too large"),
        "already_there" => Pill::new(Tone::Good, "There already"),
        "conflict" => Pill::new(Tone::Warn, "Known already"),
        "refused" => Pill::new(Tone::Bad, "Refused"),
        "unauthorized" => Pill::new(Tone::Bad, "Not let in"),
        "redirected" => Pill::new(Tone::Bad, "Sent elsewhere"),
        "gone" => Pill::new(Tone::Bad, "Gone for good"),
        other => Pill::new(Tone::Bad, other.replace('_', " ")),
    }
}

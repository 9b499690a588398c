//! One punch: whose it is, and where it stands on its way to each destination, and why.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};

use crate::{
    AppState,
    actions::{ExplanationView, PunchName, PunchView, destinations, device, explain, punch},
    input::row_id,
    problem::Problem,
    ui::{
        frame::{Html, Moment, PageProblem, Pill, Place, Shell, Tone, sentence_of},
        overview::odd,
        session::Visit,
        words::link,
    },
};

#[derive(Template)]
#[template(path = "punch.html")]
struct PunchPage {
    shell: Shell,
    punch: PunchView,
    odd: Option<Pill>,
    terminal: String,
    device: i64,
    zone: String,
    stored: Moment,
    source: &'static str,
    person: Option<(String, String)>,
    /// The other punches of the user id.
    others: String,
    ways: Vec<Way>,
}

/// Where it stands with one destination.
pub(super) struct Way {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) pill: Pill,
    pub(super) why: String,
    /// What keeps back all that waits there.
    pub(super) held_back: Vec<String>,
    pub(super) done: Option<Moment>,
    pub(super) next: Option<Moment>,
    pub(super) tries: u32,
}

pub(in crate::ui) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageProblem> {
    let number = row_id(&id, || Problem::NotFound {
        code: "unknown_punch",
        message: format!("there is no punch {id:?}"),
    })?;
    let found = punch(&state, number).await?;
    let (now, zone) = (state.clock.now(), &state.settings.zone);
    let mut ways = Vec::new();
    for destination in destinations(&state).await? {
        let name = destination.id.to_string();
        let explained = explain(&state, &name, &PunchName::Number(number)).await?;
        let href = format!("/destinations/{name}");
        ways.push(Way::new(href, destination.name, &explained, |at| {
            Moment::new(at, now, zone)
        }));
    }
    let terminal = device(&state, &found.device.to_string()).await?;
    let user_id = found.punch.user_id.as_str();
    let page = PunchPage {
        shell: Shell::new(&state, visit, Place::Punches).titled(format!(
            "{} {}",
            found.punch.timestamp, found.punch.employee_name
        )),
        odd: odd(found.punch.flag),
        device: terminal.id,
        terminal: terminal.name,
        zone: found.zone,
        stored: Moment::new(found.stored_at, now, zone),
        source: source(found.punch.source),
        person: found.person.map(|person| {
            let words = format!("{} ({})", person.name, person.employee_number);
            (format!("/people/{}", person.id), words)
        }),
        others: link(
            "/punches",
            [
                ("emp_no", user_id),
                ("device", found.device.to_string().as_str()),
            ],
        ),
        punch: found.punch,
        ways,
    };
    Ok(Html(StatusCode::OK, page))
}

/// By which way it came.
fn source(word: &str) -> &'static str {
    match word {
        "pull" => "read from its log",
        "live" => "told as it happened",
        "push" => "sent by the terminal",
        _ => "imported",
    }
}

impl Way {
    pub(super) fn new(
        href: String,
        name: String,
        explained: &ExplanationView,
        moment: impl Fn(jiff::Timestamp) -> Moment,
    ) -> Self {
        let delivery = explained.delivery.as_ref();
        let waits = matches!(explained.standing, "waiting" | "own_schedule" | "batched");
        Self {
            href,
            name,
            pill: pill(explained.standing),
            why: sentence_of(&explained.message),
            held_back: explained
                .held_back
                .iter()
                .filter(|_| waits)
                .map(|held| sentence_of(&held.message))
                .collect(),
            done: delivery.and_then(|delivery| delivery.done_at).map(&moment),
            next: delivery.and_then(|delivery| delivery.due_at).map(moment),
            tries: delivery.map_or(0, |delivery| delivery.tries),
        }
    }
}

fn pill(standing: &str) -> Pill {
    match standing {
        "delivered" => Pill::new(Tone::Good, "Delivered"),
        "waiting" => Pill::new(Tone::Busy, "Waiting"),
        "batched" => Pill::new(Tone::Busy, "In a request"),
        "own_schedule" => Pill::new(Tone::Warn, "Tried again"),
        "held" | "unmapped" => Pill::new(Tone::Warn, "Held back"),
        "parked" => Pill::new(Tone::Bad, "Refused"),
        "past" => Pill::new(Tone::Idle, "Not queued"),
        _ => Pill::new(Tone::Idle, "Not wanted"),
    }
}

use domain::{LocalTime, Terminal};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::devices::{self, correct_over, policy_word},
    problem::Problem,
};

/// A terminal's clock beside ours.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ClockView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    /// Terminal clock minus server clock, in seconds, as last measured; null where it was not, or shows no time.
    #[schema(example = -2)]
    pub(crate) offset: Option<i64>,
    /// What it should show now: the wall clock of its zone.
    #[schema(example = "2026-11-23 09:00:00")]
    pub(crate) should_show: String,
    /// What it shows now, by its offset.
    #[schema(example = "2026-11-23 08:59:58")]
    pub(crate) shows: Option<String>,
    /// The zone of its clock.
    #[schema(example = "Asia/Karachi")]
    pub(crate) zone: String,
    /// `measure`: it is measured at every contact and shown; `correct`: it is also set.
    #[schema(example = "measure")]
    pub(crate) policy: &'static str,
    /// Seconds over which it is set.
    #[schema(example = 30)]
    pub(crate) correct_over: Option<u32>,
    /// The last contact, which measured it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) measured_at: Option<Timestamp>,
}

/// How a terminal's clock stood at its last contact.
pub(crate) async fn clock(state: &AppState, device: &str) -> Result<ClockView, Problem> {
    let terminal = devices::find(state, device).await?;
    Ok(view(state, &terminal))
}

/// Sets the clock to the wall clock of its zone, and measures it again.
pub(crate) async fn set_clock(state: &AppState, device: &str) -> Result<ClockView, Problem> {
    let terminal = devices::open(state, device).await?;
    state.collector.set_clock(terminal.id).await?;
    Ok(view(state, &terminal))
}

/// The zone of a terminal's own clock, with its name.
pub(super) fn zone_of(state: &AppState, terminal: &Terminal) -> (TimeZone, String) {
    terminal
        .zone
        .as_deref()
        .and_then(|name| Some((TimeZone::get(name).ok()?, name.to_owned())))
        .unwrap_or_else(|| {
            (
                state.settings.zone.clone(),
                state.settings.zone_name.clone(),
            )
        })
}

fn view(state: &AppState, terminal: &Terminal) -> ClockView {
    let health = devices::status(state, terminal).health;
    let (zone, zone_name) = zone_of(state, terminal);
    let ours = LocalTime::at(state.clock.now(), &zone);
    let offset = health.clock_offset_secs;
    ClockView {
        device: terminal.id.0,
        offset,
        should_show: ours.to_string(),
        shows: offset
            .and_then(|secs| ours.checked_add(SignedDuration::from_secs(secs)))
            .map(|theirs| theirs.to_string()),
        zone: zone_name,
        policy: policy_word(terminal.clock_policy),
        correct_over: correct_over(terminal.clock_policy),
        measured_at: health.last_contact_at,
    }
}

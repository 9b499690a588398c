//! The overview: is everything delivered, how are the terminals, who punched just now.

mod alarm_row;
mod cards;
mod punch_row;
#[cfg(test)]
mod tests;
mod verdict;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use domain::LocalTime;
use storage::PunchFilter;

use self::{alarm_row::AlarmRow, cards::DeliveryCard, verdict::Verdict};
use super::{
    activity::NoticeRow,
    fleet::Glance,
    frame::{Html, PageProblem, Place, Shell},
    session::{Fragment, Visit},
};
use crate::{
    AppState,
    actions::{labels, notices, punch_views, standings, sync_status},
};

pub(super) use cards::{DeliveryCard as DestinationCard, TerminalCard, terminal_pill};
pub(super) use punch_row::{PunchRow, odd, punch_path, terminal_names};

const PUNCHES: u32 = 12;
const NOTICES: u32 = 6;
/// Cards, where there are many terminals.
const TERMINALS: usize = 6;

/// What changes while somebody looks.
struct Overview {
    verdict: Verdict,
    terminals: Vec<TerminalCard>,
    /// What is said of those that are not shown.
    other_terminals: Option<String>,
    feed: Vec<PunchRow>,
    shows_sent: bool,
    /// Punches in the ledger.
    stored: String,
    destinations: Vec<DeliveryCard>,
    alarms: Vec<AlarmRow>,
    notices: Vec<NoticeRow>,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    shell: Shell,
    view: Overview,
}

#[derive(Template)]
#[template(path = "parts/overview.html")]
struct OverviewPart {
    view: Overview,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
) -> Result<impl IntoResponse, PageProblem> {
    let view = Overview::load(&state).await?;
    Ok(Html(
        StatusCode::OK,
        OverviewPage {
            shell: Shell::new(&state, visit, Place::Overview),
            view,
        },
    ))
}

pub(super) async fn part(
    State(state): State<AppState>,
    _: Fragment,
) -> Result<impl IntoResponse, PageProblem> {
    Ok(Html(
        StatusCode::OK,
        OverviewPart {
            view: Overview::load(&state).await?,
        },
    ))
}

impl Overview {
    async fn load(state: &AppState) -> Result<Self, PageProblem> {
        let now = state.clock.now();
        let zone = &state.settings.zone;
        let status = sync_status(state, None).await?;
        // Without counting them all, which the status has done.
        let punches = state
            .store
            .latest_punches(&PunchFilter::default(), None, PUNCHES)
            .await?;
        let punches = punch_views(&state.store, punches, &labels(state).await?).await?;
        let standings = standings(state, &punches).await?;
        let notices = notices(state, None, NOTICES).await?;
        let names = terminal_names(&status.devices);
        let glance = Glance::of(&status.devices, TERMINALS);
        let today = LocalTime::at(now, zone).date();
        Ok(Self {
            verdict: Verdict::of(&status, now),
            terminals: glance
                .shown
                .iter()
                .map(|device| TerminalCard::new(device, now, zone))
                .collect(),
            other_terminals: glance.others,
            shows_sent: standings.is_some(),
            feed: PunchRow::list(&punches, &names, standings.as_ref())
                .into_iter()
                .map(|row| row.of_today(&today))
                .collect(),
            stored: status.records.to_string(),
            destinations: status
                .destinations
                .iter()
                .map(|destination| DeliveryCard::new(destination, now, zone))
                .collect(),
            alarms: status.alarms.iter().map(AlarmRow::new).collect(),
            notices: notices
                .notices
                .iter()
                .map(|notice| NoticeRow::new(notice, now, zone))
                .collect(),
        })
    }
}

//! The sync status: how reading and delivering stand, what was read when, what was refused and why.

mod rows;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use domain::{DestinationId, OutboxId};
use serde::Deserialize;

use self::rows::{RefusedRow, RunRow, TerminalRow};
use super::{
    fleet::Glance,
    frame::{Html, PageProblem, Place, Shell},
    overview::DestinationCard,
    session::{Fragment, Visit},
    words::link,
};
use crate::{
    AppState,
    actions::{SyncStatus, notices, runs, sync_status},
    input::Query,
};

pub(super) use rows::NoticeRow;

const RUNS: u32 = 20;
const REFUSED: u32 = 20;
const NOTICES: u32 = 15;
/// Rows, where there are many terminals.
const TERMINALS: usize = 30;

/// Where in the three lists the page stands; empty is the newest end.
#[derive(Deserialize, Default)]
pub(super) struct Places {
    #[serde(default)]
    runs: String,
    #[serde(default)]
    refused: String,
    #[serde(default)]
    notices: String,
}

/// What changes while somebody looks.
struct Standing {
    terminals: Vec<TerminalRow>,
    /// What is said of those that are not shown.
    other_terminals: Option<String>,
    destinations: Vec<DestinationCard>,
}

#[derive(Template)]
#[template(path = "sync_status.html")]
struct ActivityPage {
    shell: Shell,
    view: Standing,
    runs: Listing<RunRow>,
    refused: Listing<RefusedRow>,
    notices: Listing<NoticeRow>,
}

#[derive(Template)]
#[template(path = "parts/standing.html")]
struct StandingPart {
    view: Standing,
}

/// Some rows of a longer list.
struct Listing<T> {
    rows: Vec<T>,
    newest: Option<String>,
    older: Option<String>,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(places): Query<Places>,
) -> Result<impl IntoResponse, PageProblem> {
    let status = sync_status(&state, None).await?;
    let page = ActivityPage {
        runs: run_list(&state, &status, &places).await?,
        refused: refused_list(&state, &status, &places).await?,
        notices: notice_list(&state, &places).await?,
        view: Standing::new(&state, &status),
        shell: Shell::new(&state, visit, Place::Activity),
    };
    Ok(Html(StatusCode::OK, page))
}

pub(super) async fn part(
    State(state): State<AppState>,
    _: Fragment,
) -> Result<impl IntoResponse, PageProblem> {
    let status = sync_status(&state, None).await?;
    Ok(Html(
        StatusCode::OK,
        StandingPart {
            view: Standing::new(&state, &status),
        },
    ))
}

impl Standing {
    fn new(state: &AppState, status: &SyncStatus) -> Self {
        let now = state.clock.now();
        let zone = &state.settings.zone;
        let glance = Glance::of(&status.devices, TERMINALS);
        Self {
            terminals: glance
                .shown
                .iter()
                .map(|device| TerminalRow::new(device, now, zone))
                .collect(),
            other_terminals: glance.others,
            destinations: status
                .destinations
                .iter()
                .map(|destination| DestinationCard::new(destination, now, zone))
                .collect(),
        }
    }
}

async fn run_list(
    state: &AppState,
    status: &SyncStatus,
    places: &Places,
) -> Result<Listing<RunRow>, PageProblem> {
    let now = state.clock.now();
    let page = runs(state, None, before(&places.runs), RUNS).await?;
    Ok(Listing {
        rows: page
            .runs
            .iter()
            .map(|run| RunRow::new(run, &status.devices, now, &state.settings.zone))
            .collect(),
        newest: newest(&places.runs, "#runs"),
        older: page
            .next_cursor
            .map(|cursor| link("/sync-status", [("runs", cursor.as_str())]) + "#runs"),
    })
}

async fn refused_list(
    state: &AppState,
    status: &SyncStatus,
    places: &Places,
) -> Result<Listing<RefusedRow>, PageProblem> {
    let Some(destination) = status.destinations.first() else {
        return Ok(Listing {
            rows: Vec::new(),
            newest: None,
            older: None,
        });
    };
    let now = state.clock.now();
    let records = state
        .store
        .parked(
            DestinationId(destination.id),
            before(&places.refused).map(OutboxId),
            REFUSED,
        )
        .await?;
    let full = u32::try_from(records.len()).is_ok_and(|length| length == REFUSED);
    let older = records
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    Ok(Listing {
        rows: records
            .iter()
            .map(|record| RefusedRow::new(record, &status.devices, now, &state.settings.zone))
            .collect(),
        newest: newest(&places.refused, "#refused"),
        older: older
            .map(|cursor| link("/sync-status", [("refused", cursor.as_str())]) + "#refused"),
    })
}

async fn notice_list(state: &AppState, places: &Places) -> Result<Listing<NoticeRow>, PageProblem> {
    let now = state.clock.now();
    let page = notices(state, before(&places.notices), NOTICES).await?;
    Ok(Listing {
        rows: page
            .notices
            .iter()
            .map(|notice| NoticeRow::new(notice, now, &state.settings.zone))
            .collect(),
        newest: newest(&places.notices, "#notices"),
        older: page
            .next_cursor
            .map(|cursor| link("/sync-status", [("notices", cursor.as_str())]) + "#notices"),
    })
}

/// The row before which the list goes on; anything that is no row number is the newest end.
fn before(place: &str) -> Option<i64> {
    place.parse().ok()
}

fn newest(place: &str, anchor: &str) -> Option<String> {
    before(place).map(|_| format!("/sync-status{anchor}"))
}

//! Destinations: who gets which punches, how, and how that stands.

mod deeds;
mod filter;
mod health;
mod look_ahead;
pub(crate) mod schema;
mod view;
mod wish;

use domain::{Destination, DestinationId};

use crate::{AppState, actions::sync::DestinationStatus, problem::Problem};

pub(crate) use self::{
    deeds::{
        PreviewView, PreviewWish, ReplayWish, ReplayedView, TestView, pause_destination,
        preview_request, queue_past, replay, resume_destination, test_destination,
    },
    filter::{FilterWish, MatchView, count_matching},
    health::{CauseView, HealthView, QueueWorkView, destination_health},
    look_ahead::{
        DryRunView, ExplanationView, HeldBackView, PunchName, dry_run, explain, held_back_views,
    },
    view::{DestinationSavedView, DestinationView},
    wish::{DestinationWish, History},
};

/// Every destination with its settings and how it stands, by id.
pub(crate) async fn destinations(state: &AppState) -> Result<Vec<DestinationView>, Problem> {
    let mut views = Vec::new();
    for destination in state.store.destinations().await? {
        views.push(viewed(state, destination).await?);
    }
    Ok(views)
}

/// One destination, by id or name.
pub(crate) async fn destination(state: &AppState, name: &str) -> Result<DestinationView, Problem> {
    viewed(state, named(state, name).await?).await
}

/// Adds a destination.
pub(crate) async fn add_destination(
    state: &AppState,
    wish: DestinationWish,
    history: &History,
) -> Result<DestinationView, Problem> {
    let new = wish.addition(state, history).await?;
    viewed(state, state.delivery.create_destination(new).await?).await
}

/// Changes one, and withdraws what it does not want any more.
pub(crate) async fn change_destination(
    state: &AppState,
    name: &str,
    wish: DestinationWish,
) -> Result<DestinationSavedView, Problem> {
    let before = named(state, name).await?;
    let change = wish.change(state, &before).await?;
    let saved = state.delivery.update_destination(before.id, change).await?;
    Ok(DestinationSavedView {
        destination: viewed(state, saved.destination).await?,
        withdrawn: saved.withdrawn,
        in_doubt: saved.in_doubt,
    })
}

/// Removes one with its queue; gives what it was.
pub(crate) async fn remove_destination(
    state: &AppState,
    name: &str,
) -> Result<DestinationView, Problem> {
    let destination = named(state, name).await?;
    let id = destination.id;
    let last = viewed(state, destination).await?;
    state.delivery.delete_destination(id).await?;
    Ok(last)
}

/// The destination that a path or a query names, by id or name.
pub(crate) async fn named(state: &AppState, name: &str) -> Result<Destination, Problem> {
    let name = name.trim();
    if let Ok(id) = name.parse()
        && let Some(found) = state.store.destination(DestinationId(id)).await?
    {
        return Ok(found);
    }
    state
        .store
        .destinations()
        .await?
        .into_iter()
        .find(|destination| destination.name == name)
        .ok_or_else(|| Problem::NotFound {
            code: "unknown_destination",
            message: format!(
                "no destination is known as {name:?}; give the id or the name of one that GET /api/v1/destinations lists"
            ),
        })
}

/// The destination that is meant where `name` may be left out: the only one there is.
pub(crate) async fn named_or_only(
    state: &AppState,
    name: Option<&str>,
) -> Result<Destination, Problem> {
    if let Some(name) = name {
        return named(state, name).await;
    }
    let mut all = state.store.destinations().await?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(Problem::invalid(
            "there are several destinations; say which one, as in destination=1",
        )),
        (None, _) => Err(Problem::NotFound {
            code: "unknown_destination",
            message: "there is no destination yet; add one with POST /api/v1/destinations"
                .to_owned(),
        }),
    }
}

async fn viewed(state: &AppState, destination: Destination) -> Result<DestinationView, Problem> {
    let counts = state.store.outbox_counts(destination.id).await?;
    let status = DestinationStatus::new(destination.clone(), &counts);
    DestinationView::new(destination, status)
}

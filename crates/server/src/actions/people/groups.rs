use domain::PinGroupId;
use serde::Serialize;
use storage::PinGroup;
use utoipa::ToSchema;

use super::moment;
use crate::{AppState, actions::needed, problem::Problem};

/// Devices that share their PINs: a PIN is the same person at all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PinGroupView {
    pub(crate) id: i64,
    #[schema(example = "Warehouse")]
    pub(crate) name: String,
    /// Those of now and those of before.
    pub(crate) members: Vec<PinGroupMemberView>,
}

/// A device's time in a group, on its own clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PinGroupMemberView {
    pub(crate) device: i64,
    pub(crate) valid_from: Option<String>,
    /// Null: it is a member.
    pub(crate) valid_until: Option<String>,
}

pub(crate) async fn pin_groups(state: &AppState) -> Result<Vec<PinGroupView>, Problem> {
    let groups = state.store.pin_groups().await?;
    Ok(groups.into_iter().map(PinGroupView::from).collect())
}

pub(crate) async fn add_pin_group(state: &AppState, name: &str) -> Result<PinGroupView, Problem> {
    let id = state
        .store
        .create_pin_group(name, state.clock.now())
        .await?;
    group(state, id.0).await
}

pub(crate) async fn rename_pin_group(
    state: &AppState,
    id: i64,
    name: &str,
) -> Result<PinGroupView, Problem> {
    state.store.rename_pin_group(PinGroupId(id), name).await?;
    group(state, id).await
}

pub(crate) async fn remove_pin_group(state: &AppState, id: i64) -> Result<PinGroupView, Problem> {
    let removed = group(state, id).await?;
    state.store.delete_pin_group(PinGroupId(id)).await?;
    Ok(removed)
}

/// From a time on a device's PINs mean what they mean in the group; gives how many records go by that.
pub(crate) async fn join_pin_group(
    state: &AppState,
    id: i64,
    device: &str,
    from: Option<&str>,
    by: &str,
) -> Result<(PinGroupView, u64), Problem> {
    let terminal = needed(state, Some(device)).await?;
    let from = moment("valid_from", from)?;
    let released = state
        .store
        .join_pin_group(PinGroupId(id), terminal.id, from, by, state.clock.now())
        .await?;
    state.delivery.wake();
    Ok((group(state, id).await?, released))
}

/// `None`: it never was in the group.
pub(crate) async fn leave_pin_group(
    state: &AppState,
    id: i64,
    device: &str,
    until: Option<&str>,
    by: &str,
) -> Result<PinGroupView, Problem> {
    let terminal = needed(state, Some(device)).await?;
    let until = moment("until", until)?;
    state
        .store
        .leave_pin_group(PinGroupId(id), terminal.id, until, by, state.clock.now())
        .await?;
    group(state, id).await
}

async fn group(state: &AppState, id: i64) -> Result<PinGroupView, Problem> {
    pin_groups(state)
        .await?
        .into_iter()
        .find(|group| group.id == id)
        .ok_or_else(|| Problem::NotFound {
            code: "unknown_pin_group",
            message: format!("there is no group {id}; GET /api/v1/pin-groups lists all"),
        })
}

impl From<PinGroup> for PinGroupView {
    fn from(group: PinGroup) -> Self {
        Self {
            id: group.id.0,
            name: group.name,
            members: group
                .members
                .into_iter()
                .map(|member| PinGroupMemberView {
                    device: member.terminal.0,
                    valid_from: member.validity.from.map(|time| time.to_string()),
                    valid_until: member.validity.until.map(|time| time.to_string()),
                })
                .collect(),
        }
    }
}

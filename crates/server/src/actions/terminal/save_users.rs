//! Many users, saved in one conversation.

use collector::{CommandError, SavedUser, UserChange};
use domain::Secret;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{
        devices,
        users::{pin, word},
    },
    problem::Problem,
};

/// Most users of one request.
const MOST: usize = 20_000;

/// A user to add, or what to change of one; `None` keeps what the terminal has.
#[derive(Debug, Clone)]
pub(crate) struct UserRow {
    pub(crate) user_id: String,
    pub(crate) name: Option<String>,
    pub(crate) privilege: Option<u8>,
    pub(crate) password: Option<Secret<String>>,
    pub(crate) card: Option<u32>,
    pub(crate) group_id: Option<String>,
}

/// What became of one of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SavedRow {
    /// Its place in the list, counted from 1.
    #[schema(example = 1)]
    pub(crate) row: usize,
    #[schema(example = "123")]
    pub(crate) user_id: String,
    /// `added`, `updated`, `unchanged` or `failed`
    #[schema(example = "added")]
    pub(crate) result: &'static str,
    /// What is not as it was asked for; for people.
    pub(crate) warning: Option<String>,
    /// Why it failed: a stable word, and a text.
    pub(crate) code: Option<&'static str>,
    pub(crate) reason: Option<String>,
}

/// What saving them came to; what one meets does not stop the others.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SavedUsersView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    pub(crate) dry_run: bool,
    #[schema(example = 1)]
    pub(crate) added: usize,
    #[schema(example = 0)]
    pub(crate) updated: usize,
    #[schema(example = 0)]
    pub(crate) unchanged: usize,
    #[schema(example = 0)]
    pub(crate) failed: usize,
    pub(crate) users: Vec<SavedRow>,
}

/// Saves users on a terminal. `rows` are as read, with what is wrong with those that cannot be.
pub(crate) async fn save_users(
    state: &AppState,
    device: &str,
    rows: Vec<(String, Result<UserRow, Problem>)>,
    dry_run: bool,
) -> Result<SavedUsersView, Problem> {
    if rows.is_empty() || rows.len() > MOST {
        return Err(Problem::invalid(format!(
            "users must be a list of 1 to {MOST} users, as in {{\"users\": [{{\"user_id\": \"123\", \"name\": \"Jane\"}}]}}"
        )));
    }
    let terminal = devices::open(state, device).await?;
    let mut users = Vec::with_capacity(rows.len());
    let (mut places, mut changes) = (Vec::new(), Vec::new());
    for (index, (user_id, row)) in rows.into_iter().enumerate() {
        let change = row.and_then(change);
        users.push(SavedRow {
            row: index + 1,
            user_id,
            result: "failed",
            warning: None,
            code: change.as_ref().err().map(Problem::code),
            reason: change.as_ref().err().map(ToString::to_string),
        });
        if let Ok(change) = change {
            places.push(index);
            changes.push(change);
        }
    }
    if !changes.is_empty() {
        let results = state
            .collector
            .save_users(terminal.id, changes, dry_run)
            .await?;
        for (place, result) in places.into_iter().zip(results) {
            if let Some(user) = users.get_mut(place) {
                user.settle(result);
            }
        }
    }
    let count = |result| users.iter().filter(|user| user.result == result).count();
    Ok(SavedUsersView {
        device: terminal.id.0,
        dry_run,
        added: count("added"),
        updated: count("updated"),
        unchanged: count("unchanged"),
        failed: count("failed"),
        users,
    })
}

fn change(row: UserRow) -> Result<UserChange, Problem> {
    Ok(UserChange {
        pin: pin(&row.user_id)?,
        name: row.name,
        privilege: row.privilege,
        password: row.password,
        card: row.card,
        group: row.group_id,
    })
}

impl SavedRow {
    fn settle(&mut self, result: Result<SavedUser, CommandError>) {
        match result {
            Ok(saved) => {
                self.result = word(saved.saved);
                self.warning = saved.warning;
            }
            Err(error) => {
                self.code = Some(error.code());
                self.reason = Some(error.to_string());
            }
        }
    }
}

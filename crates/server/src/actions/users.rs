use collector::{Deleted, Saved, UserChange};
use domain::{Enrolment, Pin, Secret, Terminal};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{chosen, devices, needed},
    problem::Problem,
};

/// A user on a terminal. Passwords are never shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UserView {
    /// Leading zeros count.
    #[schema(example = "123")]
    pub(crate) user_id: String,
    #[schema(example = "John Doe")]
    pub(crate) name: String,
    /// 0 user, 14 administrator; other numbers are the terminal's own roles.
    #[schema(example = 0)]
    pub(crate) privilege: u8,
    /// 0: none
    pub(crate) card: u32,
    #[schema(example = "1")]
    pub(crate) group_id: String,
    pub(crate) has_password: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UserList {
    pub(crate) users: Vec<UserView>,
    pub(crate) count: usize,
    /// The terminal did not answer at its last contact: it may have other users by now.
    pub(crate) stale: bool,
    /// When the users were last read from the terminal.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_sync: Option<Timestamp>,
    /// The terminal's id; null while none is registered.
    pub(crate) device: Option<i64>,
}

/// A user to add, or what to change of one; `None` keeps what the terminal has.
#[derive(Debug, Clone)]
pub(crate) struct UserWish {
    pub(crate) user_id: String,
    pub(crate) name: Option<String>,
    /// See [`privilege`].
    pub(crate) privilege: Option<u8>,
    pub(crate) password: Option<Secret<String>>,
    pub(crate) card: Option<u32>,
    pub(crate) group_id: Option<String>,
    pub(crate) device: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SavedUserView {
    pub(crate) user_id: String,
    /// `added`, `updated` or `unchanged`
    #[schema(example = "added")]
    pub(crate) result: &'static str,
    /// What is not as it was asked for, as a name that was too long; for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warning: Option<String>,
    /// The terminal's id.
    pub(crate) device: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeletedView {
    pub(crate) user_id: String,
    /// `deleted`, or `absent` when no terminal had them.
    #[schema(example = "deleted")]
    pub(crate) result: &'static str,
    /// The ids of the terminals that do not have them any more.
    pub(crate) devices: Vec<i64>,
}

/// The users of a terminal, as last read from it; none while no terminal is registered.
pub(crate) async fn users(state: &AppState, device: Option<&str>) -> Result<UserList, Problem> {
    let Some(terminal) = chosen(state, device).await? else {
        return Ok(UserList {
            users: Vec::new(),
            count: 0,
            stale: true,
            last_sync: None,
            device: None,
        });
    };
    let users: Vec<UserView> = state
        .store
        .enrolments(terminal.id)
        .await?
        .into_iter()
        .map(UserView::from)
        .collect();
    let standing = devices::status(state, &terminal);
    let lags = devices::is_stale(&standing) || standing.health.users_read_at.is_none();
    Ok(UserList {
        count: users.len(),
        users,
        stale: lags,
        last_sync: standing.health.users_read_at,
        device: Some(terminal.id.0),
    })
}

/// Adds a user to a terminal, or changes one in place.
pub(crate) async fn save_user(state: &AppState, wish: UserWish) -> Result<SavedUserView, Problem> {
    let pin = pin(&wish.user_id)?;
    let terminal = needed(state, wish.device.as_deref()).await?;
    let change = UserChange {
        pin: pin.clone(),
        name: wish.name,
        privilege: wish.privilege,
        password: wish.password,
        card: wish.card,
        group: wish.group_id,
    };
    let saved = state.collector.save_user(terminal.id, change).await?;
    Ok(SavedUserView {
        user_id: pin.into(),
        result: word(saved.saved),
        warning: saved.warning,
        device: terminal.id.0,
    })
}

/// Deletes a user from one terminal, or from `all`; the ledger keeps the person's punches. To delete somebody who is
/// not there is a success.
pub(crate) async fn delete_user(
    state: &AppState,
    user_id: &str,
    device: Option<&str>,
    force: bool,
) -> Result<DeletedView, Problem> {
    let pin = pin(user_id)?;
    let terminals = if device.is_some_and(|device| device.trim().eq_ignore_ascii_case("all")) {
        state
            .store
            .terminals()
            .await?
            .into_iter()
            .filter(|terminal| terminal.closed_at.is_none())
            .collect()
    } else {
        Vec::new()
    };
    let terminals = if terminals.is_empty() {
        let device = device.filter(|device| !device.trim().eq_ignore_ascii_case("all"));
        vec![needed(state, device).await?]
    } else {
        terminals
    };
    let results = join_all(
        terminals
            .iter()
            .map(|terminal| state.collector.delete_user(terminal.id, pin.clone(), force)),
    )
    .await;
    let mut deleted = false;
    let mut failures = Vec::new();
    for (terminal, result) in terminals.iter().zip(results) {
        match result {
            Ok(Deleted::Gone) => deleted = true,
            Ok(Deleted::WasAbsent) => {}
            Err(error) => failures.push((terminal, Problem::from(error))),
        }
    }
    if !failures.is_empty() {
        return Err(not_everywhere(&terminals, failures));
    }
    Ok(DeletedView {
        user_id: pin.into(),
        result: if deleted { "deleted" } else { "absent" },
        devices: terminals.iter().map(|terminal| terminal.id.0).collect(),
    })
}

/// The first failure, told with the name of its terminal when others were asked too.
fn not_everywhere(all: &[Terminal], failures: Vec<(&Terminal, Problem)>) -> Problem {
    let count = failures.len();
    let told: Vec<String> = failures
        .iter()
        .map(|(terminal, problem)| format!("{}: {problem}", terminal.name))
        .collect();
    let Some((_, first)) = failures.into_iter().next() else {
        return Problem::internal("no failure to tell of");
    };
    if all.len() == 1 {
        return first;
    }
    first.with_message(format!(
        "the user was not deleted from {count} of {} devices; repeat it when they answer. {}",
        all.len(),
        told.join("; ")
    ))
}

/// Reads a privilege as people write it: `user`, `admin`, or the number on the terminal.
pub(crate) fn privilege(text: &str) -> Result<u8, Problem> {
    const ADMIN: u8 = 14;
    match text.trim().to_ascii_lowercase().as_str() {
        "user" => Ok(0),
        "admin" => Ok(ADMIN),
        number => number
            .parse()
            .ok()
            .filter(|privilege| *privilege <= ADMIN + 1)
            .ok_or_else(|| {
                Problem::invalid(format!(
                    "privilege is {text:?}; write \"user\" or 0, \"admin\" or 14"
                ))
            }),
    }
}

pub(super) fn pin(text: &str) -> Result<Pin, Problem> {
    Pin::new(text.trim())
        .map_err(|error| Problem::invalid(format!("user_id cannot be used: {error}")))
}

pub(super) fn word(saved: Saved) -> &'static str {
    match saved {
        Saved::Added => "added",
        Saved::Updated => "updated",
        Saved::Unchanged => "unchanged",
    }
}

impl From<Enrolment> for UserView {
    fn from(person: Enrolment) -> Self {
        Self {
            user_id: person.pin.into(),
            name: person.name,
            privilege: person.privilege,
            card: person.card,
            group_id: person.group_id,
            has_password: person.has_password,
        }
    }
}

use domain::Role;
use jiff::SignedDuration;

use crate::{ApiKeyText, AppState, problem::Problem};

/// Somebody who showed a key, or anybody while none is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) role: Role,
    /// The name of the key.
    pub(crate) name: String,
}

impl Caller {
    /// Everybody on this machine, in open mode.
    pub(crate) fn local() -> Self {
        Self {
            role: Role::Admin,
            name: "this machine".to_owned(),
        }
    }

    pub(crate) fn must_have(self, needed: Role) -> Result<Self, Problem> {
        if self.role < needed {
            Err(Problem::Forbidden {
                needed,
                has: self.role,
            })
        } else {
            Ok(self)
        }
    }
}

/// How exact the time of a key's last use is; each use would be a write otherwise.
const USE_IS_NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Whose key this is. Keys are looked up each time, so that one revoked by another process stops at once.
pub(crate) async fn caller_of(state: &AppState, key: &str) -> Result<Option<Caller>, Problem> {
    let Some(key) = ApiKeyText::parse(key) else {
        return Ok(None);
    };
    let Some(found) = state.store.key_by_hash(&key.hash()).await? else {
        return Ok(None);
    };
    let now = state.clock.now();
    if found
        .last_used_at
        .is_none_or(|last| now.duration_since(last) > USE_IS_NOTED_EVERY)
    {
        // A full disk must not lock people out; that it is full is told elsewhere, once.
        if let Err(error) = state.store.touch_key(found.id, now).await {
            tracing::debug!("the use of a key was not noted: {error}");
        }
    }
    Ok(Some(Caller {
        role: found.role,
        name: found.name,
    }))
}

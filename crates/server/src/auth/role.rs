//! The first argument of a handler says who may call it.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::Role;

use crate::{
    AppState, Auth,
    auth::{Caller, caller_of, credentials::key_in},
    problem::Problem,
};

macro_rules! role {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name(pub(crate) Caller);

        impl FromRequestParts<AppState> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
                Ok(Self(caller(parts, state).await?.must_have(Role::$name)?))
            }
        }
    )+};
}

role! {
    /// Somebody who may read.
    #[expect(dead_code, reason = "who reads is written nowhere")]
    Viewer,
    /// Somebody who may also write users, command terminals and send punches.
    Operator,
    /// Somebody who may do everything.
    Admin,
}

async fn caller(parts: &Parts, state: &AppState) -> Result<Caller, Problem> {
    match state.settings.auth {
        Auth::Open => Ok(Caller::local()),
        Auth::Keys => {
            let key = key_in(&parts.method, &parts.headers).ok_or(Problem::Unauthorized)?;
            caller_of(state, key).await?.ok_or(Problem::Unauthorized)
        }
    }
}

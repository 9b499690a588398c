use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Role;

use super::{Session, flash, token::key_cookie};
use crate::{
    AppState, Auth,
    auth::{Caller, caller_of},
    problem::Problem,
    ui::frame::{Flash, PageProblem, Place},
};

/// Somebody who may see pages.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    caller: Caller,
    session: Session,
}

/// Somebody who opens a page; whoever showed no key is sent to the login.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) visitor: Visitor,
    pub(crate) flash: Option<Flash>,
}

/// A page that fetches a part of itself anew; it has no use for a redirect.
#[derive(Debug)]
pub(crate) struct Fragment;

impl Visit {
    /// The same page once more, for somebody whose form it shows with what is wrong with it.
    pub(crate) fn again(visitor: Visitor) -> Self {
        Self {
            visitor,
            flash: None,
        }
    }
}

impl Visitor {
    /// `None` when the browser has no key, or one that was revoked.
    pub(crate) async fn find(
        state: &AppState,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, Problem> {
        match state.settings.auth {
            Auth::Open => Ok(Some(Self {
                caller: Caller::local(),
                session: Session::open(),
            })),
            Auth::Keys => {
                let Some(key) = key_cookie(headers) else {
                    return Ok(None);
                };
                let caller = caller_of(state, key).await?;
                Ok(caller.map(|caller| Self {
                    caller,
                    session: Session::of_key(key),
                }))
            }
        }
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(crate) fn may(&self, role: Role) -> bool {
        self.caller.role >= role
    }

    /// For what only some may do or see.
    pub(crate) fn must_have(&self, role: Role) -> Result<(), PageProblem> {
        self.caller.clone().must_have(role)?;
        Ok(())
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn token(&self, state: &AppState) -> String {
        self.session.token(&state.form_key)
    }
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        match Visitor::find(state, &parts.headers).await {
            Ok(Some(visitor)) => {
                let flash = flash::read(state, visitor.session(), &parts.headers);
                Ok(Self { visitor, flash })
            }
            Ok(None) => Err(Redirect::to(&login_before(&parts.uri)).into_response()),
            Err(problem) => Err(PageProblem(problem).into_response()),
        }
    }
}

impl FromRequestParts<AppState> for Fragment {
    type Rejection = PageProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageProblem> {
        let visitor = Visitor::find(state, &parts.headers).await?;
        visitor
            .map(|_| Self)
            .ok_or(PageProblem(Problem::Unauthorized))
    }
}

/// The login, which leads on to the page that was asked for when it is one of the navigation.
fn login_before(uri: &Uri) -> String {
    match Place::at(uri.path()) {
        Some(place) if place != Place::Overview => format!("/login?next={}", place.href()),
        Some(_) | None => "/login".to_owned(),
    }
}

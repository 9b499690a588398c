//! The door: an API key, kept in a cookie that no script can read.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{
    frame::{Assets, Html, PageProblem, Place},
    session::{Cookie, NoFields, Posted, Session, Unknown, Visitor, add_cookies, forwarded_https},
};
use crate::{
    AppState,
    auth::{COOKIE, caller_of},
    input::Query,
};

const REMEMBERED_SECS: u32 = 30 * 24 * 60 * 60;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    assets: &'static Assets,
    token: String,
    next: &'static str,
    wrong: Option<&'static str>,
}

#[derive(Deserialize)]
pub(super) struct LoginQuery {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    next: String,
}

/// Where to go after the login; only to a page of ours.
fn place(next: &str) -> Place {
    Place::at(next).unwrap_or(Place::Overview)
}

pub(super) async fn show(
    State(state): State<AppState>,
    Query(query): Query<LoginQuery>,
    headers: HeaderMap,
) -> Result<Response, PageProblem> {
    if Visitor::find(&state, &headers).await?.is_some() {
        return Ok(Redirect::to(place(&query.next).href()).into_response());
    }
    Ok(page(
        &state,
        &headers,
        place(&query.next),
        StatusCode::OK,
        None,
    ))
}

pub(super) async fn log_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    Unknown { token, form }: Unknown<LoginForm>,
) -> Result<Response, PageProblem> {
    let next = place(&form.next);
    let (session, given) = Session::before_login(&state.form_key, &headers, state.clock.now());
    if given.is_some() || !session.is_token(&state.form_key, &token) {
        return Err(PageProblem::stale_form());
    }
    let key = form.key.trim();
    match caller_of(&state, key).await? {
        None => {
            let wrong = "This is no key of this server, or it was revoked. Look for missing characters at its ends.";
            Ok(page(
                &state,
                &headers,
                next,
                StatusCode::UNAUTHORIZED,
                Some(wrong),
            ))
        }
        Some(caller) => {
            tracing::info!(role = %caller.role, "somebody logged in to the pages");
            let mut response = Redirect::to(next.href()).into_response();
            let cookie =
                Cookie::new(COOKIE, key, REMEMBERED_SECS).secure(forwarded_https(&headers));
            add_cookies(&mut response, [cookie]);
            Ok(response)
        }
    }
}

pub(super) async fn log_out(_: Posted<NoFields>) -> Response {
    let mut response = Redirect::to("/login").into_response();
    add_cookies(&mut response, [Cookie::gone(COOKIE)]);
    response
}

fn page(
    state: &AppState,
    headers: &HeaderMap,
    next: Place,
    status: StatusCode,
    wrong: Option<&'static str>,
) -> Response {
    let (session, given) = Session::before_login(&state.form_key, headers, state.clock.now());
    let page = LoginPage {
        assets: Assets::get(),
        token: session.token(&state.form_key),
        next: next.href(),
        wrong,
    };
    let mut response = Html(status, page).into_response();
    add_cookies(&mut response, given);
    response
}

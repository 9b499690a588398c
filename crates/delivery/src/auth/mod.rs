//! How we tell a receiver who we are.

mod oauth;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{KeyPlace, RequestAuth, RequestSpec};

use crate::sign;

pub(crate) use self::oauth::{Token, TokenError, Tokens};

const AUTHORIZATION: &str = "authorization";

/// What is the same in every attempt.
pub(crate) fn headers(auth: &RequestAuth) -> Vec<(String, String)> {
    let (name, value) = match auth {
        RequestAuth::None | RequestAuth::OAuth2 { .. } => return Vec::new(),
        RequestAuth::Basic { username, password } => {
            (AUTHORIZATION, basic(username, password.expose()))
        }
        RequestAuth::Bearer { token } => (AUTHORIZATION, bearer(token.expose())),
        RequestAuth::ApiKey { place, name, key } => match place {
            KeyPlace::Query => return Vec::new(),
            KeyPlace::Header => (name.as_str(), key.expose().clone()),
        },
    };
    vec![(name.to_owned(), value)]
}

/// What people see of it, and of what is added to each attempt.
pub(crate) fn shown_headers(spec: &RequestSpec) -> Vec<(String, String)> {
    let mut shown = match &spec.auth {
        RequestAuth::Basic { .. } => vec![(AUTHORIZATION.to_owned(), "Basic ***".to_owned())],
        RequestAuth::OAuth2 { .. } => vec![(AUTHORIZATION.to_owned(), "Bearer ***".to_owned())],
        other @ (RequestAuth::None | RequestAuth::Bearer { .. } | RequestAuth::ApiKey { .. }) => {
            headers(other)
        }
    };
    if spec.signing.is_some() {
        shown.extend(sign::shown_headers());
    }
    shown
}

pub(crate) fn basic(username: &str, password: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    )
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

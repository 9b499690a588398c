//! While no key is asked for, only pages of this server itself may call: any page that a browser on this machine opens
//! could reach loopback otherwise, directly or through a name that somebody points at 127.0.0.1.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, Uri,
        header::{HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{Auth, problem::Problem};

pub(super) async fn check(State(auth): State<Auth>, request: Request, next: Next) -> Response {
    let foreign = match auth {
        Auth::Keys => None,
        Auth::Open => foreign(request.uri(), request.headers()),
    };
    match foreign {
        Some(message) => Problem::Blocked { message }.into_response(),
        None => next.run(request).await,
    }
}

/// What speaks against a request, `None` when it is from here.
pub(super) fn foreign(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let host = match (uri.authority(), headers.get(HOST)) {
        (Some(authority), _) => authority.as_str(),
        (None, Some(host)) => host.to_str().unwrap_or_default(),
        (None, None) => "",
    };
    if !is_loopback(host) {
        return Some(format!(
            "the server runs without keys, so it answers to names of this machine only, as in http://127.0.0.1:5000, not \
             to {host:?}"
        ));
    }
    let origin = headers.get(ORIGIN)?.to_str().unwrap_or("null");
    let same = origin
        .strip_prefix("http://")
        .is_some_and(|rest| rest.eq_ignore_ascii_case(host));
    (!same).then(|| {
        format!("the server runs without keys, so pages of other sites, here {origin:?}, may not call it; start it with keys")
    })
}

/// Whether `host`, with or without a port, can only be this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

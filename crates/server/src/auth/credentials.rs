use axum::http::{
    HeaderMap, Method,
    header::{AUTHORIZATION, COOKIE as COOKIE_HEADER},
};

/// Where pages keep the key.
pub(crate) const COOKIE: &str = "zka_key";

/// The key that came with a request.
///
/// A cookie counts only for requests that change nothing: a browser adds it by itself, also to a form that another site
/// made. Forms of our own pages have a token against that.
pub(super) fn key_in<'a>(method: &Method, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let (scheme, key) = value.to_str().ok()?.trim().split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| key.trim());
    }
    if let Some(value) = headers.get("x-api-key") {
        return value.to_str().ok();
    }
    if *method == Method::GET || *method == Method::HEAD {
        cookie(headers, COOKIE)
    } else {
        None
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE_HEADER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

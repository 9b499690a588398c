use axum::{
    http::{HeaderMap, HeaderValue, header::SET_COOKIE},
    response::Response,
};

/// A cookie for our own pages: no script reads it, no other site's request carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cookie {
    name: &'static str,
    value: String,
    max_age_secs: u32,
    secure: bool,
}

impl Cookie {
    pub(crate) fn new(name: &'static str, value: impl Into<String>, max_age_secs: u32) -> Self {
        Self {
            name,
            value: value.into(),
            max_age_secs,
            secure: false,
        }
    }

    /// Makes the browser forget it.
    pub(crate) fn gone(name: &'static str) -> Self {
        Self::new(name, "", 0)
    }

    /// For TLS only; for a server whose pages are seen through it.
    pub(crate) fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    pub(super) fn header(&self) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!(
            "{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{secure}",
            self.name, self.value, self.max_age_secs
        )
    }
}

pub(crate) fn add_cookies(response: &mut Response, cookies: impl IntoIterator<Item = Cookie>) {
    for cookie in cookies {
        // Every value that we give is of letters, digits and dots.
        if let Ok(value) = HeaderValue::from_str(&cookie.header()) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
}

/// Whether a proxy in front says that the browser speaks TLS. Who forges it only denies themselves the cookie.
pub(crate) fn forwarded_https(headers: &HeaderMap) -> bool {
    headers
        .get("x-forwarded-proto")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|proto| {
            proto
                .split(',')
                .next()
                .is_some_and(|first| first.trim().eq_ignore_ascii_case("https"))
        })
}

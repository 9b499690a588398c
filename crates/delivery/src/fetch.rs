//! Fetching a document from a URL that a person gave, for the import of users.

use std::time::Duration;

use reqwest::{
    Method, Response, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue, LOCATION},
};
use url::Url;

use crate::{
    GuardError,
    client::{OutboundClient, Read, blocked, chain, read_up_to},
};

const REDIRECTS: usize = 5;

/// What to fetch, and how much of it.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// Named in errors: the field that holds the URL.
    pub setting: String,
    pub url: String,
    pub method: FetchMethod,
    pub headers: Vec<(String, String)>,
    pub max_bytes: usize,
    /// For the whole of it, redirects included.
    pub timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchMethod {
    Get,
    Post,
}

/// Why a document could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Guard(#[from] GuardError),
    #[error(
        "the header {name:?} cannot be sent; use letters, digits and hyphens in its name and one line as its value"
    )]
    Header { name: String },
    #[error("{url} cannot be reached ({reason}); check the address and that the server runs")]
    Unreachable { url: String, reason: String },
    #[error("{url} did not answer within {secs} s; try again later or ask for less")]
    TimedOut { url: String, secs: u64 },
    #[error("{url} answered {status} instead of a document; open it in a browser to see why")]
    Status { url: String, status: u16 },
    #[error("{url} redirects to {to}, another server; give that URL if it is meant")]
    OtherHost { url: String, to: String },
    #[error("{url} redirects too often or to nowhere; give the URL where the document really is")]
    Redirects { url: String },
    #[error("{url} holds more than {limit} bytes; ask it for less")]
    TooLarge { url: String, limit: usize },
}

impl FetchRequest {
    /// A GET with the limits of imports: 10 MB and 30 s.
    pub fn get(setting: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            url: url.into(),
            method: FetchMethod::Get,
            headers: Vec::new(),
            max_bytes: 10_000_000,
            timeout: Duration::from_secs(30),
        }
    }
}

impl OutboundClient {
    pub(crate) async fn fetch(&self, request: FetchRequest) -> Result<Vec<u8>, FetchError> {
        let url = self.policy.check_url(&request.setting, &request.url)?;
        let headers = header_map(&request.headers)?;
        let timed_out = FetchError::TimedOut {
            url: shown(&url),
            secs: request.timeout.as_secs(),
        };
        let timeout = request.timeout;
        tokio::time::timeout(timeout, self.follow(request, url, headers))
            .await
            .unwrap_or(Err(timed_out))
    }

    async fn follow(
        &self,
        request: FetchRequest,
        first: Url,
        headers: HeaderMap,
    ) -> Result<Vec<u8>, FetchError> {
        let mut url = first;
        let mut method = match request.method {
            FetchMethod::Get => Method::GET,
            FetchMethod::Post => Method::POST,
        };
        for _ in 0..=REDIRECTS {
            self.check(&request.setting, &url)?;
            let response = self
                .http
                .request(method.clone(), url.clone())
                .headers(headers.clone())
                .send()
                .await
                .map_err(|error| match blocked(&error, &request.setting) {
                    Some(blocked) => FetchError::Guard(blocked),
                    None => FetchError::Unreachable {
                        url: shown(&url),
                        reason: chain(&error),
                    },
                })?;
            let status = response.status();
            if status.is_success() {
                return document(response, &url, request.max_bytes).await;
            }
            if !status.is_redirection() {
                return Err(FetchError::Status {
                    url: shown(&url),
                    status: status.as_u16(),
                });
            }
            url = target(&response, &url)?;
            if status == StatusCode::SEE_OTHER {
                method = Method::GET;
            }
        }
        Err(FetchError::Redirects { url: shown(&url) })
    }
}

async fn document(mut response: Response, url: &Url, limit: usize) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    let read = read_up_to(&mut response, limit, &mut body)
        .await
        .map_err(|error| FetchError::Unreachable {
            url: shown(url),
            reason: chain(&error),
        })?;
    match read {
        Read::Whole => Ok(body),
        Read::CutShort => Err(FetchError::TooLarge {
            url: shown(url),
            limit,
        }),
    }
}

/// The URL without what stands after the question mark: that may be a token, and errors are shown and kept.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.query().is_some() {
        url.set_query(Some("***"));
    }
    url.to_string()
}

/// Where a redirect leads, if that is the same server: the caller's headers may hold a token that is meant for it.
fn target(response: &Response, from: &Url) -> Result<Url, FetchError> {
    let to = response
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| from.join(text).ok())
        .ok_or_else(|| FetchError::Redirects { url: shown(from) })?;
    let same_port =
        to.port_or_known_default() == from.port_or_known_default() && to.scheme() == from.scheme();
    let made_safe = from.scheme() == "http"
        && to.scheme() == "https"
        && from.port().is_none()
        && to.port().is_none();
    if to.host() == from.host() && (same_port || made_safe) {
        Ok(to)
    } else {
        Err(FetchError::OtherHost {
            url: shown(from),
            to: shown(&to),
        })
    }
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, FetchError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong = || FetchError::Header { name: name.clone() };
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        map.append(parsed, value);
    }
    Ok(map)
}

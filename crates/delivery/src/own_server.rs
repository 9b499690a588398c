//! The way from the command line to the running server.
//!
//! It has no guard, because nobody else names the address: whoever gives the command types it, or it is where this very
//! program listens. Nothing is sent twice, and no redirect is followed, so that the key goes nowhere else.

use std::{sync::Arc, time::Duration};

use domain::{Secret, TlsSpec};
use reqwest::{
    Client, Method,
    header::{CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use url::Url;

use crate::{
    TlsError,
    auth::bearer,
    client::{Read, chain, read_up_to},
    tls,
};

const CONNECT: Duration = Duration::from_secs(5);
/// The server itself gives an answer up after five minutes.
const ANSWER: Duration = Duration::from_mins(6);
const LONGEST: usize = 64 * 1024 * 1024;

/// A running server, and the key that opens it.
pub struct OwnServer {
    http: Client,
    base: Url,
    key: Option<Secret<String>>,
}

/// What is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRequest {
    pub method: OwnMethod,
    /// Segments, as they are before anything is escaped.
    pub path: Vec<String>,
    pub query: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnMethod {
    Get,
    Post,
    Delete,
}

/// What it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAnswer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OwnServerError {
    #[error("{address:?} is no address of a server; write it as http://127.0.0.1:5000")]
    Address { address: String },
    #[error("the API key holds a character that no key has")]
    Key,
    #[error("the HTTP client cannot be set up ({0})")]
    Client(reqwest::Error),
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Nothing was sent.
    #[error(
        "no server answers at {url} ({reason}). A terminal serves one client at a time, and that is the server: start it \
         with `zk-attendance serve`, or say where it is with --server"
    )]
    NotThere { url: String, reason: String },
    /// It was sent, and may have been done.
    #[error(
        "the answer of the server at {url} was lost ({reason}). It may have been done all the same: look before you send \
         it again"
    )]
    AnswerLost { url: String, reason: String },
    #[error("the answer of the server at {url} is longer than 64 MB; ask it for less")]
    TooLong { url: String },
}

impl OwnServer {
    /// `address` is a URL, or a host and port.
    pub fn at(address: &str, key: Option<Secret<String>>) -> Result<Self, OwnServerError> {
        let wrong = || OwnServerError::Address {
            address: address.to_owned(),
        };
        let trimmed = address.trim();
        let text = if trimmed.contains("://") {
            trimmed.to_owned()
        } else {
            format!("http://{trimmed}")
        };
        let base = Url::parse(&text).map_err(|_| wrong())?;
        let is_plain = base.username().is_empty() && base.password().is_none();
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() || !is_plain {
            return Err(wrong());
        }
        let http = Client::builder()
            .tls_backend_preconfigured(tls::config(&Arc::new(tls::roots()), &TlsSpec::default())?)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .user_agent(concat!("zk-attendance/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(OwnServerError::Client)?;
        Ok(Self { http, base, key })
    }

    /// Asks once.
    pub async fn ask(&self, request: OwnRequest) -> Result<OwnAnswer, OwnServerError> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&request.path);
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let method = match request.method {
            OwnMethod::Get => Method::GET,
            OwnMethod::Post => Method::POST,
            OwnMethod::Delete => Method::DELETE,
        };
        let mut call = self.http.request(method, url);
        if let Some(key) = &self.key {
            let mut value =
                HeaderValue::from_str(&bearer(key.expose())).map_err(|_| OwnServerError::Key)?;
            value.set_sensitive(true);
            call = call.header(reqwest::header::AUTHORIZATION, value);
        }
        if let Some(body) = request.body {
            call = call.header(CONTENT_TYPE, "application/json").body(body);
        }
        let mut response = call.send().await.map_err(|error| self.failed(&error))?;
        let mut body = Vec::new();
        match read_up_to(&mut response, LONGEST, &mut body).await {
            Ok(Read::Whole) => Ok(OwnAnswer {
                status: response.status().as_u16(),
                body,
            }),
            Ok(Read::CutShort) => Err(OwnServerError::TooLong { url: self.shown() }),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn shown(&self) -> String {
        self.base.to_string().trim_end_matches('/').to_owned()
    }

    fn failed(&self, error: &reqwest::Error) -> OwnServerError {
        let (url, reason) = (self.shown(), chain(error));
        if error.is_connect() {
            OwnServerError::NotThere { url, reason }
        } else {
            OwnServerError::AnswerLost { url, reason }
        }
    }
}

//! The HTTP client that every outgoing request goes through.

use std::{error::Error, sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{
    Client, RequestBuilder, Response,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use url::Url;

use crate::{
    DeliveryError, GuardError, OutboundPolicy,
    guard::GuardedResolver,
    outcome::{Answer, Attempt},
};

/// How much of a receiver's answer is read.
const ANSWER_LIMIT: usize = 64 * 1024;
/// Below the 5 s after which many servers close an idle connection, so that we seldom send into a closing one.
const IDLE: Duration = Duration::from_secs(4);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that obeys the policy; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct OutboundClient {
    pub(crate) http: Client,
    pub(crate) policy: OutboundPolicy,
}

/// One delivery.
pub(crate) struct Post<'a> {
    pub(crate) url: &'a str,
    pub(crate) idempotency_key: &'a str,
    /// On single records only.
    pub(crate) record_id: Option<&'a str>,
    pub(crate) body: Vec<u8>,
}

impl OutboundClient {
    pub(crate) fn new(policy: OutboundPolicy) -> Result<Self, DeliveryError> {
        let http = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .dns_resolver(GuardedResolver(policy.clone()))
            .redirect(Policy::none())
            // The outbox repeats requests, nobody else.
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("zk-attendance/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(DeliveryError::Client)?;
        Ok(Self { http, policy })
    }

    /// Sends one delivery and reads the answer, all within `timeout`.
    pub(crate) async fn post(&self, post: Post<'_>, timeout: Duration) -> Attempt {
        let url = match self.policy.check_url("export_url", post.url) {
            Ok(url) => url,
            Err(error) => return Attempt::NotSent(error.to_string()),
        };
        let Some(headers) = headers(&post) else {
            return Attempt::NotSent("the idempotency key cannot stand in a header".to_owned());
        };
        let request = self.http.post(url).headers(headers).body(post.body);
        let mut begun = None;
        match tokio::time::timeout(timeout, exchange(request, &mut begun)).await {
            Ok(attempt) => attempt,
            Err(_) => match begun {
                // An error that takes its time to explain itself is one all the same.
                Some(answer) if !is_success(&answer) => Attempt::Answered(answer),
                Some(_) => Attempt::NoAnswer(format!(
                    "the answer did not end within {} s",
                    timeout.as_secs()
                )),
                None => Attempt::NoAnswer(format!("no answer within {} s", timeout.as_secs())),
            },
        }
    }

    pub(crate) fn check(&self, setting: &str, url: &Url) -> Result<(), GuardError> {
        self.policy.check(setting, url)
    }
}

fn headers(post: &Post<'_>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        "idempotency-key",
        HeaderValue::from_str(post.idempotency_key).ok()?,
    );
    if let Some(id) = post.record_id {
        headers.insert("x-record-id", HeaderValue::from_str(id).ok()?);
    }
    Some(headers)
}

/// `begun` holds what came of the answer, also when this is cut off.
async fn exchange(request: RequestBuilder, begun: &mut Option<Answer>) -> Attempt {
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return Attempt::NotSent(chain(&error)),
        Err(error) => return Attempt::NoAnswer(chain(&error)),
    };
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let status = response.status().as_u16();
    let answer = begun.insert(Answer {
        status,
        retry_after,
        body: Vec::new(),
    });
    match read_up_to(&mut response, ANSWER_LIMIT, &mut answer.body).await {
        // A success that broke off may have held the news that it was none.
        Err(error) if is_success(answer) => {
            Attempt::NoAnswer(format!("the answer {status} broke off: {}", chain(&error)))
        }
        Ok(_) | Err(_) => Attempt::Answered(answer.clone()),
    }
}

fn is_success(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

/// Whether a body ended within its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Whole,
    CutShort,
}

pub(crate) async fn read_up_to(
    response: &mut Response,
    limit: usize,
    body: &mut Vec<u8>,
) -> Result<Read, reqwest::Error> {
    while let Some(chunk) = response.chunk().await? {
        let room = limit.saturating_sub(body.len());
        let taken: Bytes = chunk.slice(..chunk.len().min(room));
        body.extend_from_slice(&taken);
        if chunk.len() > room {
            return Ok(Read::CutShort);
        }
    }
    Ok(Read::Whole)
}

/// That a name resolved to addresses that the policy blocks, where this was the cause; `setting` held the URL.
pub(crate) fn blocked(error: &reqwest::Error, setting: &str) -> Option<GuardError> {
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(blocked) = source.downcast_ref::<GuardError>() {
            return Some(blocked.clone().named_by(setting));
        }
        next = source.source();
    }
    None
}

/// An error with its causes; reqwest's own text names the URL, which the reader knows.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let mut deepest: &dyn Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let what = if error.is_connect() {
        "no connection"
    } else {
        "the connection was lost"
    };
    format!("{what}: {deepest}")
}

/// TLS with ring, trusting the system's authorities, or Mozilla's where the system has none.
fn tls() -> Result<rustls::ClientConfig, DeliveryError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(DeliveryError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

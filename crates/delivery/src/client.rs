//! The HTTP client that every outgoing request goes through.

use std::{error::Error, io, sync::Arc, time::Duration};

use bytes::Bytes;
use domain::{Proxy, TlsSpec};
use reqwest::{Client, RequestBuilder, Response, header::RETRY_AFTER, redirect::Policy};
use rustls::RootCertStore;
use url::Url;

use crate::{
    DeliveryError, GuardError, OutboundPolicy, TlsError,
    guard::GuardedResolver,
    hidden::Hidden,
    outcome::{Answer, Attempt},
    tls,
};

/// How much of a receiver's answer is read, and how much more for each record: it may say something of every one.
const ANSWER_LIMIT: usize = 64 * 1024;
const ANSWER_A_RECORD: usize = 1024;
/// Below the 5 s after which many servers close an idle connection, so that we seldom send into a closing one.
const IDLE: Duration = Duration::from_secs(4);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that obeys the policy; cheap to clone.
#[derive(Clone)]
pub(crate) struct OutboundClient {
    pub(crate) http: Client,
    pub(crate) policy: OutboundPolicy,
    roots: Arc<RootCertStore>,
    through_proxy: bool,
}

/// Why a client for a destination cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RouteError {
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Guard(#[from] GuardError),
    #[error("the HTTP client cannot be set up ({0})")]
    Client(reqwest::Error),
}

impl OutboundClient {
    pub(crate) fn new(policy: OutboundPolicy) -> Result<Self, DeliveryError> {
        let roots = Arc::new(tls::roots());
        match Self::build(policy, roots, &TlsSpec::default(), None) {
            Ok(client) => Ok(client),
            Err(RouteError::Tls(error)) => Err(DeliveryError::Tls(error)),
            Err(RouteError::Guard(error)) => Err(DeliveryError::Guard(error)),
            Err(RouteError::Client(error)) => Err(DeliveryError::Client(error)),
        }
    }

    /// One that trusts, proves and goes as a destination wants, by the same rules.
    pub(crate) fn along(
        &self,
        policy: OutboundPolicy,
        tls: &TlsSpec,
        proxy: Option<&Proxy>,
    ) -> Result<Self, RouteError> {
        Self::build(policy, Arc::clone(&self.roots), tls, proxy)
    }

    fn build(
        policy: OutboundPolicy,
        roots: Arc<RootCertStore>,
        tls: &TlsSpec,
        proxy: Option<&Proxy>,
    ) -> Result<Self, RouteError> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls::config(&roots, tls)?)
            .dns_resolver(GuardedResolver(policy.clone()))
            .redirect(Policy::none())
            // The outbox repeats requests, nobody else.
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("zk-attendance/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = proxy {
            let url = policy.check_url("the proxy", &proxy.url)?;
            let mut through = reqwest::Proxy::all(url).map_err(RouteError::Client)?;
            if let Some(username) = &proxy.username {
                let password = proxy
                    .password
                    .as_ref()
                    .map(|secret| secret.expose().as_str());
                through = through.basic_auth(username, password.unwrap_or_default());
            }
            builder = builder.proxy(through);
        }
        Ok(Self {
            http: builder.build().map_err(RouteError::Client)?,
            policy,
            roots,
            through_proxy: proxy.is_some(),
        })
    }

    /// Reads a URL, and checks what can be checked before connecting.
    pub(crate) async fn check_url(&self, setting: &str, text: &str) -> Result<Url, GuardError> {
        let url = self.policy.check_url(setting, text)?;
        if self.through_proxy {
            self.policy.check_behind_proxy(setting, &url).await?;
        }
        Ok(url)
    }

    pub(crate) fn check(&self, setting: &str, url: &Url) -> Result<(), GuardError> {
        self.policy.check(setting, url)
    }
}

/// Sends a request with so many records and reads the answer within what is `left` of `timeout`.
pub(crate) async fn exchange_within(
    left: Duration,
    timeout: Duration,
    request: RequestBuilder,
    records: usize,
) -> Attempt {
    let limit = ANSWER_LIMIT.saturating_add(records.saturating_mul(ANSWER_A_RECORD));
    let mut begun = None;
    match tokio::time::timeout(left, exchange(request, limit, &mut begun)).await {
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

/// `begun` holds what came of the answer, also when this is cut off.
async fn exchange(request: RequestBuilder, limit: usize, begun: &mut Option<Answer>) -> Attempt {
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
        hidden: Hidden::default(),
    });
    match read_up_to(&mut response, limit, &mut answer.body).await {
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
    let what = if error.is_connect() {
        "no connection"
    } else {
        "the connection was lost"
    };
    if let Some(explained) = tls::explain(error) {
        return format!("{what}: {explained}");
    }
    if let Some(explained) = tls::explain_end(error).filter(|_| error.is_connect()) {
        return format!("{what}: {explained}");
    }
    let mut deepest: &dyn Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let why = deepest
        .downcast_ref::<io::Error>()
        .and_then(|error| unreached(error.kind()));
    match why {
        Some(why) => format!("{what}: {why} ({deepest})"),
        None => format!("{what}: {deepest}"),
    }
}

fn unreached(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some("nothing listens at this address and port"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Some("there is no way through the network to this address")
        }
        io::ErrorKind::TimedOut => Some("nobody answers at this address and port"),
        _ => None,
    }
}

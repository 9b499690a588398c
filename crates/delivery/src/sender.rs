//! Sends rendered requests to one destination: by its own way, with its token and its signature.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Proxy, RequestMethod, RequestSpec, TlsSpec};
use jiff::Timestamp;
use reqwest::{
    Method, RequestBuilder,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use tokio::time::Instant;

use crate::{
    auth::{self, Token, TokenError, Tokens},
    body::Rendered,
    client::{OutboundClient, RouteError, exchange_within},
    hidden::Hidden,
    outcome::{Attempt, Probe, Shut},
    sign,
};

/// What one destination's requests share: a connection and a token.
pub(crate) struct Sender {
    usual: OutboundClient,
    own: Mutex<Option<(Route, OutboundClient)>>,
    tokens: Tokens,
}

/// All that a client must be made anew for.
#[derive(Clone, Default, PartialEq, Eq)]
struct Route {
    tls: TlsSpec,
    proxy: Option<Proxy>,
    loopback: bool,
    link_local: bool,
}

impl Sender {
    pub(crate) fn new(usual: OutboundClient) -> Self {
        Self {
            usual,
            own: Mutex::new(None),
            tokens: Tokens::default(),
        }
    }

    /// One attempt at `now`; `timeout` holds where the specification has none of its own.
    pub(crate) async fn send(
        &self,
        spec: &RequestSpec,
        rendered: Rendered,
        now: Timestamp,
        timeout: Duration,
    ) -> Attempt {
        let timeout = spec
            .timeout_secs
            .map_or(timeout, |secs| Duration::from_secs(u64::from(secs)));
        let client = match self.client(spec) {
            Ok(client) => client,
            Err(RouteError::Guard(error)) => return Attempt::NotSent(error.to_string()),
            Err(error @ (RouteError::Tls(_) | RouteError::Client(_))) => {
                return barred("setup", error.to_string());
            }
        };
        let key = idempotency_key(&rendered);
        let mut headers = rendered.headers.clone();
        if let Some(signing) = &spec.signing {
            match sign::headers(signing, &key, now, &rendered.body) {
                Ok(signed) => headers.extend(signed),
                Err(error) => return barred("setup", error.to_string()),
            }
        }
        let headers = match header_map(&headers) {
            Ok(headers) => headers,
            Err(name) => {
                let reason = format!(
                    "the header {name:?} cannot be sent; use letters, digits and hyphens in its name and one line as its value"
                );
                return barred("setup", reason);
            }
        };
        let outgoing = Outgoing {
            client: &client,
            spec,
            rendered: &rendered,
            headers: &headers,
            until: Instant::now() + timeout,
            timeout,
        };
        self.try_with_token(outgoing).await
    }

    /// A token that the receiver does not take any more is fetched anew, once.
    async fn try_with_token(&self, outgoing: Outgoing<'_>) -> Attempt {
        let first = match self.token(outgoing).await {
            Ok(token) => token,
            Err(attempt) => return attempt,
        };
        let attempt = outgoing.exchange(first.as_ref()).await;
        let Some(token) = first.filter(|_| attempt.status() == Some(401)) else {
            return attempt;
        };
        self.tokens.forget(&token);
        match self.token(outgoing).await {
            Ok(Some(new)) if new.expose() != token.expose() => outgoing.exchange(Some(&new)).await,
            Ok(_) => attempt,
            Err(attempt) => attempt,
        }
    }

    async fn token(&self, outgoing: Outgoing<'_>) -> Result<Option<Token>, Attempt> {
        let fetching = self.tokens.get(outgoing.client, &outgoing.spec.auth);
        match tokio::time::timeout_at(outgoing.until, fetching).await {
            Ok(Ok(token)) => Ok(token),
            Ok(Err(error @ TokenError::Refused(_))) => {
                let hidden = Hidden::of(outgoing.spec, None);
                let reason = hidden.strike(&error.to_string()).into_owned();
                Err(barred("unauthorized", reason))
            }
            Ok(Err(error @ TokenError::Later(_))) => Err(Attempt::NotSent(error.to_string())),
            Err(_) => Err(Attempt::NotSent(format!(
                "no token came within {} s",
                outgoing.timeout.as_secs()
            ))),
        }
    }

    /// The client for this way, made anew only where the way has changed.
    fn client(&self, spec: &RequestSpec) -> Result<OutboundClient, RouteError> {
        let route = Route {
            tls: spec.tls.clone(),
            proxy: spec.proxy.clone(),
            loopback: spec.allow_loopback,
            link_local: spec.allow_link_local,
        };
        if route == Route::default() {
            return Ok(self.usual.clone());
        }
        let mut own = self.own();
        if let Some((_, client)) = own.as_ref().filter(|(made_for, _)| *made_for == route) {
            return Ok(client.clone());
        }
        let policy = self
            .usual
            .policy
            .with_choices(route.loopback, route.link_local);
        let client = self.usual.along(policy, &route.tls, route.proxy.as_ref())?;
        *own = Some((route, client.clone()));
        Ok(client)
    }

    fn own(&self) -> MutexGuard<'_, Option<(Route, OutboundClient)>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One attempt on its way.
#[derive(Clone, Copy)]
struct Outgoing<'a> {
    client: &'a OutboundClient,
    spec: &'a RequestSpec,
    rendered: &'a Rendered,
    headers: &'a HeaderMap,
    until: Instant,
    timeout: Duration,
}

impl Outgoing<'_> {
    async fn exchange(self, token: Option<&Token>) -> Attempt {
        let url = self
            .client
            .check_url("the URL", self.rendered.url.as_str())
            .await;
        let url = match url {
            Ok(url) => url,
            Err(error) => return Attempt::NotSent(error.to_string()),
        };
        let mut request: RequestBuilder = self
            .client
            .http
            .request(method(self.rendered.method), url)
            .headers(self.headers.clone());
        if let Some(token) = token {
            let Some(value) = sensitive(&auth::bearer(token.expose())) else {
                return Attempt::NotSent("the token cannot stand in a header".to_owned());
            };
            request = request.header(AUTHORIZATION, value);
        }
        if self.rendered.method != RequestMethod::Get {
            request = request.body(self.rendered.body.clone());
        }
        let left = self.until.saturating_duration_since(Instant::now());
        exchange_within(left, self.timeout, request, self.rendered.records)
            .await
            .hiding(Hidden::of(self.spec, token.map(Token::expose)))
    }
}

fn barred(code: &'static str, reason: String) -> Attempt {
    Attempt::Barred(Shut {
        code,
        reason,
        probe: Probe::EveryHour,
    })
}

fn method(method: RequestMethod) -> Method {
    match method {
        RequestMethod::Post => Method::POST,
        RequestMethod::Put => Method::PUT,
        RequestMethod::Patch => Method::PATCH,
        RequestMethod::Get => Method::GET,
    }
}

fn idempotency_key(rendered: &Rendered) -> String {
    rendered
        .headers
        .iter()
        .find(|(name, _)| name == "idempotency-key")
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}

/// The name of the one that is no header, where there is one.
pub(crate) fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| name.clone())?;
        map.append(parsed, sensitive(value).ok_or_else(|| name.clone())?);
    }
    Ok(map)
}

fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

//! Tokens of OAuth 2 client credentials: fetched once, kept until they end, never shown.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{ClientCredentialsIn, RequestAuth, Secret};
use futures_util::future::{BoxFuture, FutureExt as _, Shared};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;
use url::form_urlencoded;

use crate::client::{OutboundClient, chain, read_up_to};

const ANSWER_LIMIT: usize = 64 * 1024;
const LONGEST_TOKEN: usize = 16 * 1024;
/// Where the server does not say how long a token holds; an answer 401 ends it earlier.
const USUAL_LIFE: Duration = Duration::from_hours(1);
const LONGEST_LIFE: Duration = Duration::from_hours(24);
const LONGEST_MARGIN: Duration = Duration::from_mins(1);
const SHOWN_CHARS: usize = 300;
/// For fetching one.
const TIMEOUT: Duration = Duration::from_secs(15);

/// One destination's token.
#[derive(Default)]
pub(crate) struct Tokens {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the rest was fetched with.
    with: Option<RequestAuth>,
    token: Option<Token>,
    /// Whoever wants one while it is fetched waits for the same.
    fetching: Option<Fetching>,
    /// When that began: one that everybody gave up is not taken up again.
    begun: Option<Instant>,
}

type Fetching = Shared<BoxFuture<'static, Result<Token, TokenError>>>;

#[derive(Debug, Clone)]
pub(crate) struct Token {
    text: Arc<Secret<String>>,
    until: Instant,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// It may work later.
    #[error("no token could be fetched: {0}")]
    Later(String),
    /// Somebody has to correct something.
    #[error("the token endpoint refuses us: {0}; correct the client's id, its secret or the scope")]
    Refused(String),
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret<String>,
    #[serde(default)]
    expires_in: Value,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
}

impl Token {
    pub(crate) fn expose(&self) -> &str {
        self.text.expose()
    }
}

impl Tokens {
    /// The token for `auth`, fetched where there is none that holds; `None` where `auth` uses none.
    pub(crate) async fn get(
        &self,
        client: &OutboundClient,
        auth: &RequestAuth,
    ) -> Result<Option<Token>, TokenError> {
        let RequestAuth::OAuth2 { .. } = auth else {
            return Ok(None);
        };
        let fetching = {
            let mut state = self.state();
            if state.with.as_ref() != Some(auth) {
                *state = State {
                    with: Some(auth.clone()),
                    ..State::default()
                };
            }
            let now = Instant::now();
            if let Some(token) = state.token.as_ref().filter(|token| token.until > now) {
                return Ok(Some(token.clone()));
            }
            let is_stale = state.begun.is_some_and(|begun| begun + TIMEOUT <= now);
            if is_stale {
                state.fetching = None;
            }
            if state.fetching.is_none() {
                state.begun = Some(now);
            }
            state
                .fetching
                .get_or_insert_with(|| begin(client.clone(), auth.clone()))
                .clone()
        };
        let fetched = fetching.clone().await;
        let mut state = self.state();
        if state
            .fetching
            .as_ref()
            .is_some_and(|current| current.ptr_eq(&fetching))
        {
            state.fetching = None;
            state.token = fetched.as_ref().ok().cloned();
        }
        fetched.map(Some)
    }

    /// The receiver did not take it.
    pub(crate) fn forget(&self, token: &Token) {
        let mut state = self.state();
        if state
            .token
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(&current.text, &token.text))
        {
            state.token = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn begin(client: OutboundClient, auth: RequestAuth) -> Fetching {
    async move {
        tokio::time::timeout(TIMEOUT, fetch(&client, &auth))
            .await
            .unwrap_or_else(|_| {
                let secs = TIMEOUT.as_secs();
                Err(TokenError::Later(format!(
                    "the token endpoint did not answer within {secs} s"
                )))
            })
    }
    .boxed()
    .shared()
}

async fn fetch(client: &OutboundClient, auth: &RequestAuth) -> Result<Token, TokenError> {
    let RequestAuth::OAuth2 {
        token_url,
        client_id,
        client_secret,
        scope,
        audience,
        credentials_in,
    } = auth
    else {
        return Err(TokenError::Refused("no client is set up".to_owned()));
    };
    let url = client
        .check_url("the token URL", token_url)
        .await
        .map_err(|error| TokenError::Refused(error.to_string()))?;
    let (headers, form) = question(
        client_id,
        client_secret,
        &[("scope", scope), ("audience", audience)],
        *credentials_in,
    )?;
    let asked_at = Instant::now();
    let mut response = client
        .http
        .post(url)
        .headers(headers)
        .body(form)
        .send()
        .await
        .map_err(|error| TokenError::Later(chain(&error)))?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    read_up_to(&mut response, ANSWER_LIMIT, &mut body)
        .await
        .map_err(|error| TokenError::Later(chain(&error)))?;
    read_answer(status, &body, client_secret, asked_at)
}

/// Headers and form of the request for a token.
fn question(
    client_id: &str,
    client_secret: &Secret<String>,
    wanted: &[(&str, &Option<String>)],
    credentials_in: ClientCredentialsIn,
) -> Result<(HeaderMap, String), TokenError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    for (name, value) in wanted {
        if let Some(value) = value {
            form.append_pair(name, value);
        }
    }
    match credentials_in {
        ClientCredentialsIn::Header => {
            let encoded =
                |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let basic = super::basic(&encoded(client_id), &encoded(client_secret.expose()));
            let mut value = HeaderValue::from_str(&basic)
                .map_err(|_| TokenError::Refused("the client's id is too odd".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        ClientCredentialsIn::Body => {
            form.append_pair("client_id", client_id);
            form.append_pair("client_secret", client_secret.expose());
        }
    }
    Ok((headers, form.finish()))
}

fn read_answer(
    status: u16,
    body: &[u8],
    client_secret: &Secret<String>,
    asked_at: Instant,
) -> Result<Token, TokenError> {
    match status {
        200..=299 => {}
        400..=403 | 404 | 405 | 410 | 422 => {
            return Err(TokenError::Refused(denied(status, body, client_secret)));
        }
        300..=399 => {
            return Err(TokenError::Refused(format!(
                "it answered {status} and is elsewhere; set the token URL to where it points"
            )));
        }
        _ => {
            return Err(TokenError::Later(format!(
                "the token endpoint answered {status}"
            )));
        }
    }
    // The cause could repeat the token.
    let granted: Granted = serde_json::from_slice(body).map_err(|_| {
        TokenError::Later("the token endpoint answered without an access_token in JSON".to_owned())
    })?;
    let text = granted.access_token;
    let is_sendable = text.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if text.expose().is_empty() || text.expose().len() > LONGEST_TOKEN || !is_sendable {
        return Err(TokenError::Later(
            "the token endpoint answered with a token that cannot stand in a header".to_owned(),
        ));
    }
    Ok(Token {
        text: Arc::new(text),
        until: asked_at + kept(life(&granted.expires_in)),
    })
}

fn life(expires_in: &Value) -> Duration {
    let secs = expires_in
        .as_f64()
        .or_else(|| expires_in.as_str()?.trim().parse().ok());
    secs.and_then(|secs| Duration::try_from_secs_f64(secs).ok())
        .unwrap_or(USUAL_LIFE)
        .min(LONGEST_LIFE)
}

/// A little less than it holds, so that it does not end on the way.
fn kept(life: Duration) -> Duration {
    life.saturating_sub((life / 10).min(LONGEST_MARGIN))
}

fn denied(status: u16, body: &[u8], client_secret: &Secret<String>) -> String {
    let Ok(denied) = serde_json::from_slice::<Denied>(body) else {
        return format!("it answered {status}");
    };
    let said = match denied.error_description {
        Some(description) => format!("{}, {description}", denied.error),
        None => denied.error,
    };
    let secret = client_secret.expose();
    let said = if secret.is_empty() {
        said
    } else {
        said.replace(secret.as_str(), "***")
    };
    let said: String = said.chars().take(SHOWN_CHARS).collect();
    format!("it answered {status}: {said}")
}

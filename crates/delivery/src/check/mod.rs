//! Whether a destination's request can work at all, told before it is saved; and what it would look like.

mod already_there;
mod fields;
mod latest;
mod sample;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::{BatchFacts, BodySpec, OutPunch, Proxy, RequestAuth, RequestSpec};
use rustls::RootCertStore;

use crate::{
    GuardError, OutboundPolicy, ShownRequest,
    body::{Material, RenderError},
    sign,
    template::{Engine, SOURCE_LIMIT, TemplateError},
    tls,
};

pub use self::{latest::Preview, sample::sample};

const LONGEST_TIMEOUT: u16 = 300;
const LONGEST_PEM: usize = 256 * 1024;
const LONGEST_SECRET: usize = 8 * 1024;
const MOST_SECRETS: usize = 30;
const MASK: &str = "***";

/// What is wrong with a specification, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct SpecFault {
    pub place: String,
    /// Of a template.
    pub line: Option<usize>,
    pub message: String,
}

/// Checks everything that can be known without sending; `policy` is the server's.
pub fn check_spec(
    spec: &RequestSpec,
    url: Option<&str>,
    policy: &OutboundPolicy,
) -> Result<(), SpecFault> {
    let policy = policy.with_choices(spec.allow_loopback, spec.allow_link_local);
    if let Some(url) = url {
        policy.check_url("the URL", url)?;
    }
    if let Some(secs) = spec.timeout_secs
        && !(1..=LONGEST_TIMEOUT).contains(&secs)
    {
        return Err(SpecFault::new(
            "timeout_secs",
            format!("give 1 to {LONGEST_TIMEOUT} seconds"),
        ));
    }
    check_secrets(spec)?;
    already_there::check(&spec.already_there)?;
    fields::check(spec)?;
    check_auth(&spec.auth, &policy)?;
    if let Some(signing) = &spec.signing {
        sign::check(signing).map_err(|error| SpecFault::new("signing", error.to_string()))?;
    }
    check_tls(spec)?;
    if let Some(proxy) = &spec.proxy {
        check_proxy(proxy, &policy)?;
    }
    check_templates(spec)?;
    let (facts, punches) = sample();
    preview(
        spec,
        url.unwrap_or("https://receiver.example/"),
        &facts,
        &punches,
    )
    .map(|_| ())
}

/// The request for these punches, secrets masked.
pub fn preview(
    spec: &RequestSpec,
    url: &str,
    facts: &BatchFacts,
    punches: &[OutPunch],
) -> Result<ShownRequest, SpecFault> {
    // What could not be saved is not shown as if it could.
    fields::check(spec)?;
    check_templates(spec)?;
    let shown = if spec.takes_one_record() {
        punches.get(..1).unwrap_or_default()
    } else {
        punches
    };
    Material {
        spec,
        url,
        facts,
        punches: shown,
    }
    .show()
    .map_err(SpecFault::from)
}

fn check_secrets(spec: &RequestSpec) -> Result<(), SpecFault> {
    if spec.secrets.len() > MOST_SECRETS {
        return Err(SpecFault::new(
            "secrets",
            format!("there are more than {MOST_SECRETS}"),
        ));
    }
    for name in spec.secrets.keys() {
        let mut chars = name.chars();
        let begins = chars
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic());
        if !begins || !chars.all(|each| each.is_ascii_alphanumeric() || each == '_') {
            return Err(SpecFault::new(
                "secrets",
                format!("{name:?} is no name for a template; use letters, digits and _"),
            ));
        }
    }
    for (place, secret) in spec.clone().secrets_mut() {
        let text = secret.expose();
        let (longest, may_be_empty) = match place.as_str() {
            "tls.client.key_pem" => (LONGEST_PEM, false),
            "auth.password" | "proxy.password" => (LONGEST_SECRET, true),
            _ => (LONGEST_SECRET, false),
        };
        let message = if text == MASK {
            "it is masked; write the secret itself".to_owned()
        } else if text.is_empty() && !may_be_empty {
            "it is empty; write the secret itself".to_owned()
        } else if text.len() > longest {
            format!("it is longer than {longest} bytes")
        } else {
            continue;
        };
        return Err(SpecFault::new(place, message));
    }
    Ok(())
}

fn check_auth(auth: &RequestAuth, policy: &OutboundPolicy) -> Result<(), SpecFault> {
    match auth {
        RequestAuth::None => Ok(()),
        RequestAuth::Basic { username, .. } => {
            if username.contains(':') || username.chars().any(char::is_control) {
                let message = "it holds a colon or a control character, which no server could tell from the password";
                return Err(SpecFault::new("auth.username", message));
            }
            Ok(())
        }
        RequestAuth::Bearer { token } => fields::check_value("auth.token", token.expose()),
        RequestAuth::ApiKey { place, name, key } => fields::check_key(*place, name, key),
        RequestAuth::OAuth2 {
            token_url,
            client_id,
            ..
        } => {
            policy.check_url("auth.token_url", token_url)?;
            if client_id.is_empty() {
                return Err(SpecFault::new("auth.client_id", "it is empty"));
            }
            Ok(())
        }
    }
}

fn check_tls(spec: &RequestSpec) -> Result<(), SpecFault> {
    let certificate = spec
        .tls
        .client
        .as_ref()
        .map(|client| client.certificate_pem.as_str());
    for text in [spec.tls.ca_pem.as_deref(), certificate]
        .into_iter()
        .flatten()
    {
        if text.len() > LONGEST_PEM {
            return Err(SpecFault::new(
                "tls",
                format!("a certificate is longer than {LONGEST_PEM} bytes"),
            ));
        }
    }
    let none = Arc::new(RootCertStore::empty());
    tls::config(&none, &spec.tls)
        .map(|_| ())
        .map_err(|error| SpecFault::new("tls", error.to_string()))
}

fn check_proxy(proxy: &Proxy, policy: &OutboundPolicy) -> Result<(), SpecFault> {
    policy.check_url("proxy.url", &proxy.url)?;
    if proxy.username.is_none() && proxy.password.is_some() {
        return Err(SpecFault::new(
            "proxy.username",
            "there is a password but no name; write both or none",
        ));
    }
    Ok(())
}

fn check_templates(spec: &RequestSpec) -> Result<(), SpecFault> {
    let engine = Engine::new(1);
    if let BodySpec::Template {
        source,
        content_type,
        ..
    } = &spec.body
    {
        fields::check_value("body.content_type", content_type)?;
        if source.len() > SOURCE_LIMIT {
            return Err(SpecFault::new(
                "body.source",
                format!("it is longer than {SOURCE_LIMIT} bytes"),
            ));
        }
        engine.check("the body", source)?;
    }
    Ok(())
}

impl SpecFault {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            line: None,
            message: message.into(),
        }
    }
}

impl From<GuardError> for SpecFault {
    fn from(error: GuardError) -> Self {
        Self::new(error.setting(), error.to_string())
    }
}

impl From<TemplateError> for SpecFault {
    fn from(error: TemplateError) -> Self {
        Self {
            place: error.place,
            line: error.line,
            message: error.message,
        }
    }
}

impl From<RenderError> for SpecFault {
    fn from(error: RenderError) -> Self {
        match error.into_first() {
            Some(error) => error.into(),
            None => Self::new("the request", "it cannot be written"),
        }
    }
}

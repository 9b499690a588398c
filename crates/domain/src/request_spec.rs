//! How a destination wants to be spoken to: everything of a request but its URL.

mod auth;
mod body;
mod field;
mod stored;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Secret, secret::MASK};

pub use self::{
    auth::{ClientCredentialsIn, KeyPlace, RequestAuth},
    body::{BodySpec, TemplateUnit},
    field::{Field, FieldValue},
    stored::{MaskedSecretError, SpecError, StoredSpec},
};

/// The default is the seed's: its two JSON shapes by POST, no authentication.
///
/// Written as JSON its secrets are masked; [`RequestSpec::split`] is the only way to keep them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestSpec {
    pub method: RequestMethod,
    pub headers: Vec<Field>,
    pub query: Vec<Field>,
    pub body: BodySpec,
    /// What templates may write as `secrets.NAME`.
    pub secrets: BTreeMap<String, Secret<String>>,
    pub auth: RequestAuth,
    pub signing: Option<Signing>,
    pub tls: TlsSpec,
    pub proxy: Option<Proxy>,
    /// Answers by which the receiver says that it has a record already.
    pub already_there: Vec<AlreadyThere>,
    /// For one request, from connecting to the last byte of the answer; `None`: as configured for all.
    pub timeout_secs: Option<u16>,
    /// An administrator's explicit choice: the receiver runs on this very machine.
    pub allow_loopback: bool,
    /// An administrator's explicit choice: the receiver has a link-local address.
    pub allow_link_local: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RequestMethod {
    #[default]
    Post,
    Put,
    Patch,
    /// Sends no body: all that is told stands in the query.
    Get,
}

/// Standard Webhooks, HMAC-SHA256: `whsec_` and the key in Base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    pub secret: Secret<String>,
    /// While secrets are being changed: signs too, so that a receiver may know either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Secret<String>>,
}

/// A refusal with this status and this text in it is none: the receiver has the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlreadyThere {
    pub status: u16,
    pub text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSpec {
    /// Certificates of authorities that are trusted for this destination, besides the system's.
    pub ca_pem: Option<String>,
    pub client: Option<ClientIdentity>,
}

/// What we show to a receiver that asks who we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientIdentity {
    /// Our certificate, and those between it and its authority.
    pub certificate_pem: String,
    pub key_pem: Secret<String>,
}

/// An HTTP proxy on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret<String>>,
}

impl RequestSpec {
    /// Whether each request carries one record only, whatever the batch size.
    pub fn takes_one_record(&self) -> bool {
        match &self.body {
            BodySpec::Bare => true,
            BodySpec::Template { unit, .. } => *unit == TemplateUnit::Record,
            BodySpec::Seed | BodySpec::Events => false,
        }
    }

    /// Whether anything in it is written by a template.
    pub fn has_templates(&self) -> bool {
        matches!(self.body, BodySpec::Template { .. })
            || !self.headers.is_empty()
            || !self.query.is_empty()
    }

    /// Whether a batch of one that is refused may be tried as the seed's bare record.
    pub fn may_turn_bare(&self) -> bool {
        self.body == BodySpec::Seed
    }

    /// The same with masks in place of secrets, to be shown.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mut shown = self.clone();
        for (_, secret) in shown.secrets_mut() {
            *secret = Secret::new(MASK.to_owned());
        }
        shown
    }
}

impl RequestMethod {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Get => "GET",
        }
    }
}

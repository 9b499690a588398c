//! A specification taken apart for the ledger: what may be read, and the secrets, which are to be sealed.

use std::collections::BTreeMap;

use crate::{Secret, secret::MASK};

use super::{FieldValue, RequestAuth, RequestSpec};

/// A specification in two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSpec {
    /// JSON with masks in place of secrets.
    pub public: String,
    /// JSON of what stands behind the masks; `None` when there is nothing to seal.
    pub secrets: Option<Secret<String>>,
}

/// Why a stored specification cannot be put together again.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    #[error("the specification of a request is damaged")]
    Public(#[source] serde_json::Error),
    // The source would repeat what it failed on.
    #[error("the secrets of a request are damaged")]
    Secrets,
}

/// A mask was given where no secret is known that it could stand for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} is masked, but no secret is kept there; write the secret itself")]
pub struct MaskedSecretError {
    pub place: String,
}

impl RequestSpec {
    /// Takes it apart; [`RequestSpec::join`] puts it together again.
    pub fn split(&self) -> Result<StoredSpec, SpecError> {
        let public = serde_json::to_string(self).map_err(SpecError::Public)?;
        let mut whole = self.clone();
        let secrets: BTreeMap<String, String> = whole
            .secrets_mut()
            .into_iter()
            .map(|(place, secret)| (place, secret.expose().clone()))
            .collect();
        let secrets = if secrets.is_empty() {
            None
        } else {
            let text = serde_json::to_string(&secrets).map_err(|_| SpecError::Secrets)?;
            Some(Secret::new(text))
        };
        Ok(StoredSpec { public, secrets })
    }

    /// A secret that is not known (sealed with a lost key) comes out empty: `secrets` is `None` then.
    pub fn join(stored: &StoredSpec) -> Result<Self, SpecError> {
        let mut spec: Self = serde_json::from_str(&stored.public).map_err(SpecError::Public)?;
        let mut known: BTreeMap<String, String> = match &stored.secrets {
            Some(text) => serde_json::from_str(text.expose()).map_err(|_| SpecError::Secrets)?,
            None => BTreeMap::new(),
        };
        for (place, secret) in spec.secrets_mut() {
            *secret = Secret::new(known.remove(&place).unwrap_or_default());
        }
        Ok(spec)
    }

    /// Fills in what somebody left masked as they read it, from what is kept.
    pub fn keep_masked(&mut self, kept: &Self) -> Result<(), MaskedSecretError> {
        let mut kept = kept.clone();
        let kept: BTreeMap<String, Secret<String>> = kept
            .secrets_mut()
            .into_iter()
            .map(|(place, secret)| (place, secret.clone()))
            .collect();
        for (place, secret) in self.secrets_mut() {
            if secret.expose() == MASK {
                *secret = kept
                    .get(&place)
                    .cloned()
                    .ok_or(MaskedSecretError { place })?;
            }
        }
        Ok(())
    }

    /// Every secret, with the name of its place. Fields go by name, so that one may be put before another.
    pub fn secrets_mut(&mut self) -> Vec<(String, &mut Secret<String>)> {
        let mut all = Vec::new();
        for (list, fields) in [("headers", &mut self.headers), ("query", &mut self.query)] {
            for field in fields {
                if let FieldValue::Secret(secret) = &mut field.value {
                    all.push((format!("{list}.{}", field.name), secret));
                }
            }
        }
        for (name, secret) in &mut self.secrets {
            all.push((format!("secrets.{name}"), secret));
        }
        match &mut self.auth {
            RequestAuth::None => {}
            RequestAuth::Basic { password, .. } => all.push(("auth.password".to_owned(), password)),
            RequestAuth::Bearer { token } => all.push(("auth.token".to_owned(), token)),
            RequestAuth::ApiKey { key, .. } => all.push(("auth.key".to_owned(), key)),
            RequestAuth::OAuth2 { client_secret, .. } => {
                all.push(("auth.client_secret".to_owned(), client_secret));
            }
        }
        if let Some(signing) = &mut self.signing {
            all.push(("signing.secret".to_owned(), &mut signing.secret));
            if let Some(previous) = &mut signing.previous {
                all.push(("signing.previous".to_owned(), previous));
            }
        }
        if let Some(client) = &mut self.tls.client {
            all.push(("tls.client.key_pem".to_owned(), &mut client.key_pem));
        }
        if let Some(password) = self
            .proxy
            .as_mut()
            .and_then(|proxy| proxy.password.as_mut())
        {
            all.push(("proxy.password".to_owned(), password));
        }
        all
    }
}

//! Secrets that a receiver says back to us: they are struck out of everything that is kept of its answer.

use std::borrow::Cow;

use domain::{RequestAuth, RequestSpec};
use url::form_urlencoded;

use crate::{auth, template};

const MASK: &str = "***";
/// A shorter one would strike out half of every text.
const SHORTEST: usize = 4;

/// What must not be kept, in every form in which it may come back.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Hidden(Vec<String>);

impl Hidden {
    /// The secrets of a request, and the `token` that was fetched for it.
    pub(crate) fn of(spec: &RequestSpec, token: Option<&str>) -> Self {
        let mut hidden = Self::default();
        let mut spec = spec.clone();
        match &spec.auth {
            RequestAuth::Basic { username, password } => {
                hidden.add(&auth::basic(username, password.expose()).replacen("Basic ", "", 1));
            }
            RequestAuth::OAuth2 {
                client_id,
                client_secret,
                ..
            } => {
                hidden
                    .add(&auth::basic(client_id, client_secret.expose()).replacen("Basic ", "", 1));
            }
            RequestAuth::None | RequestAuth::Bearer { .. } | RequestAuth::ApiKey { .. } => {}
        }
        for (_, secret) in spec.secrets_mut() {
            hidden.add(secret.expose());
        }
        if let Some(token) = token {
            hidden.add(token);
        }
        // A longer one may hold a shorter one.
        hidden.0.sort_by_key(|text| std::cmp::Reverse(text.len()));
        hidden.0.dedup();
        hidden
    }

    fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let in_json = escaped(secret);
        // A receiver that tells our whole body as a text.
        let in_told_json = escaped(&in_json);
        // PHP's way.
        let in_slashed_json = in_json.replace('/', "\\/");
        let in_form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let in_path = in_form.replace('+', "%20");
        let in_xml = template::in_xml(secret);
        for text in [
            secret.to_owned(),
            in_json,
            in_told_json,
            in_slashed_json,
            in_form,
            in_path,
            in_xml,
        ] {
            if !self.0.contains(&text) {
                self.0.push(text);
            }
        }
    }

    /// The text without them.
    pub(crate) fn strike<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut struck = Cow::Borrowed(text);
        for secret in &self.0 {
            if struck.contains(secret.as_str()) {
                struck = Cow::Owned(struck.replace(secret.as_str(), MASK));
            }
        }
        struck
    }

    /// The bytes without them; what is no text comes out as U+FFFD where one was found.
    pub(crate) fn strike_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        match self.strike(&String::from_utf8_lossy(bytes)) {
            Cow::Borrowed(_) => bytes.to_vec(),
            Cow::Owned(struck) => struck.into_bytes(),
        }
    }
}

fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or_default()
        .to_owned()
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

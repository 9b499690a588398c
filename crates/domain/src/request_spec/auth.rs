use serde::{Deserialize, Serialize};

use crate::Secret;

/// How we tell a receiver who we are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RequestAuth {
    #[default]
    None,
    Basic {
        username: String,
        password: Secret<String>,
    },
    Bearer {
        token: Secret<String>,
    },
    ApiKey {
        place: KeyPlace,
        name: String,
        key: Secret<String>,
    },
    /// OAuth 2 client credentials (RFC 6749, section 4.4).
    // Older ledgers hold the other name.
    #[serde(rename = "oauth2", alias = "o_auth2")]
    OAuth2 {
        token_url: String,
        client_id: String,
        client_secret: Secret<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audience: Option<String>,
        #[serde(default)]
        credentials_in: ClientCredentialsIn,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    Header,
    Query,
}

/// Where a token endpoint wants to read the client's id and secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCredentialsIn {
    #[default]
    Header,
    Body,
}

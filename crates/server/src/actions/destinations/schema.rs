//! What the document says of a destination's request and schedule. The types themselves are `domain`'s, which knows of no
//! document; a test holds both to the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a request to the receiver is made: everything but its URL. What is left out is as the seed has it: its JSON by POST,
/// no authentication. Secrets read `***`; sent back as `***` they stay what they are.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = Request, example = json!({
    "method": "POST",
    "headers": [{"name": "X-Site", "value": "{{ terminal.name }}"}],
    "body": {"shape": "template", "unit": "record", "content_type": "application/json",
        "source": "{\"badge\": {{ record.employee_id }}, \"at\": {{ record.rfc3339 }}}"},
    "auth": {"kind": "bearer", "token": "***"},
    "timeout_secs": 20
}))]
pub(crate) struct RequestSchema {
    method: MethodSchema,
    /// Up to 30, beside those that every request has.
    headers: Vec<FieldSchema>,
    /// Up to 30 parts, added to those of the URL.
    query: Vec<FieldSchema>,
    body: BodySchema,
    /// Up to 30 texts that templates write as `{{ secrets.NAME }}`: kept sealed, shown as `***`.
    #[schema(example = json!({"password": "***"}))]
    secrets: BTreeMap<String, String>,
    auth: AuthSchema,
    /// Signs each request as Standard Webhooks has it.
    signing: Option<SigningSchema>,
    tls: TlsSchema,
    /// An HTTP or HTTPS proxy on the way to the receiver.
    proxy: Option<ProxySchema>,
    /// Up to 10 answers by which the receiver says that it has a record already: then it is delivered. 409 to a record that
    /// may have arrived is understood without.
    #[schema(default = json!([]), example = json!([{"status": 417, "text": "already has a log with the same timestamp"}]))]
    already_there: Vec<AlreadyThereSchema>,
    /// Seconds, 1 to 300, from connecting to the last byte of the answer; as configured for all where nothing is said.
    #[schema(minimum = 1, maximum = 300, example = 20)]
    timeout_secs: Option<u16>,
    /// The receiver runs on this very machine.
    #[schema(default = false)]
    allow_loopback: bool,
    /// The receiver has a link-local address (169.254.0.0/16, `fe80::/10`). Addresses of cloud metadata never are.
    #[schema(default = false)]
    allow_link_local: bool,
}

/// A status with which single records are refused (or 200 to 299 with an error in its JSON, or 500), and a text of up to 200
/// characters that stands in the answer as it is written here.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AlreadyThere)]
struct AlreadyThereSchema {
    #[schema(example = 417)]
    status: u16,
    #[schema(example = "already has a log with the same timestamp")]
    text: String,
}

/// GET sends no body: all that is told stands in the query.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = RequestMethod)]
enum MethodSchema {
    #[default]
    Post,
    Put,
    Patch,
    Get,
}

/// A header or a part of the query, with one of `value` and `secret`.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestField, example = json!({"name": "X-Site", "value": "{{ terminal.name }}"}))]
struct FieldSchema {
    name: String,
    /// A template.
    value: Option<String>,
    /// Sent as it stands, kept sealed, shown as `***`.
    secret: Option<String>,
}

/// What stands in a request, by its `shape`.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(tag = "shape", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = RequestBody)]
enum BodySchema {
    /// `{"device_info": {…}, "records": […]}`, or one bare record for a receiver that is found to take nothing else.
    #[default]
    Seed,
    /// Always one bare record.
    Bare,
    /// A list of events in the form of `CloudEvents` 1.0.
    Events,
    /// As a template writes it: docs/TEMPLATES.md tells what it may write.
    Template {
        unit: UnitSchema,
        /// It also says how values are written: as JSON, XML, parts of a form or plain text.
        #[schema(example = "application/json")]
        content_type: String,
        /// Up to 64 KiB.
        #[schema(example = "{\"badge\": {{ record.employee_id }}}")]
        source: String,
    },
}

/// `batch`: one request with all `records` of a batch; `record`: one request for each `record`.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TemplateUnit)]
enum UnitSchema {
    Batch,
    Record,
}

/// How the receiver is told who we are, by its `kind`.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = RequestAuth)]
enum AuthSchema {
    #[default]
    None,
    /// Name and password, RFC 7617.
    Basic {
        username: String,
        #[schema(example = "***")]
        password: String,
    },
    /// `Authorization: Bearer TOKEN`
    Bearer {
        #[schema(example = "***")]
        token: String,
    },
    /// A key in a header or in the query, of whatever name.
    ApiKey {
        place: KeyPlaceSchema,
        #[schema(example = "X-Api-Key")]
        name: String,
        #[schema(example = "***")]
        key: String,
    },
    /// OAuth 2 client credentials: a token is fetched, kept until it ends, and fetched anew after an answer 401.
    #[serde(rename = "oauth2")]
    OAuth2 {
        #[schema(example = "https://login.example/oauth/token")]
        token_url: String,
        client_id: String,
        #[schema(example = "***")]
        client_secret: String,
        scope: Option<String>,
        audience: Option<String>,
        #[serde(default)]
        credentials_in: CredentialsSchema,
    },
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KeyPlace)]
enum KeyPlaceSchema {
    Header,
    Query,
}

/// Where the token endpoint reads the client's id and secret.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ClientCredentialsIn)]
enum CredentialsSchema {
    #[default]
    Header,
    Body,
}

/// HMAC-SHA256 by Standard Webhooks.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestSigning)]
struct SigningSchema {
    /// `whsec_` and 24 to 64 bytes in Base64.
    #[schema(example = "***")]
    secret: String,
    /// The one before, while secrets are being changed: both sign.
    previous: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = RequestTls)]
struct TlsSchema {
    /// Certificates (PEM) of authorities that are trusted for this destination, besides the usual ones.
    ca_pem: Option<String>,
    /// What we show to a receiver that asks for a certificate.
    client: Option<ClientSchema>,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientIdentity)]
struct ClientSchema {
    /// Our certificate, and those between it and its authority.
    certificate_pem: String,
    /// Its key (PEM), not encrypted.
    #[schema(example = "***")]
    key_pem: String,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestProxy)]
struct ProxySchema {
    /// http or https.
    #[schema(example = "http://proxy.example:3128")]
    url: String,
    username: Option<String>,
    #[schema(example = "***")]
    password: Option<String>,
}

/// When waiting records go, by its `kind`; those that a person asks for go at once all the same.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = Schedule, example = json!({"kind": "cron", "expr": "30 6 * * MON-FRI", "zone": "Africa/Cairo"}))]
pub(crate) enum ScheduleSchema {
    /// As soon as they are stored.
    AtOnce,
    /// Every so many minutes.
    Every {
        #[schema(minimum = 1, maximum = 527_040, example = 15)]
        minutes: u32,
    },
    /// At times of the clock.
    Cron {
        /// Minute, hour, day, month and day of the week.
        #[schema(example = "30 6 * * MON-FRI")]
        expr: String,
        /// An IANA zone.
        #[schema(example = "Africa/Cairo")]
        zone: String,
    },
}

#[cfg(test)]
mod tests;

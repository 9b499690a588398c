//! The description of the API, made from its handlers.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, http::header::CONTENT_TYPE, routing::get};
use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        ContentBuilder, Ref, RefOr, Response, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{AppState, envelope::ErrorAnswer};

/// What holds for every operation.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "ZK Attendance",
        description = "Collects punches from ZKTeco terminals, shows them, and delivers them to HTTP APIs.\n\n\
            `/api/*` has the shapes and the status codes of the seed; `/api/v1/*` uses the whole range of HTTP. Every answer \
            is an envelope: `status`, `message`, `data`, `code`, `request_id`. Messages are for people and may change; \
            codes do not. To a request with `Accept: application/problem+json` `/api/v1/*` answers failures as RFC 9457 has \
            them.\n\n\
            Roles: a `viewer` reads; an `operator` also writes users, connects and commands devices, releases and sends \
            records, and pauses, tests and replays destinations; an `admin` also manages devices, clears their logs, copies \
            people with their fingerprints, manages destinations, the export and imports from URLs. Each operation names the \
            least role under `security`. A call \
            without a key gets 401 with `WWW-Authenticate`; a 401 without it, code `device_not_connected`, is the seed's way to \
            say that the device cannot be used. A key whose role is too small gets 403.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "devices", description = "Terminals: \"device\" and \"terminal\" mean the same"),
        (name = "users", description = "People as a terminal knows them"),
        (name = "attendance", description = "Punches"),
        (name = "export", description = "Where punches are delivered: the default destination"),
        (name = "people", description = "Who stands behind a user id: people, mappings, and what is asked about them"),
        (name = "destinations", description = "Who gets punches, and how; every delivery and every attempt"),
        (name = "program", description = "The program itself")
    ),
    security(("bearer" = []), ("api_key" = [])),
    components(schemas(ErrorAnswer)),
    modifiers(&Keys)
)]
pub(crate) struct Description;

/// How a key is sent.
struct Keys;

impl Modify for Keys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("an API key, as `zk-attendance key create` prints it"))
            .build();
        let header = ApiKeyValue::with_description(
            "X-API-Key",
            "the same key, for clients that cannot send the other header",
        );
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(header)));
    }
}

/// Failures of `/api/*`.
pub(crate) struct SeedErrors;

impl IntoResponses for SeedErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        errors(&[
            (
                "400",
                "something in the request cannot be used, or the device said no; the message says what",
            ),
            (
                "401",
                "no valid API key (code `unauthorized`), or the device cannot be used (code `device_not_connected`)",
            ),
            ("403", "the key's role is too small"),
            ("404", "no such device"),
            ("413", "the body is too large"),
            ("500", "the server failed, or cannot do it at present"),
        ])
    }
}

/// Failures of `/api/v1/*`.
pub(crate) struct PlainErrors;

impl IntoResponses for PlainErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        errors(PLAIN)
    }
}

const PLAIN: &[(&str, &str)] = &[
    (
        "400",
        "something in the request cannot be used; the message says what",
    ),
    ("401", "no valid API key"),
    ("403", "the key's role is too small"),
    ("404", "there is no such thing"),
    (
        "409",
        "it contradicts what is already there, or the device said no",
    ),
    ("413", "the body is too large"),
    ("500", "the server failed"),
    (
        "503",
        "the server cannot do it at present, or the device cannot be used (code `device_not_connected`)",
    ),
];

/// Failures of commands that are sent once.
pub(crate) struct CommandErrors;

impl IntoResponses for CommandErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let lost = (
            "504",
            "the device did not answer any more (code `answer_lost`): it may have been done all the same; look before you \
             send it again",
        );
        errors(&[PLAIN, &[lost]].concat())
    }
}

fn errors(errors: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    errors
        .iter()
        .map(|(status, description)| {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("ErrorAnswer")))
                .build();
            let response = ResponseBuilder::new()
                .description(*description)
                .content("application/json", content)
                .build();
            ((*status).to_owned(), RefOr::T(response))
        })
        .collect()
}

/// Fills in what handlers need not repeat: the standard wants words for each answer.
pub(crate) fn finish(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let operations = document.paths.paths.values_mut().flat_map(|item| {
        [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ]
    });
    for operation in operations.flatten() {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response
                && response.description.is_empty()
            {
                "done".clone_into(&mut response.description);
            }
        }
    }
    document
}

/// The document and its route. It needs no key: it says nothing that the source does not.
pub(crate) fn route(document: String) -> Router<AppState> {
    let document: Arc<str> = document.into();
    let answer = move || {
        let document = Arc::clone(&document);
        async move { ([(CONTENT_TYPE, "application/json")], document.to_string()) }
    };
    Router::new().route("/openapi.json", get(answer))
}

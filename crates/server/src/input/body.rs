use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{AppState, layers::BODY_LIMIT, problem::Problem};

/// A JSON object, whatever its `Content-Type`; none at all is an empty one.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| rejected(&rejection))?;
        read(&bytes).map(Self)
    }
}

/// A file as a body, whatever its `Content-Type`.
#[derive(Debug)]
pub(crate) struct File(pub(crate) Bytes);

impl FromRequest<AppState> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(|rejection| rejected(&rejection))
    }
}

/// Two halves of one body, each with fields of its own, so that an error still names the field. A key that neither
/// knows is refused: a misspelt filter must not mean everything.
#[derive(Debug)]
pub(crate) struct BodyOfTwo<A, B>(pub(crate) A, pub(crate) B);

impl<A: DeserializeOwned + Known, B: DeserializeOwned + Known> FromRequest<AppState>
    for BodyOfTwo<A, B>
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| rejected(&rejection))?;
        let (first, second) = (read(&bytes)?, read(&bytes)?);
        let keys = [A::KEYS, B::KEYS].concat();
        let unknown = unknown(&bytes, &keys)?;
        must_be_known(&unknown, &keys)?;
        Ok(Self(first, second))
    }
}

/// A body with the names of keys that `T` does not know, so that a misspelt setting is told and not just lost.
#[derive(Debug)]
pub(crate) struct BodyWithRest<T> {
    pub(crate) body: T,
    pub(crate) unknown: Vec<String>,
}

/// Which keys a body knows.
pub(crate) trait Known {
    const KEYS: &'static [&'static str];
}

impl<T: DeserializeOwned + Known> FromRequest<AppState> for BodyWithRest<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| rejected(&rejection))?;
        let body = read(&bytes)?;
        let unknown = unknown(&bytes, T::KEYS)?;
        Ok(Self { body, unknown })
    }
}

/// Refuses what nobody would heed.
pub(crate) fn must_be_known(unknown: &[String], known: &[&str]) -> Result<(), Problem> {
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Problem::invalid(format!(
        "nothing here knows {}; what can be said is {}",
        unknown.join(", "),
        known.join(", ")
    )))
}

/// The keys of a body that are none of `known`.
fn unknown(bytes: &[u8], known: &[&str]) -> Result<Vec<String>, Problem> {
    let all: Map<String, Value> = read(bytes)?;
    Ok(all
        .into_iter()
        .map(|(key, _)| key)
        .filter(|key| !known.contains(&key.as_str()))
        .collect())
}

pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Windows' tools put a mark before the text.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.trim_ascii();
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    if !bytes.starts_with(b"{") {
        return Err(Problem::invalid(
            "the body must be a JSON object, as in {\"name\": \"value\"}",
        ));
    }
    // axum's own reading names the field that is wrong.
    Json::from_bytes(bytes)
        .map(|Json(body)| body)
        .map_err(|rejection| {
            let text = rejection.body_text();
            let why = text
                .split_once("target type: ")
                .map_or(text.as_str(), |(_, why)| why);
            Problem::invalid(format!("the body cannot be used: {why}"))
        })
}

fn rejected(rejection: &BytesRejection) -> Problem {
    if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::TooLarge { limit: BODY_LIMIT };
    }
    Problem::invalid("the body could not be read to its end; send it again")
}

/// Tells a field that is null from one that is missing: `Option<Option<T>>` with `#[serde(default)]`.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

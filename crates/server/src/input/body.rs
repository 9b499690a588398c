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

/// Two halves of one body, each with fields of its own, so that an error still names the field.
#[derive(Debug)]
pub(crate) struct BodyOfTwo<A, B>(pub(crate) A, pub(crate) B);

impl<A: DeserializeOwned, B: DeserializeOwned> FromRequest<AppState> for BodyOfTwo<A, B> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| rejected(&rejection))?;
        Ok(Self(read(&bytes)?, read(&bytes)?))
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
        let all: Map<String, Value> = read(&bytes)?;
        let unknown = all
            .into_iter()
            .map(|(key, _)| key)
            .filter(|key| !T::KEYS.contains(&key.as_str()))
            .collect();
        Ok(Self { body, unknown })
    }
}

pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
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

use axum::{
    extract::FromRequestParts,
    http::{Uri, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::{AppState, problem::Problem};

/// The parameters after `?`.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection| {
                let text = rejection.body_text();
                let why = text
                    .split_once("query string: ")
                    .map_or(text.as_str(), |(_, why)| why);
                Problem::invalid(format!("the parameters cannot be used: {why}"))
            })
    }
}

/// Parameters after `?` that are none of `known`; what begins with `_` is there to get past caches.
pub(crate) fn unknown_parameters(uri: &Uri, known: &[&str]) -> Vec<String> {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|axum::extract::Query(pairs)| pairs)
        .unwrap_or_default();
    pairs
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !known.contains(&name.as_str()) && !name.starts_with('_'))
        .collect()
}

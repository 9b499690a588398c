//! URL and headers of a request.

use domain::{Field, FieldValue, KeyPlace, RequestAuth, Secret};
use serde::Serialize;
use url::Url;

use crate::{
    auth,
    template::{Engine, Escape, FIELD_LIMIT, TemplateError},
};

use super::{Material, Rendered, Secrets};

const MASK: &str = "***";
/// A part of a URL's own query with one of these in its name is not shown.
const TELLING: [&str; 8] = [
    "key",
    "token",
    "secret",
    "pass",
    "auth",
    "sig",
    "code",
    "credential",
];

/// A request as people may see it: its secrets are masked, and a body that is no text is told by its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownRequest {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub(super) struct Fields<'a> {
    pub(super) material: Material<'a>,
    pub(super) engine: &'a Engine,
    pub(super) values: &'a minijinja::Value,
    pub(super) secrets: Secrets,
}

impl Fields<'_> {
    pub(super) fn url(&self) -> Result<Url, TemplateError> {
        let spec = self.material.spec;
        let mut url = Url::parse(self.material.url.trim())
            .map_err(|error| TemplateError::of_setup("the URL", error.to_string()))?;
        if self.secrets == Secrets::Masked && url.query().is_some() {
            url = without_telling(&url);
        }
        for field in &spec.query {
            let place = format!("the part {} of the query", field.name);
            let value = self.value(field, &place)?;
            url.query_pairs_mut().append_pair(&field.name, &value);
        }
        if let RequestAuth::ApiKey {
            place: KeyPlace::Query,
            name,
            key,
        } = &spec.auth
        {
            url.query_pairs_mut().append_pair(name, key.expose());
        }
        Ok(url)
    }

    pub(super) fn headers(
        &self,
        content_type: Option<&str>,
    ) -> Result<Vec<(String, String)>, TemplateError> {
        let Material {
            spec,
            facts,
            punches,
            ..
        } = self.material;
        let mut headers = Vec::new();
        let is_overridden = spec
            .headers
            .iter()
            .any(|field| field.name.eq_ignore_ascii_case("content-type"));
        if let Some(content_type) = content_type.filter(|_| !is_overridden) {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        headers.push(("idempotency-key".to_owned(), facts.idempotency_key.clone()));
        if let ([only], true) = (punches, facts.is_bare || spec.takes_one_record()) {
            headers.push(("x-record-id".to_owned(), only.record_id.as_str().to_owned()));
        }
        for field in &spec.headers {
            let place = format!("the header {}", field.name);
            let value = self.value(field, &place)?;
            if value.chars().any(|each| each.is_control() && each != '\t') {
                return Err(TemplateError::of_output(
                    &place,
                    "it writes more than one line".to_owned(),
                ));
            }
            headers.push((field.name.clone(), value.trim().to_owned()));
        }
        let own = match self.secrets {
            Secrets::Real => auth::headers(&spec.auth),
            Secrets::Masked => auth::shown_headers(spec),
        };
        headers.extend(own);
        Ok(headers)
    }

    fn value(&self, field: &Field, place: &str) -> Result<String, TemplateError> {
        let source = match &field.value {
            FieldValue::Secret(secret) => return Ok(Secret::expose(secret).clone()),
            FieldValue::Value(source) => source,
        };
        let written = self.engine.render(
            place,
            source,
            Escape::Plain,
            self.values.clone(),
            FIELD_LIMIT,
        )?;
        String::from_utf8(written)
            .map_err(|_| TemplateError::of_output(place, "it writes no text".to_owned()))
    }
}

fn without_telling(url: &Url) -> Url {
    let mut shown = url.clone();
    let is_telling = |name: &str| {
        let name = name.to_ascii_lowercase();
        TELLING.iter().any(|word| name.contains(word))
    };
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            let value = if is_telling(&name) {
                MASK.to_owned()
            } else {
                value.into_owned()
            };
            (name.into_owned(), value)
        })
        .collect();
    shown.query_pairs_mut().clear().extend_pairs(pairs);
    shown
}

impl From<Rendered> for ShownRequest {
    fn from(rendered: Rendered) -> Self {
        let body = String::from_utf8(rendered.body)
            .unwrap_or_else(|error| format!("({} bytes)", error.as_bytes().len()));
        Self {
            method: rendered.method.as_str(),
            url: rendered.url.to_string(),
            headers: rendered.headers,
            body,
        }
    }
}

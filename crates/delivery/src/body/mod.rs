//! What one request is made of: method, URL, headers and body, the same to the byte whenever the same batch is sent again.
//!
//! What a request is at the moment of its attempt only (a token that is fetched, a signature over the time) is added by
//! the sender.

mod apart;
mod error;
mod events;
mod facts;
mod fields;
mod seed;
pub(crate) mod times;

#[cfg(test)]
mod tests;

use domain::{BatchFacts, BodySpec, Destination, OutPunch, RequestMethod, RequestSpec};
use storage::{Batch, BatchRecord};
use url::Url;

use crate::template::{BODY_LIMIT, Engine, Escape, Facts, TemplateError, values};

pub use self::fields::ShownRequest;
pub(crate) use self::{apart::Apart, error::RenderError};

const JSON: &str = "application/json";
/// From so many on, all of a batch failing in a template means that the template fails.
const TEN: usize = 10;

/// A request but for what belongs to one attempt. It holds secrets: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) method: RequestMethod,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How many it tells.
    pub(crate) records: usize,
}

/// Whether secrets stand in a request or are masked, as it is shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    Real,
    Masked,
}

/// All that a request is rendered from.
#[derive(Clone, Copy)]
pub(crate) struct Material<'a> {
    pub(crate) spec: &'a RequestSpec,
    pub(crate) url: &'a str,
    pub(crate) facts: &'a BatchFacts,
    pub(crate) punches: &'a [OutPunch],
}

/// The request of a batch, with its secrets.
pub(crate) fn render(
    destination: &Destination,
    batch: &Batch,
    records: &[BatchRecord],
) -> Result<Rendered, RenderError> {
    let facts = facts::of_batch(destination, batch);
    let punches: Vec<OutPunch> = records.iter().map(facts::of_record).collect();
    Material {
        spec: &destination.spec,
        url: destination.url.as_deref().unwrap_or_default(),
        facts: &facts,
        punches: &punches,
    }
    .render(Secrets::Real)
}

/// The same as people may see it.
pub(crate) fn show(
    destination: &Destination,
    batch: &Batch,
    records: &[BatchRecord],
) -> Result<ShownRequest, RenderError> {
    let facts = facts::of_batch(destination, batch);
    let punches: Vec<OutPunch> = records.iter().map(facts::of_record).collect();
    Material {
        spec: &destination.spec,
        url: destination.url.as_deref().unwrap_or_default(),
        facts: &facts,
        punches: &punches,
    }
    .show()
}

impl<'a> Material<'a> {
    /// What people may see of it.
    pub(crate) fn show(self) -> Result<ShownRequest, RenderError> {
        let masked = self.spec.masked();
        let shown = Material {
            spec: &masked,
            ..self
        };
        shown.render(Secrets::Masked).map(ShownRequest::from)
    }

    /// Finds out which records are at fault where it fails.
    pub(crate) fn render(self, secrets: Secrets) -> Result<Rendered, RenderError> {
        let engine = Engine::new(self.punches.len());
        let error = match self.attempt(&engine, secrets) {
            Ok(rendered) => return Ok(rendered),
            Err(error) => error,
        };
        match RenderError::of(error, self.punches.len()) {
            Ok(error) => Err(error),
            Err(unclear) => Err(self.blame(&Engine::new(1), secrets, unclear)),
        }
    }

    /// Some records of several are at fault: each is tried alone.
    fn blame(self, engine: &Engine, secrets: Secrets, unclear: TemplateError) -> RenderError {
        let mut bad = Vec::new();
        for (index, punch) in self.punches.iter().enumerate() {
            let alone = Self {
                punches: std::slice::from_ref(punch),
                ..self
            };
            if let Err(error) = alone.attempt(engine, secrets) {
                bad.push((index, error));
            }
        }
        if bad.is_empty() {
            RenderError::Divide(unclear)
        } else if bad.len() == self.punches.len() && bad.len() >= TEN {
            RenderError::Setup(unclear)
        } else {
            RenderError::Records(bad)
        }
    }

    /// No error tells a secret.
    fn attempt(self, engine: &Engine, secrets: Secrets) -> Result<Rendered, TemplateError> {
        self.write(engine, secrets)
            .map_err(|error| error.without(self.spec.secrets.values()))
    }

    fn write(self, engine: &Engine, secrets: Secrets) -> Result<Rendered, TemplateError> {
        let one_each = self.spec.takes_one_record();
        let facts = Facts {
            batch: self.facts,
            secrets: &self.spec.secrets,
        };
        let values = if self.spec.has_templates() {
            values(facts, self.punches, one_each)
        } else {
            minijinja::Value::UNDEFINED
        };
        let (content_type, body) = self.body(engine, &values)?;
        let fields = fields::Fields {
            material: self,
            engine: &Engine::new(1),
            values: &values,
            secrets,
        };
        Ok(Rendered {
            method: self.spec.method,
            url: fields.url()?,
            headers: fields.headers(content_type)?,
            body,
            records: self.punches.len(),
        })
    }

    fn body(
        self,
        engine: &Engine,
        values: &minijinja::Value,
    ) -> Result<(Option<&'a str>, Vec<u8>), TemplateError> {
        if self.spec.method == RequestMethod::Get {
            return Ok((None, Vec::new()));
        }
        let as_json = |made: Result<Vec<u8>, serde_json::Error>| {
            made.map_err(|error| TemplateError::of_output("the body", error.to_string()))
        };
        match &self.spec.body {
            BodySpec::Seed | BodySpec::Bare => {
                Ok((Some(JSON), as_json(seed::body(self.facts, self.punches))?))
            }
            BodySpec::Events => Ok((
                Some(events::CONTENT_TYPE),
                as_json(events::body(self.facts, self.punches))?,
            )),
            BodySpec::Template {
                unit: _,
                content_type,
                source,
            } => {
                let escape = Escape::of(content_type);
                let body = engine.render("the body", source, escape, values.clone(), BODY_LIMIT)?;
                if escape == Escape::Json {
                    check_json(&body, self.spec.secrets.is_empty())?;
                }
                Ok((Some(content_type), body))
            }
        }
    }
}

/// `repeats`: whether the error may hold a piece of the body.
fn check_json(body: &[u8], repeats: bool) -> Result<(), TemplateError> {
    let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(body) else {
        return Ok(());
    };
    let line = error
        .line()
        .checked_sub(1)
        .filter(|_| repeats)
        .and_then(|before| body.split(|byte| *byte == b'\n').nth(before))
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    let cut: String = line.trim().chars().take(120).collect();
    let place = if cut.is_empty() {
        String::new()
    } else {
        format!(", where it says {cut}")
    };
    Err(TemplateError::of_output(
        "the body",
        format!(
            "what it writes is no JSON: {error}{place}; a value writes its own quotes, as in \"pin\": {{{{ record.pin }}}}"
        ),
    ))
}

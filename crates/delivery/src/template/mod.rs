//! Templates that people write, run so that a mistake in one harms nobody.
//!
//! A template sees the values it is given and nothing else: no file, no other template, no clock. What one rendering may
//! do is bounded by fuel, which pays for instructions and for bytes alike, and by the size of what it writes.

mod context;
mod error;
mod escape;
mod filters;
mod weigh;

#[cfg(test)]
mod tests;

use std::io::{Error, Write};

use minijinja::{Environment, ErrorKind, UndefinedBehavior, syntax::SyntaxConfig};

pub(crate) use self::{
    context::{Facts, values},
    error::{Fault, TemplateError},
    escape::{Escape, xml as in_xml},
};

/// The longest template of a body.
pub(crate) const SOURCE_LIMIT: usize = 64 * 1024;
/// The longest template of a header or of a part of the query.
pub(crate) const FIELD_SOURCE_LIMIT: usize = 4 * 1024;
/// The largest body that a template writes.
pub(crate) const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// The longest header, or part of the query, that a template writes.
pub(crate) const FIELD_LIMIT: usize = 8 * 1024;

/// About one for each instruction, and for each 64 bytes.
const BASE_FUEL: u64 = 50_000;
const FUEL_A_RECORD: u64 = 2_000;
const RECURSION: usize = 50;

/// Compiles and runs templates; `Escape` says what the texts in them become.
pub(crate) struct Engine(Environment<'static>);

impl Engine {
    /// For up to so many records at a time.
    pub(crate) fn new(records: usize) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_recursion_limit(RECURSION);
        let records = u64::try_from(records).unwrap_or(u64::MAX);
        environment.set_fuel(Some(
            records
                .saturating_mul(FUEL_A_RECORD)
                .saturating_add(BASE_FUEL),
        ));
        environment.set_debug(false);
        environment.set_auto_escape_callback(escape::by_name);
        environment.set_formatter(escape::write);
        filters::add(&mut environment);
        if let Ok(syntax) = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
        {
            environment.set_syntax(syntax);
        }
        Self(environment)
    }

    /// Writes what `source` makes of `values`; `place` is where it stands, for people.
    pub(crate) fn render(
        &self,
        place: &str,
        source: &str,
        escape: Escape,
        values: minijinja::Value,
        limit: usize,
    ) -> Result<Vec<u8>, TemplateError> {
        let wrong = |error: &minijinja::Error| TemplateError::of(place, source, error);
        let template = self
            .0
            .template_from_named_str(escape.name(), source)
            .map_err(|error| wrong(&error))?;
        let mut output = Bounded {
            bytes: Vec::new(),
            limit,
        };
        match template.render_captured_to(values, &mut output) {
            Ok(_) => Ok(output.bytes),
            Err(error) if error.kind() == ErrorKind::WriteFailure => {
                Err(TemplateError::too_large(place, limit))
            }
            Err(error) => Err(wrong(&error)),
        }
    }

    /// Whether `source` can be read at all.
    pub(crate) fn check(&self, place: &str, source: &str) -> Result<(), TemplateError> {
        self.0
            .template_from_str(source)
            .map(|_| ())
            .map_err(|error| TemplateError::of(place, source, &error))
    }
}

/// Takes so many bytes and no more.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> Result<usize, Error> {
        if self.bytes.len().saturating_add(more.len()) > self.limit {
            return Err(Error::other("too large"));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

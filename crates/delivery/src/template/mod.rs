//! Templates that people write, run so that a mistake in one harms nobody.
//!
//! A template sees the values it is given and nothing else: no file, no other template, no clock. What one rendering may
//! do is bounded by fuel, which pays for instructions and for bytes alike, and by the size of what it writes. The engine
//! knows no price for values that are nothing in memory and endless to walk through, and none for deep ones; so each
//! instruction that walks through a value is preceded by one that pays for it (`guard`), lists are made whole at once
//! and stay shallow (`weigh`), and a template that would exhaust the stack is not read at all (`gate`).

mod context;
mod error;
mod escape;
mod filters;
mod gate;
mod guard;
mod weigh;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use minijinja::{
    Environment, UndefinedBehavior,
    machinery::{self, CodeGenerator, Instructions},
    syntax::SyntaxConfig,
};

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
/// So many bytes a rendering makes at most, however many records there are: 64 MiB.
const MOST_FUEL: u64 = 1024 * 1024;
const RECURSION: usize = 50;

/// Compiles and runs templates; `Escape` says what the texts in them become.
pub(crate) struct Engine {
    environment: Environment<'static>,
    syntax: SyntaxConfig,
}

impl Engine {
    /// For up to so many records at a time.
    pub(crate) fn new(records: usize) -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_recursion_limit(RECURSION);
        let fuel = u64::try_from(records)
            .unwrap_or(u64::MAX)
            .saturating_mul(FUEL_A_RECORD)
            .saturating_add(BASE_FUEL);
        environment.set_fuel(Some(fuel.min(MOST_FUEL)));
        environment.set_debug(false);
        environment.set_auto_escape_callback(escape::by_name);
        environment.set_formatter(escape::write);
        guard::add(&mut environment);
        filters::add(&mut environment);
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .unwrap_or_default();
        Self {
            environment,
            syntax,
        }
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
        let instructions = self.compile(place, source)?;
        let blocks = BTreeMap::new();
        let mut written = String::new();
        machinery::eval(
            &self.environment,
            &instructions,
            values,
            &blocks,
            &mut machinery::make_string_output(&mut written),
            escape::by_name(escape.name()),
        )
        .map_err(|error| TemplateError::of(place, source, &error))?;
        if written.len() > limit {
            return Err(TemplateError::too_large(place, limit));
        }
        Ok(written.into_bytes())
    }

    /// Whether `source` can be read at all.
    pub(crate) fn check(&self, place: &str, source: &str) -> Result<(), TemplateError> {
        self.compile(place, source).map(|_| ())
    }

    fn compile<'a>(&self, place: &str, source: &'a str) -> Result<Instructions<'a>, TemplateError> {
        gate::check_tokens(place, source, &self.syntax)?;
        let tree = machinery::parse(source, "template", self.syntax.clone())
            .map_err(|error| TemplateError::of(place, source, &error))?;
        gate::check_tree(place, &tree)?;
        let mut generator = CodeGenerator::new("template", source);
        generator.compile_stmt(&tree);
        let (instructions, _) = generator.finish();
        guard::guarded(place, &instructions)
    }
}

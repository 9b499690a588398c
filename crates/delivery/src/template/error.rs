use std::time::Duration;

use domain::Secret;
use minijinja::ErrorKind;

/// How much of a template is repeated in an error.
const SHOWN_CHARS: usize = 80;
/// A text of the template may stand in an error.
const LONGEST_MESSAGE: usize = 500;

/// Why a template wrote nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct TemplateError {
    /// Where the template stands: the body, a header, a part of the query.
    pub place: String,
    /// The line of the template.
    pub line: Option<usize>,
    pub message: String,
    pub(crate) fault: Fault,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It cannot work for any record.
    Template,
    /// It may work for other records.
    Record,
    /// It may work for fewer records.
    Size,
}

impl TemplateError {
    /// `source` is the template's.
    pub(super) fn of(place: &str, source: &str, error: &minijinja::Error) -> Self {
        let kind = error.kind();
        let fault = match kind {
            ErrorKind::SyntaxError
            | ErrorKind::InvalidDelimiter
            | ErrorKind::TemplateNotFound
            | ErrorKind::BadEscape
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction => Fault::Template,
            ErrorKind::OutOfFuel => Fault::Size,
            _ => Fault::Record,
        };
        let expression: String = error
            .range()
            .and_then(|range| source.get(range))
            .map(|text| text.chars().take(SHOWN_CHARS).collect())
            .unwrap_or_default();
        let message = match (kind, error.detail()) {
            (ErrorKind::OutOfFuel, _) => {
                "it does too much; shorten its loops, or send fewer records at a time".to_owned()
            }
            (ErrorKind::UndefinedError, _) if !expression.is_empty() => {
                format!("{expression} does not exist; correct the name, or give it a default")
            }
            (_, Some(detail)) if expression.is_empty() => format!("{kind}: {detail}"),
            (_, Some(detail)) => format!("{kind}: {detail}, in {expression}"),
            (_, None) => kind.to_string(),
        };
        let message = message.chars().take(LONGEST_MESSAGE).collect();
        Self {
            place: place.to_owned(),
            line: error.line(),
            message,
            fault,
        }
    }

    /// Of what is refused before it is read.
    pub(super) fn of_source(place: &str, line: Option<usize>, message: String) -> Self {
        Self {
            line,
            ..Self::of_setup(place, message)
        }
    }

    pub(super) fn too_large(place: &str, limit: usize) -> Self {
        Self {
            place: place.to_owned(),
            line: None,
            message: format!("it writes more than {limit} bytes; send fewer records at a time"),
            fault: Fault::Size,
        }
    }

    pub(crate) fn too_long(place: &str, limit: Duration) -> Self {
        Self {
            place: place.to_owned(),
            line: None,
            message: format!(
                "its template took longer than {} s; shorten it, or send fewer records at a time",
                limit.as_secs()
            ),
            fault: Fault::Size,
        }
    }

    /// Of what was written, where that is not what it should be.
    pub(crate) fn of_output(place: &str, message: String) -> Self {
        Self {
            place: place.to_owned(),
            line: None,
            message,
            fault: Fault::Record,
        }
    }

    /// Of something that no record has to do with.
    pub(crate) fn of_setup(place: &str, message: String) -> Self {
        Self {
            fault: Fault::Template,
            ..Self::of_output(place, message)
        }
    }

    /// The same, should it repeat one of these.
    pub(crate) fn without<'a>(mut self, secrets: impl Iterator<Item = &'a Secret<String>>) -> Self {
        for secret in secrets {
            let text = secret.expose();
            if !text.is_empty() && self.message.contains(text.as_str()) {
                self.message = self.message.replace(text.as_str(), "***");
            }
        }
        self
    }

    fn text(&self) -> String {
        match self.line {
            Some(line) => format!("{}, line {line}: {}", self.place, self.message),
            None => format!("{}: {}", self.place, self.message),
        }
    }
}

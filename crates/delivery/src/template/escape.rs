//! How a value is written, so that no name of a person can break the body it stands in.

use std::borrow::Cow;

use minijinja::{AutoEscape, Error, Output, State, Value, escape_formatter, value::ValueKind};
use url::form_urlencoded;

use super::weigh;

/// What values become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// JSON values, texts with their quotes.
    Json,
    Xml,
    /// Parts of a form or a query.
    Form,
    /// What they are.
    Plain,
}

const XML: &str = "xml";
const FORM: &str = "form";

impl Escape {
    /// By the content type of a body.
    pub(crate) fn of(content_type: &str) -> Self {
        let kind = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if kind.ends_with("/json") || kind.ends_with("+json") {
            Self::Json
        } else if kind.ends_with("/xml") || kind.ends_with("+xml") || kind == "text/html" {
            Self::Xml
        } else if kind == "application/x-www-form-urlencoded" {
            Self::Form
        } else {
            Self::Plain
        }
    }

    /// The engine learns it from the name of a template.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => XML,
            Self::Form => FORM,
            Self::Plain => "plain",
        }
    }
}

pub(super) fn by_name(name: &str) -> AutoEscape {
    match name {
        "json" => AutoEscape::Json,
        XML => AutoEscape::Custom(XML.into()),
        FORM => AutoEscape::Custom(FORM.into()),
        _ => AutoEscape::None,
    }
}

pub(super) fn write(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    weigh::pay(state, value)?;
    if value.is_undefined() || matches!(state.auto_escape(), AutoEscape::Json) {
        return escape_formatter(out, state, value);
    }
    let text = text(value);
    let text = match state.auto_escape() {
        AutoEscape::Custom(_) if value.is_safe() => text,
        AutoEscape::Custom(kind) if kind == XML => Cow::Owned(xml(&text)),
        AutoEscape::Custom(_) => Cow::Owned(form(&text)),
        _ => text,
    };
    out.write_str(&text).map_err(Error::from)
}

/// Nothing is an empty text, and truth is written in small letters.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match (value.kind(), value.as_str()) {
        (ValueKind::None, _) => Cow::Borrowed(""),
        (ValueKind::Bool, _) => Cow::Borrowed(if value.is_true() { "true" } else { "false" }),
        (_, Some(text)) => Cow::Borrowed(text),
        (_, None) => Cow::Owned(value.to_string()),
    }
}

/// For text and for attributes; characters that XML 1.0 does not know become U+FFFD.
pub(crate) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

pub(super) fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

//! Reads the fields of forms. A form keeps what was typed, so that it can be shown again beside what is wrong with it.

use serde::{Deserialize, de::IntoDeserializer as _, de::value};

use crate::{
    input::{People, Word},
    problem::Problem,
};

/// What was typed, without blanks around it; `None` for nothing.
pub(super) fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The same, for what reads words.
pub(super) fn word(text: &str) -> Option<Word> {
    filled(text).map(Word)
}

/// A value as the API reads it; `None` for nothing. The message names the field.
pub(super) fn value<'de, T: Deserialize<'de>>(
    name: &str,
    text: &'de str,
) -> Result<Option<T>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    T::deserialize(text.into_deserializer())
        .map(Some)
        .map_err(|error: value::Error| Problem::invalid(format!("{name}: {error}")))
}

/// User ids with commas between; nobody for nothing.
pub(super) fn people(text: &str) -> Result<Vec<String>, Problem> {
    Ok(value::<People>("user ids", text)?.unwrap_or_default().0)
}

/// A checkbox: browsers send it only when it is ticked.
pub(super) fn ticked(text: &str) -> bool {
    !text.is_empty()
}

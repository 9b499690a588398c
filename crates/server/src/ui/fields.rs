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

/// A form whose fields may come more than once, as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first of this name; nothing where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .collect()
    }

    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.0
            .iter()
            .any(|(known, held)| known == name && held == value)
    }

    pub(super) fn is_ticked(&self, name: &str) -> bool {
        ticked(self.get(name))
    }

    pub(super) fn put(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn put_if(&mut self, name: &str, is_ticked: bool) {
        if is_ticked {
            self.put(name, "1");
        }
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> serde::de::Visitor<'de> for Pairs {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the fields of a form")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some(pair) = map.next_entry()? {
                    fields.0.push(pair);
                }
                Ok(fields)
            }
        }

        from.deserialize_map(Pairs)
    }
}

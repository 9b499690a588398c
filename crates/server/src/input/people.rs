use std::fmt;

use serde::{Deserialize, Deserializer, de};

use super::{Word, scalar::Scalar};

/// User ids: one, several with commas between, or a list. Leading zeros count. Blank: nobody is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct People(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for People {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PeopleVisitor)
    }
}

struct PeopleVisitor;

/// Commas alone are a mistake that must not mean "everybody".
fn split<E: de::Error>(scalar: Scalar) -> Result<People, E> {
    let Word(text) = Word::try_from(scalar).map_err(E::custom)?;
    let people: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    if people.is_empty() && !text.is_empty() {
        return Err(E::custom(format!(
            "{text:?} names nobody; write user ids with commas between, or leave it out"
        )));
    }
    Ok(People(people))
}

impl<'de> de::Visitor<'de> for PeopleVisitor {
    type Value = People;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("user ids: a text, or a list of texts")
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<People, E> {
        split(Scalar::Truth(truth))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<People, E> {
        split(Scalar::Whole(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<People, E> {
        split(u64::try_from(number).map_or(Scalar::Negative(number), Scalar::Whole))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<People, E> {
        split(Scalar::Real(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<People, E> {
        split(Scalar::Text(text.to_owned()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<People, A::Error> {
        let mut people = Vec::new();
        while let Some(Word(id)) = list.next_element()? {
            if !id.is_empty() {
                people.push(id);
            }
        }
        if people.is_empty() {
            return Err(de::Error::custom(
                "the list names nobody; put user ids in it, or leave it out",
            ));
        }
        Ok(People(people))
    }
}

//! Single values as people write them: scripts quote numbers, spreadsheets unquote texts, queries know only texts.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, de};

/// A text; a number is taken as it is written. Blanks around it are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub(crate) struct Word(pub(crate) String);

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub(crate) struct Switch(pub(crate) bool);

/// A whole number from 0 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub(crate) struct Count(pub(crate) u64);

/// A whole number, also one below 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub(crate) struct Whole(pub(crate) i64);

/// A length of time: a number of seconds, or `60s`, `5m`, `24h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub(crate) struct Seconds(pub(crate) Duration);

impl Word {
    /// `None` for an empty one, which forms send for what was not filled in.
    pub(crate) fn filled(self) -> Option<String> {
        Some(self.0).filter(|text| !text.is_empty())
    }
}

#[derive(Debug)]
pub(super) enum Scalar {
    Truth(bool),
    Whole(u64),
    Negative(i64),
    Real(f64),
    Text(String),
}

/// What a value should have been.
#[derive(Debug, thiserror::Error)]
#[error("{found} is not {wanted}")]
pub(super) struct Wrong {
    found: Scalar,
    wanted: &'static str,
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth(truth) => truth.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Negative(number) => number.fmt(f),
            Self::Real(number) => number.fmt(f),
            Self::Text(text) => fmt::Debug::fmt(text, f),
        }
    }
}

impl TryFrom<Scalar> for Word {
    type Error = Wrong;

    fn try_from(found: Scalar) -> Result<Self, Wrong> {
        match found {
            Scalar::Text(text) => Ok(Self(text.trim().to_owned())),
            Scalar::Whole(number) => Ok(Self(number.to_string())),
            Scalar::Truth(_) | Scalar::Negative(_) | Scalar::Real(_) => Err(Wrong {
                found,
                wanted: "a text",
            }),
        }
    }
}

impl TryFrom<Scalar> for Switch {
    type Error = Wrong;

    fn try_from(found: Scalar) -> Result<Self, Wrong> {
        match &found {
            Scalar::Truth(truth) => Ok(Self(*truth)),
            Scalar::Whole(0) => Ok(Self(false)),
            Scalar::Whole(1) => Ok(Self(true)),
            Scalar::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Ok(Self(true)),
                "false" | "0" | "no" | "off" | "" => Ok(Self(false)),
                _ => Err(Wrong {
                    found,
                    wanted: "true or false",
                }),
            },
            Scalar::Whole(_) | Scalar::Negative(_) | Scalar::Real(_) => Err(Wrong {
                found,
                wanted: "true or false",
            }),
        }
    }
}

impl TryFrom<Scalar> for Count {
    type Error = Wrong;

    fn try_from(found: Scalar) -> Result<Self, Wrong> {
        let number = match &found {
            Scalar::Whole(number) => Some(*number),
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Truth(_) | Scalar::Negative(_) | Scalar::Real(_) => None,
        };
        number.map(Self).ok_or(Wrong {
            found,
            wanted: "a whole number",
        })
    }
}

impl TryFrom<Scalar> for Whole {
    type Error = Wrong;

    fn try_from(found: Scalar) -> Result<Self, Wrong> {
        let number = match &found {
            Scalar::Whole(number) => i64::try_from(*number).ok(),
            Scalar::Negative(number) => Some(*number),
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Truth(_) | Scalar::Real(_) => None,
        };
        number.map(Self).ok_or(Wrong {
            found,
            wanted: "a whole number",
        })
    }
}

impl TryFrom<Scalar> for Seconds {
    type Error = Wrong;

    fn try_from(found: Scalar) -> Result<Self, Wrong> {
        let time = match &found {
            Scalar::Whole(seconds) => Some(Duration::from_secs(*seconds)),
            Scalar::Real(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
            Scalar::Text(text) => length(text.trim()),
            Scalar::Truth(_) | Scalar::Negative(_) => None,
        };
        time.map(Self).ok_or(Wrong {
            found,
            wanted: "a length of time; write seconds, as in 60, or 60s, 5m, 24h",
        })
    }
}

fn length(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let parsed: jiff::SignedDuration = text.parse().ok()?;
    Duration::try_from(parsed).ok()
}

/// `1001.0`, as tables with empty places write a whole number.
fn whole(number: f64) -> Option<u64> {
    // Larger ones have lost digits.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 || !(0.0..=EXACT).contains(&number) {
        return None;
    }
    format!("{number:.0}").parse().ok()
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl de::Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a single value")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Scalar, E> {
        Ok(Scalar::Truth(truth))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(u64::try_from(number).map_or(Scalar::Negative(number), Scalar::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(whole(number).map_or(Scalar::Real(number), Scalar::Whole))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(text))
    }
}

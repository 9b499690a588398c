use serde::{Deserialize, Serialize};

use crate::{LocalTime, PinGroupId, TerminalId};

/// Where a PIN means one person: at one terminal, or at all of a group of terminals that share their PINs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Terminal(TerminalId),
    Group(PinGroupId),
}

/// How a mapping came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MappingHow {
    /// The PIN equals the employee number, and nothing spoke against it.
    Auto,
    Hand,
    Csv,
}

/// From when until when, on the terminal's own clock; the end is left out. `None`: always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub struct Validity {
    pub from: Option<LocalTime>,
    pub until: Option<LocalTime>,
}

impl Validity {
    pub const ALWAYS: Self = Self {
        from: None,
        until: None,
    };

    pub fn covers(&self, time: LocalTime) -> bool {
        self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time < until)
    }

    /// Whether it covers nothing at all.
    pub fn is_empty(&self) -> bool {
        match (self.from, self.until) {
            (Some(from), Some(until)) => from >= until,
            (None, _) | (_, None) => false,
        }
    }

    /// The time that both cover.
    #[must_use]
    pub fn within(&self, other: &Self) -> Option<Self> {
        let common = Self {
            from: later(self.from, other.from),
            until: earlier(self.until, other.until),
        };
        (!common.is_empty()).then_some(common)
    }

    /// What is left before and after another.
    pub fn without(&self, other: &Self) -> (Option<Self>, Option<Self>) {
        if self.within(other).is_none() {
            return (Some(*self), None);
        }
        let before = other.from.map(|until| Self {
            from: self.from,
            until: Some(until),
        });
        let after = other.until.map(|from| Self {
            from: Some(from),
            until: self.until,
        });
        let real = |part: Option<Self>| part.filter(|part| !part.is_empty());
        (real(before), real(after))
    }
}

/// Who is behind one PIN of one terminal, and when: its own mappings, and between them those of its group. In the order
/// of time; no two overlap.
pub fn settle_places<T: Copy>(
    own: &[(Validity, T)],
    shared: &[(Validity, T)],
) -> Vec<(Validity, T)> {
    let mut all = own.to_vec();
    for (validity, whose) in shared {
        let mut rest = vec![*validity];
        for (taken, _) in own {
            rest = rest
                .iter()
                .flat_map(|part| {
                    let (before, after) = part.without(taken);
                    [before, after]
                })
                .flatten()
                .collect();
        }
        all.extend(rest.into_iter().map(|part| (part, *whose)));
    }
    all.retain(|(validity, _)| !validity.is_empty());
    all.sort_by_key(|(validity, _)| validity.from);
    all
}

fn later(one: Option<LocalTime>, other: Option<LocalTime>) -> Option<LocalTime> {
    // None is before everything.
    one.max(other)
}

fn earlier(one: Option<LocalTime>, other: Option<LocalTime>) -> Option<LocalTime> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl MappingHow {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Hand => "hand",
            Self::Csv => "csv",
        }
    }
}

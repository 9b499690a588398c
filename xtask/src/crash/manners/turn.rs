use std::{collections::BTreeSet, time::Duration};

/// How one request ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crash) enum Turn {
    Take(Duration),
    /// 200 with lists of ids: what is taken, and what is refused; the rest is not spoken of.
    TakePart {
        taken: BTreeSet<String>,
        refused: BTreeSet<String>,
    },
    /// Not to be heard of: the connection ends, or half of the answer is missing, or it never ends, or never begins.
    Unheard(Taking, Silence),
    /// A status that says nothing against the records.
    Status(u16),
    /// 200 with an error in its JSON.
    ErrorInside,
    /// A status that says something against the records.
    Refuse(u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::crash) enum Taking {
    Takes,
    Leaves,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::crash) enum Silence {
    Cut,
    HalfAnAnswer,
    EndlessAnswer,
    NoAnswer,
}

impl Turn {
    /// Whether it takes the record with this id.
    pub(in crate::crash) fn takes(&self, id: &str) -> bool {
        match self {
            Self::Take(_) | Self::Unheard(Taking::Takes, _) => true,
            Self::TakePart { taken, .. } => taken.contains(id),
            Self::Unheard(Taking::Leaves, _)
            | Self::Status(_)
            | Self::ErrorInside
            | Self::Refuse(_) => false,
        }
    }

    /// For the summary.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Take(Duration::ZERO) => "200".to_owned(),
            Self::Take(_) => "200 slowly".to_owned(),
            Self::TakePart { refused, .. } if refused.is_empty() => "half a list".to_owned(),
            Self::TakePart { .. } => "200 with refusals".to_owned(),
            Self::Unheard(Taking::Takes, silence) => format!("{} after taking", silence.name()),
            Self::Unheard(Taking::Leaves, silence) => format!("{} before taking", silence.name()),
            Self::Status(status) | Self::Refuse(status) => status.to_string(),
            Self::ErrorInside => "error inside 200".to_owned(),
        }
    }
}

impl Silence {
    fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::HalfAnAnswer => "half an answer",
            Self::EndlessAnswer => "endless answer",
            Self::NoAnswer => "no answer",
        }
    }
}

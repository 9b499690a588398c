use std::fmt;

/// How good or bad something is. Pages show it as a colour, an icon and always a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    /// Something goes on.
    Busy,
    /// Somebody should look at it.
    Warn,
    /// Somebody must do something.
    Bad,
    /// Nothing to say.
    Idle,
}

/// A word with its tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pill {
    pub(crate) tone: Tone,
    pub(crate) word: String,
}

impl Tone {
    /// The name of its icon in `parts/icons.html`.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Busy => "busy",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Idle => "idle",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Good, Self::Busy, Self::Warn, Self::Bad, Self::Idle]
            .into_iter()
            .find(|tone| tone.icon() == word)
    }
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.icon())
    }
}

impl Pill {
    pub(crate) fn new(tone: Tone, word: impl Into<String>) -> Self {
        Self {
            tone,
            word: word.into(),
        }
    }
}

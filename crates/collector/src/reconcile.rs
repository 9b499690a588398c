//! Whether the numbers of a whole read add up: what the terminal says it has is stored, an exact repeat, or unreadable.
//! Pure.

/// The numbers of one whole read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// By the terminal's counters; `None` where it does not count.
    pub(crate) says: Option<u64>,
    /// Rows that came.
    pub(crate) rows: u64,
    /// Punches in the ledger that this read showed, stored now or before.
    pub(crate) stored: u64,
    pub(crate) repeats: u64,
    pub(crate) unreadable: u64,
}

impl Numbers {
    /// What the terminal has and we do not, if that is not nothing; negative where we have more.
    pub(crate) fn difference(&self) -> Option<i64> {
        let ours = self.stored + self.repeats + self.unreadable;
        let theirs = self.says.unwrap_or(self.rows);
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        Some(number(theirs) - number(ours)).filter(|difference| *difference != 0)
    }

    /// For people.
    pub(crate) fn in_words(&self) -> String {
        let says = match self.says {
            Some(says) => format!("the terminal says that it holds {says} punches"),
            None => format!("the terminal's log has {} rows", self.rows),
        };
        format!(
            "{says}, and its log came as {} rows: {} stored, {} exact repeats, {} unreadable",
            self.rows, self.stored, self.repeats, self.unreadable
        )
    }
}

use std::collections::VecDeque;

use domain::LogPosition;

use super::{LANDMARK, OVERLAP};

/// The last rows of a log, as it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    last: VecDeque<Vec<u8>>,
}

impl Ends {
    /// Goes on where a position ends.
    pub(crate) fn of(position: &LogPosition) -> Self {
        let mut ends = Self::default();
        for row in &position.last_rows {
            ends.push(row);
        }
        ends
    }

    pub(crate) fn push(&mut self, row: &[u8]) {
        // The oldest one's memory holds the newest.
        let mut place = if self.last.len() >= LANDMARK {
            self.last.pop_front().unwrap_or_default()
        } else {
            Vec::with_capacity(row.len())
        };
        place.clear();
        place.extend_from_slice(row);
        self.last.push_back(place);
    }

    /// The newest few, one behind the other.
    pub(crate) fn overlap(&self) -> Vec<u8> {
        let skipped = self.last.len().saturating_sub(OVERLAP);
        self.last.iter().skip(skipped).flatten().copied().collect()
    }

    /// `layout` and `size` are those of the rows, `size` 0 where they differ; `counters` the answer that told the truth
    /// about them.
    pub(crate) fn into_position(
        self,
        rows: u64,
        layout: String,
        size: usize,
        counters: Option<Vec<u8>>,
    ) -> LogPosition {
        LogPosition {
            rows,
            row_size: u32::try_from(size).unwrap_or(0),
            layout,
            last_rows: self.last.into(),
            counters,
        }
    }
}

use domain::LogPosition;

use super::{Approach, LANDMARK, Why, approach::window};

/// What a window at the end of a log shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// What follows this byte of the window is new.
    NewFrom(usize),
    /// The log is not the one that we know, or its middle changed.
    Nothing,
}

/// Whether bytes begin with the last `known` rows of the position.
pub(crate) fn begins_as_known(position: &LogPosition, known: usize, bytes: &[u8]) -> bool {
    let skipped = position.last_rows.len().saturating_sub(known);
    let mut rest = bytes;
    position.last_rows.iter().skip(skipped).all(|row| {
        let same = rest.strip_prefix(row.as_slice());
        rest = same.unwrap_or_default();
        same.is_some()
    })
}

/// Looks for the last known rows, in their order and next to each other. `from` is where the window begins in the log.
///
/// They may only have moved towards the beginning, as old rows give way to new ones; rows that were put in before them
/// are new too, and nobody knows which they are. Where they stand more than once, the first place leaves nothing out.
pub(crate) fn search(position: &LogPosition, from: usize, window: &[u8]) -> Found {
    let (Ok(size), Ok(before)) = (
        usize::try_from(position.row_size),
        usize::try_from(position.rows),
    ) else {
        return Found::Nothing;
    };
    let skipped = position.last_rows.len().saturating_sub(LANDMARK);
    let landmark = position.last_rows.get(skipped..).unwrap_or_default();
    if size == 0 || landmark.is_empty() {
        return Found::Nothing;
    }
    let rows: Vec<&[u8]> = window.chunks_exact(size).collect();
    let place = rows.windows(landmark.len()).position(|there| {
        there
            .iter()
            .zip(landmark)
            .all(|(there, known)| *there == known.as_slice())
    });
    let Some(place) = place else {
        return Found::Nothing;
    };
    let behind = place + landmark.len();
    if from / size + behind > before {
        return Found::Nothing;
    }
    Found::NewFrom(behind * size)
}

impl Approach {
    /// After the end of a log did not begin as known.
    pub(crate) fn after_mismatch(position: &LogPosition, bytes: usize) -> Self {
        match usize::try_from(position.row_size) {
            Ok(size) if size > 0 => window(bytes, size),
            Ok(_) | Err(_) => Self::Whole(Why::Moved),
        }
    }
}

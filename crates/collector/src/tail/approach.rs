use domain::LogPosition;

use super::{OVERLAP, WINDOW, Why};

/// How a prepared log of a known size is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approach {
    /// From this byte on. It begins with so many rows that are known, if nothing moved.
    End {
        from: usize,
        known: usize,
    },
    /// From this byte on; what is known must be looked for.
    Window {
        from: usize,
    },
    Whole(Why),
}

/// `bytes` is the size of all rows now; `whole` says that they are here already.
pub(crate) fn approach(position: &LogPosition, bytes: usize, whole: bool) -> Approach {
    let (Ok(size), Ok(before)) = (
        usize::try_from(position.row_size),
        usize::try_from(position.rows),
    ) else {
        return Approach::Whole(Why::Rows);
    };
    if whole || bytes == 0 {
        return Approach::Whole(Why::Inline);
    }
    if before == 0 || position.last_rows.is_empty() {
        return Approach::Whole(Why::Unknown);
    }
    if size == 0 || !bytes.is_multiple_of(size) {
        return Approach::Whole(Why::Rows);
    }
    let now = bytes / size;
    if now < before {
        return window(bytes, size);
    }
    let known = OVERLAP.min(position.last_rows.len()).min(before);
    Approach::End {
        from: (before - known) * size,
        known,
    }
}

/// The last 64 KiB in whole rows; a log that is no longer is read whole at once.
pub(super) fn window(bytes: usize, size: usize) -> Approach {
    let rows = WINDOW.checked_div(size).unwrap_or(0).max(1);
    match bytes.checked_sub(rows.saturating_mul(size)) {
        None | Some(0) => Approach::Whole(Why::Moved),
        Some(from) => Approach::Window { from },
    }
}

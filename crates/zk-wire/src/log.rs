use crate::{AttendanceRow, LayoutError, RowLayout, Unreadable};

/// Cuts an attendance log into rows while it arrives, however it is cut.
///
/// Rows come out once enough arrived to be sure of their layout ([`RowLayout::SAMPLE`] bytes, or the whole log). Of a log in
/// no layout that is known, pieces come out that cannot be read, so that its bytes can be kept.
#[derive(Debug)]
pub struct LogSplitter {
    /// Bytes of all rows, as the log declares.
    total: usize,
    /// Rows, as the counters say.
    records: Option<u32>,
    layout: Option<RowLayout>,
    refused: Option<LayoutError>,
    /// Bytes that came and are no whole rows yet.
    pending: Vec<u8>,
    arrived: usize,
}

/// Whole rows of one layout; the last one of a log may be shorter.
#[derive(Debug, Clone)]
pub struct LogRows {
    bytes: Vec<u8>,
    layout: RowLayout,
}

/// One row of a log.
#[derive(Debug, Clone, Copy)]
pub struct LogRow<'a> {
    raw: &'a [u8],
    layout: RowLayout,
}

impl LogSplitter {
    /// `total` is the number of bytes that the log declares; `records` what the counters say.
    pub fn new(total: usize, records: Option<u32>) -> Self {
        Self {
            total,
            records,
            layout: None,
            refused: None,
            pending: Vec::new(),
            arrived: 0,
        }
    }

    /// A terminal whose layout is known by other means.
    #[must_use]
    pub fn with_layout(mut self, layout: RowLayout) -> Self {
        self.layout = Some(layout);
        self
    }

    /// Takes the next bytes of the log; what goes beyond its end is left out.
    pub fn push(&mut self, bytes: &[u8]) -> Option<LogRows> {
        let room = self.total - self.arrived;
        let bytes = bytes.get(..bytes.len().min(room)).unwrap_or_default();
        self.arrived += bytes.len();
        self.pending.extend_from_slice(bytes);
        let enough = self.arrived == self.total || self.pending.len() >= RowLayout::SAMPLE;
        let layout = match self.layout {
            Some(layout) => layout,
            None if self.total == 0 || !enough => return None,
            None => {
                // Never more than that, so that the same log reads the same however it arrives.
                let sample = self.pending.get(..RowLayout::SAMPLE);
                let sample = sample.unwrap_or(&self.pending);
                let derived = RowLayout::derive(self.total, self.records, sample);
                self.refused = derived.err();
                let layout = derived.unwrap_or(RowLayout::unknown(self.total, self.records));
                *self.layout.insert(layout)
            }
        };
        let whole = if self.arrived == self.total {
            self.pending.len()
        } else {
            self.pending.len() - self.pending.len() % layout.size()
        };
        if whole == 0 {
            return None;
        }
        let rest = self.pending.split_off(whole);
        let bytes = std::mem::replace(&mut self.pending, rest);
        Some(LogRows { bytes, layout })
    }

    /// `None` until enough arrived, and for an empty log.
    pub fn layout(&self) -> Option<RowLayout> {
        self.layout
    }

    /// Why the layout is [`Unknown`](RowLayout::Unknown), where it is.
    pub fn refused(&self) -> Option<LayoutError> {
        self.refused
    }

    /// Whether every byte of the log arrived.
    pub fn is_complete(&self) -> bool {
        self.arrived == self.total && self.pending.is_empty()
    }
}

impl LogRows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.bytes.len().div_ceil(self.layout.size())
    }

    /// Whether there is no row; [`LogSplitter::push`] never gives that.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// In the order of the log.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = LogRow<'_>> {
        self.bytes.chunks(self.layout.size()).map(|raw| LogRow {
            raw,
            layout: self.layout,
        })
    }
}

impl<'a> LogRow<'a> {
    /// The row as it came.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// What the row says, or why it cannot be read; its neighbours can.
    pub fn read(&self) -> Result<AttendanceRow, Unreadable> {
        self.layout.decode(self.raw)
    }
}

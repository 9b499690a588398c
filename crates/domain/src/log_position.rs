/// How far a terminal's log was read, so that the next read begins there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPosition {
    /// Rows in the log at that moment.
    pub rows: u64,
    /// Bytes of a row.
    pub row_size: u32,
    /// Name of the layout of the rows.
    pub layout: String,
    /// The last rows byte for byte, oldest first; see [`LogPosition::MOST_ROWS`].
    pub last_rows: Vec<Vec<u8>>,
    /// The answer to `GET_FREE_SIZES` at that moment, byte for byte.
    pub counters: Option<Vec<u8>>,
}

impl LogPosition {
    /// How many of the last rows are kept.
    pub const MOST_ROWS: usize = 16;
}

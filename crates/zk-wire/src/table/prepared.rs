use std::ops::Range;

use super::{Link, Table, TableRead, fetch::Numbering};

/// A table that the terminal holds ready, of which any part can be asked for until `FREE_DATA`. It is as the terminal had
/// it at the moment of [`TableRead::prepare`].
///
/// That a terminal reads from where it is told is common sense of the command, but not sure for every firmware. Answers of
/// another length and answers that begin where the table begins are found out ([`TableError::Offset`](crate::TableError));
/// for more than that, ask also for rows that are known, and compare.
#[derive(Debug, Clone)]
pub struct PreparedTable {
    pub(super) table: Table,
    pub(super) link: Link,
    /// Bytes that the terminal prepared: the length, the rows, perhaps padding.
    pub(super) size: usize,
    pub(super) declared: usize,
    /// The beginning of the table, its length with it.
    pub(super) head: Vec<u8>,
    pub(super) most: usize,
    pub(super) numbering: Numbering,
}

impl PreparedTable {
    /// Bytes of all rows, as the table itself declares.
    pub fn bytes(&self) -> usize {
        self.declared
    }

    /// Bytes that one request asks for at most.
    pub fn chunk_size(&self) -> usize {
        self.most
    }

    /// Begins to read a part: `rows` are bytes of rows, 0 is the first byte of the first. `None` where no row lies there.
    pub fn read(&self, rows: Range<usize>) -> Option<TableRead> {
        let rows = rows.start..rows.end.min(self.declared);
        (!rows.is_empty()).then(|| TableRead::part(self, rows))
    }

    /// Remembers what a read of a part showed of the terminal's ways, so that the next one need not find out again.
    pub fn learn(&mut self, read: &TableRead) {
        (self.most, self.numbering) = read.learned();
    }
}

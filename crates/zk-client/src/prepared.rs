use std::ops::Range;

use zk_wire::{PreparedTable, Table, TableRead};

use crate::{Error, Session, table::TableStream};

/// The attendance log as it was at one moment, held ready by the terminal, of which any part can be read.
///
/// It holds no session: short commands may go between two reads. Reading another table gives it up. Let the terminal free
/// it with [`Session::free_log`].
#[derive(Debug)]
pub struct PreparedLog {
    rows: Rows,
    preparation: u64,
}

#[derive(Debug)]
enum Rows {
    /// They came with the first answer.
    Here(Vec<u8>),
    Held(PreparedTable),
}

/// Bytes of a log's own length, before its first row.
const LENGTH: usize = 4;

impl PreparedLog {
    /// Bytes of all rows.
    pub fn bytes(&self) -> usize {
        match &self.rows {
            Rows::Here(bytes) => bytes.len(),
            Rows::Held(table) => table.bytes(),
        }
    }

    /// Whether the terminal handed out all of it at once, so that reading costs nothing more: short logs, and all logs of
    /// some terminals.
    pub fn arrived_whole(&self) -> bool {
        matches!(self.rows, Rows::Here(_))
    }

    /// Bytes that one request asks for at most. A read of more takes several, so read no more at a time where short
    /// commands wait.
    pub fn chunk_size(&self) -> usize {
        match &self.rows {
            Rows::Here(bytes) => bytes.len().max(1),
            Rows::Held(table) => table.chunk_size(),
        }
    }
}

impl Session {
    /// Has the terminal prepare its attendance log, after freeing a table that was left open.
    pub async fn prepare_log(&mut self) -> Result<PreparedLog, Error> {
        let read = TableRead::prepare(Table::Attendance, self.conversation.kind());
        let mut stream = self.open_table(read).await?;
        let bytes = stream.rest(&mut self.conversation).await;
        self.ways.directly = stream.directly();
        let bytes = bytes?;
        let rows = match stream.prepared() {
            Some(table) => Rows::Held(table),
            None => Rows::Here(bytes),
        };
        Ok(PreparedLog {
            rows,
            preparation: self.preparation,
        })
    }

    /// Bytes of the rows of a prepared log; 0 is the first byte of the first row.
    ///
    /// [`Error::OffsetRefused`] comes from a terminal that does not read from where it is told. One that begins elsewhere
    /// in the middle cannot be found out here: ask also for rows that are known, and compare.
    pub async fn read_log(
        &mut self,
        log: &mut PreparedLog,
        rows: Range<usize>,
    ) -> Result<Vec<u8>, Error> {
        if rows.start > rows.end || rows.end > log.bytes() {
            return Err(Error::Invalid {
                reason: format!(
                    "the log has {} bytes; there are none from {} to {}",
                    log.bytes(),
                    rows.start,
                    rows.end
                ),
            });
        }
        let table = match &mut log.rows {
            Rows::Here(bytes) => return Ok(bytes.get(rows).unwrap_or_default().to_vec()),
            Rows::Held(table) => table,
        };
        if !self.table_is_open || self.preparation != log.preparation {
            return Err(Error::Invalid {
                reason: "the terminal does not hold this log ready any more".to_owned(),
            });
        }
        let offset = rows.start + LENGTH;
        let Some(read) = table.read(rows) else {
            return Ok(Vec::new());
        };
        let mut stream = TableStream::of_part(read, offset, &self.conversation);
        let bytes = stream.rest(&mut self.conversation).await?;
        stream.teach(table);
        Ok(bytes)
    }

    /// Lets the terminal free the log. Whether it answers to that changes nothing of what was read.
    pub async fn free_log(&mut self, log: PreparedLog) {
        if self.preparation == log.preparation {
            self.leave_table().await;
        }
    }
}

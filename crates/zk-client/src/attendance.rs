use zk_wire::{FreeSizes, LogRows, LogSplitter, RowLayout, Table, TableRead};

use crate::{Error, Session, table::TableStream};

/// The attendance log on its way: rows come out while the rest is still with the terminal, and one piece of the log is
/// held at a time.
///
/// Call [`finish`](Self::finish) at the end. A log that is dropped before leaves the session usable.
#[derive(Debug)]
pub struct AttendanceLog<'a> {
    session: &'a mut Session,
    stream: TableStream,
    records: Option<u32>,
    /// Once the log's length is known.
    splitter: Option<LogSplitter>,
    rows: u64,
}

/// What a read of the log came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSummary {
    /// `None` for an empty log.
    pub layout: Option<RowLayout>,
    /// Rows that came out, readable or not.
    pub rows: u64,
}

impl Session {
    /// Begins to read the whole attendance log. The counters help to recognise the form of its rows and are not trusted
    /// for more.
    pub async fn attendance(
        &mut self,
        counters: Option<&FreeSizes>,
    ) -> Result<AttendanceLog<'_>, Error> {
        let read = TableRead::new(Table::Attendance, self.conversation.kind());
        self.begin_log(read, counters).await
    }

    /// As [`attendance`](Self::attendance), from a terminal that cannot read from the middle of a log
    /// ([`Error::OffsetRefused`]).
    pub async fn attendance_in_one_piece(
        &mut self,
        counters: Option<&FreeSizes>,
    ) -> Result<AttendanceLog<'_>, Error> {
        let read = TableRead::in_one_piece(Table::Attendance, self.conversation.kind());
        self.begin_log(read, counters).await
    }

    /// From now on the log is read only from a terminal that prepares it. Some hand out what happens to be in their memory
    /// when they are asked for it directly (`js_zklib` #50, #53), which others do where they prepare nothing.
    pub fn never_read_log_directly(&mut self) {
        self.ways.log_never_directly = true;
    }

    async fn begin_log(
        &mut self,
        read: TableRead,
        counters: Option<&FreeSizes>,
    ) -> Result<AttendanceLog<'_>, Error> {
        let stream = self.open_table(read).await?;
        let records = counters.and_then(FreeSizes::records);
        Ok(AttendanceLog {
            session: self,
            stream,
            records,
            splitter: None,
            rows: 0,
        })
    }
}

impl AttendanceLog<'_> {
    /// The next rows in the order of the log; `None` at its end. After an error the rows that came out before are right,
    /// but not all.
    pub async fn next_rows(&mut self) -> Result<Option<LogRows>, Error> {
        while let Some(bytes) = self
            .stream
            .next_bytes(&mut self.session.conversation)
            .await?
        {
            // Bytes come out only once the length is known.
            let total = self.stream.declared().unwrap_or(bytes.len());
            let splitter = self
                .splitter
                .get_or_insert_with(|| LogSplitter::new(total, self.records));
            if let Some(rows) = splitter.push(&bytes)? {
                self.rows += rows.len() as u64;
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }

    /// Bytes of all rows together, once it is known.
    pub fn bytes(&self) -> Option<usize> {
        self.stream.declared()
    }

    /// How the rows are laid out, once it is known.
    pub fn layout(&self) -> Option<RowLayout> {
        self.splitter.as_ref().and_then(LogSplitter::layout)
    }

    /// Lets the terminal free the log. Whether it answers to that changes nothing of what was read.
    pub async fn finish(self) -> LogSummary {
        let summary = LogSummary {
            layout: self.layout(),
            rows: self.rows,
        };
        self.session.leave_table().await;
        summary
    }
}

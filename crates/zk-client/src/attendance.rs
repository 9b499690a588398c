use zk_wire::{FreeSizes, LayoutError, LogRows, LogSplitter, RowLayout, Table, TableRead};

use crate::{Error, Session, table::TableStream};

/// The attendance log on its way: rows come out while the rest is still with the terminal, and one piece of the log is
/// held at a time.
///
/// Call [`finish`](Self::finish) at the end. A log that is dropped before leaves the session usable.
#[derive(Debug)]
pub struct AttendanceLog<'a> {
    session: &'a mut Session,
    stream: TableStream,
    beginning: Beginning,
    records: Option<u32>,
    /// Bytes of all rows.
    total: Option<usize>,
    /// Once the log's length is known.
    splitter: Option<LogSplitter>,
    rows: u64,
}

/// What came out first, for a terminal that cannot go on from there.
#[derive(Debug)]
enum Beginning {
    ToCome,
    Is(Vec<u8>),
    /// The terminal does not go on from there, so that all of it has to come again.
    Again(Vec<u8>),
    /// The terminal goes on, or handed out all of it at once.
    Past,
}

/// What a read of the log came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSummary {
    /// `None` for an empty log.
    pub layout: Option<RowLayout>,
    /// Rows that came out, readable or not.
    pub rows: u64,
    /// Why no row can be read, where the layout is [`Unknown`](RowLayout::Unknown).
    pub refused: Option<LayoutError>,
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

    /// As [`attendance`](Self::attendance), which finds it out by itself, from a terminal that is known not to read from
    /// the middle of a log ([`Error::OffsetRefused`]).
    pub async fn attendance_in_one_piece(
        &mut self,
        counters: Option<&FreeSizes>,
    ) -> Result<AttendanceLog<'_>, Error> {
        let read = TableRead::in_one_piece(Table::Attendance, self.conversation.kind());
        self.begin_log(read, counters).await
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
            beginning: Beginning::ToCome,
            records,
            total: None,
            splitter: None,
            rows: 0,
        })
    }
}

impl AttendanceLog<'_> {
    /// The next rows in the order of the log; `None` at its end. After an error the rows that came out before are right,
    /// but not all. Of a log in no layout that is known, pieces come out that cannot be read.
    pub async fn next_rows(&mut self) -> Result<Option<LogRows>, Error> {
        while let Some(bytes) = self.next_bytes().await? {
            // Bytes come out only once the length is known.
            let declared = self.stream.declared().unwrap_or(bytes.len());
            let total = *self.total.get_or_insert(declared);
            let splitter = self
                .splitter
                .get_or_insert_with(|| LogSplitter::new(total, self.records));
            if let Some(rows) = splitter.push(&bytes) {
                self.rows += rows.len() as u64;
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }

    /// Bytes as they come; from a terminal that cannot go on behind the first of them, all of them once more in one piece.
    async fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, Error> {
        loop {
            if let Beginning::Again(beginning) = &self.beginning {
                let beginning = beginning.clone();
                let rest = self.once_more(&beginning).await;
                self.beginning = Beginning::Past;
                return rest.map(Some);
            }
            let next = self.stream.next_bytes(&mut self.session.conversation).await;
            let beginning = std::mem::replace(&mut self.beginning, Beginning::Past);
            match (next, beginning) {
                (Ok(Some(bytes)), Beginning::ToCome) if self.bytes() > Some(bytes.len()) => {
                    self.beginning = Beginning::Is(bytes.clone());
                    return Ok(Some(bytes));
                }
                (Err(Error::OffsetRefused { .. }), Beginning::Is(beginning)) => {
                    self.beginning = Beginning::Again(beginning);
                }
                (next, _) => return next,
            }
        }
    }

    /// What follows on `beginning` in a log that is read anew.
    async fn once_more(&mut self, beginning: &[u8]) -> Result<Vec<u8>, Error> {
        let read = TableRead::in_one_piece(Table::Attendance, self.session.conversation.kind());
        self.stream = self.session.open_table(read).await?;
        let whole = self.stream.rest(&mut self.session.conversation).await?;
        match whole.strip_prefix(beginning) {
            Some(rest) => Ok(rest.to_vec()),
            None => Err(Error::Damaged {
                address: self.session.conversation.address().to_owned(),
                reason: "its log changed while it was read".to_owned(),
            }),
        }
    }

    /// Bytes of all rows together, once it is known.
    pub fn bytes(&self) -> Option<usize> {
        self.total.or_else(|| self.stream.declared())
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
            refused: self.splitter.as_ref().and_then(LogSplitter::refused),
        };
        self.session.ways.directly = self.stream.directly();
        self.session.leave_table().await;
        summary
    }
}

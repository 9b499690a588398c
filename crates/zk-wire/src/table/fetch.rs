mod answer;
mod piece;

use std::ops::Range;

use super::{
    Link, MAX_TABLE, PreparedTable, Progress, Request, Table, TableError, chunk::Chunk,
    datagrams::Datagrams, in_order::InOrder,
};
use crate::{Packet, WireError, bytes::u32_at, code};

/// One read of one table: of all of it ([`new`](Self::new)), of its beginning only, to ask for parts later
/// ([`prepare`](Self::prepare)), or of such a part ([`PreparedTable::read`]).
///
/// Send [`request`](Self::request), give every reply to it to [`take`](Self::take) and every silence to
/// [`silence`](Self::silence), and do what they say; [`take_bytes`](Self::take_bytes) hands out the rows' bytes in order.
/// Replies with another number are not for here. Finish with `FREE_DATA`.
#[derive(Debug)]
pub struct TableRead {
    table: Table,
    link: Link,
    stage: Stage,
    request: Request,
    reach: Reach,
    /// Packets of the present answer over TCP.
    in_order: InOrder,
    /// Packets of the present answer over UDP.
    datagrams: Datagrams,
    numbering: Numbering,
    /// Bytes of a prepared table that are asked for at a time.
    most: usize,
    /// The terminal said that the present answer is over; over UDP, packets may still be on their way.
    closing: bool,
    /// Bytes in order, not handed out yet.
    ready: Vec<u8>,
    /// Bytes of the rows, as the table itself declares.
    declared: Option<usize>,
    handed_out: usize,
    /// Requests in a row that brought nothing new.
    fruitless: u32,
    /// Most bytes of a direct answer that tries brought together.
    kept: usize,
    /// Packets in a row that brought nothing new.
    idle: u32,
    refused: Option<u16>,
    /// Tries in a row that brought one datagram, always the same, and that datagram.
    alone: (u32, Vec<u8>),
    /// Whole answers in packets without numbers, as hashes.
    unsure: Vec<u64>,
    /// Bare `ACK_OK`s in a row that were the answer over UDP: an empty table, or the end of an answer that was lost.
    bare_answers: u32,
    /// The first bytes of the table, its length with them.
    head: Vec<u8>,
    /// The present answer was announced in the size that was asked for.
    announced: bool,
    prepared: Option<usize>,
}

/// How much of a prepared table is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// All of it, one piece after the other.
    Pieces,
    /// All of it in one request.
    OnePiece,
    /// Its beginning, which tells its length.
    Head,
}

#[derive(Debug)]
enum Stage {
    Preparing,
    /// The whole table comes by itself, as announced.
    Direct {
        size: usize,
    },
    /// The pieces of a prepared table are asked for.
    Buffered {
        size: usize,
        /// Where the part that is read ends.
        end: usize,
        chunk: Chunk,
    },
    Done,
}

/// Whether the terminal numbers its datagrams.
#[derive(Debug, Clone, Copy)]
pub(super) enum Numbering {
    /// No answer of several packets was complete yet.
    Unknown,
    /// From 0 in each answer; full packets have so many bytes.
    FromZero { packet: usize },
    /// Not at all, so each request asks only for what one packet can carry.
    Missing { packet: usize },
}

/// Bytes of a table's own length, before its first row.
const LENGTH: usize = 4;
/// Requests in a row that may bring nothing new before a table is given up.
const FRUITLESS: u32 = 8;
/// Packets in a row that may bring nothing new: a terminal that repeats itself for ever is no terminal.
const IDLE: u32 = 4_096;
/// Bytes of a prepared table that tell its length, and enough of its first row to recognise it.
const HEAD: usize = 64;
/// Bytes that may be equal by chance.
const CHANCE: usize = 7;

impl TableRead {
    /// Begins to read the whole table; nothing was sent yet.
    pub fn new(table: Table, link: Link) -> Self {
        Self::reaching(Reach::Pieces, table, link)
    }

    /// Begins to have a table prepared. Once it is done, [`prepared`](Self::prepared) is what parts can be asked for from;
    /// `None` where the terminal handed out all of it at once, which [`take_bytes`](Self::take_bytes) then gives.
    pub fn prepare(table: Table, link: Link) -> Self {
        Self::reaching(Reach::Head, table, link)
    }

    /// Begins to read the whole table from a terminal that cannot begin in its middle: in one piece over TCP, directly
    /// over UDP and in one piece where that is refused.
    pub fn in_one_piece(table: Table, link: Link) -> Self {
        let mut read = Self::reaching(Reach::OnePiece, table, link);
        if link == Link::Datagram {
            read.request = table.direct();
        }
        read
    }

    /// Begins to read `rows` of a prepared table; they are not empty and within it.
    pub(super) fn part(prepared: &PreparedTable, rows: Range<usize>) -> Self {
        let mut read = Self::reaching(Reach::Pieces, prepared.table, prepared.link);
        read.most = prepared.most;
        read.numbering = prepared.numbering;
        read.head.clone_from(&prepared.head);
        read.declared = Some(prepared.declared);
        read.handed_out = rows.start;
        read.ask_for_chunk(prepared.size, rows.end + LENGTH, rows.start + LENGTH);
        read
    }

    fn reaching(reach: Reach, table: Table, link: Link) -> Self {
        Self {
            table,
            link,
            stage: Stage::Preparing,
            request: table.prepare(),
            reach,
            in_order: InOrder::default(),
            datagrams: Datagrams::default(),
            numbering: Numbering::Unknown,
            most: link.chunk(),
            closing: false,
            ready: Vec::new(),
            declared: None,
            handed_out: 0,
            fruitless: 0,
            kept: 0,
            idle: 0,
            refused: None,
            alone: (0, Vec::new()),
            unsure: Vec::new(),
            bare_answers: 0,
            head: Vec::new(),
            announced: false,
            prepared: None,
        }
    }

    /// What to send now. It may be sent again under its number while no reply came.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Whether the terminal may need long to answer, because it builds the table.
    pub fn is_preparing(&self) -> bool {
        matches!(self.stage, Stage::Preparing)
    }

    /// Bytes of the rows, known once the beginning of the table arrived.
    pub fn declared(&self) -> Option<usize> {
        self.declared
    }

    /// What parts can be asked for from, after [`prepare`](Self::prepare) is done.
    pub fn prepared(&self) -> Option<PreparedTable> {
        Some(PreparedTable {
            table: self.table,
            link: self.link,
            size: self.prepared?,
            declared: self.declared?,
            head: self.head.clone(),
            most: self.most,
            numbering: self.numbering,
        })
    }

    pub(super) fn learned(&self) -> (usize, Numbering) {
        (self.most, self.numbering)
    }

    /// Bytes of rows that arrived in order since the last call; nothing of what stands behind the declared end.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        if self.declared.is_none() {
            return Vec::new();
        }
        self.cut();
        let bytes = std::mem::take(&mut self.ready);
        self.handed_out += bytes.len();
        bytes
    }

    /// Takes a reply to the present request.
    pub fn take(&mut self, packet: Packet) -> Result<Progress, TableError> {
        let before = self.arrived();
        let progress = match &self.stage {
            // An event is no reply.
            _ if packet.command == code::REG_EVENT => Progress::Wait,
            Stage::Preparing => self.take_answer(packet)?,
            Stage::Direct { size } => self.take_direct(packet, *size)?,
            Stage::Buffered { chunk, .. } => self.take_piece(packet, chunk.wanted())?,
            Stage::Done => Progress::Done,
        };
        let waits = matches!(progress, Progress::Wait | Progress::WaitBriefly);
        self.idle = if waits && self.arrived() == before {
            self.idle + 1
        } else {
            0
        };
        if self.idle > IDLE {
            return Err(self.damaged("the terminal repeats itself without end".to_owned()));
        }
        Ok(progress)
    }

    /// Nothing more came for the present request within its time. Over TCP the conversation must start over.
    pub fn silence(&mut self) -> Result<Progress, TableError> {
        match (&self.stage, self.link) {
            (Stage::Done, _) => Ok(Progress::Done),
            (Stage::Buffered { .. }, Link::Datagram) => self.ask_for_missing(),
            (Stage::Preparing | Stage::Direct { .. }, Link::Datagram) => self.again(),
            (Stage::Buffered { chunk, .. }, Link::Stream)
                if self.in_order.bytes() > 0 && !self.announced =>
            {
                let (came, wanted) = (self.in_order.bytes(), chunk.wanted());
                Err(self.wrong_piece(format!("{came} bytes came where {wanted} were asked for")))
            }
            (Stage::Preparing | Stage::Direct { .. } | Stage::Buffered { .. }, Link::Stream) => {
                Err(self.damaged("nothing more of it came".to_owned()))
            }
        }
    }

    /// Takes a packet of an answer of `wanted` bytes over TCP; `true` once it is complete. Bytes go on before only where
    /// nothing can be missing between them.
    fn take_in_order(&mut self, packet: Packet, wanted: usize) -> Result<bool, TableError> {
        self.in_order.take(packet.session, packet.payload);
        if self.in_order.bytes() > wanted {
            let reason = format!("more than the announced {wanted} bytes came");
            return Err(self.wrong_piece(reason));
        }
        let complete = self.in_order.bytes() == wanted;
        if complete && !self.in_order.finish(&mut self.ready) {
            return Err(self.damaged("its packets changed places or are missing".to_owned()));
        }
        if let Stage::Direct { size } = self.stage
            && !complete
            && self.in_order.is_counted()
        {
            self.in_order.hand_on(&mut self.ready);
            if self.declared.is_none() && self.ready.len() >= LENGTH {
                self.declare(size)?;
            }
            self.cut();
        }
        Ok(complete)
    }

    fn complete(&mut self, size: usize) -> Result<Progress, TableError> {
        if self.declared.is_none() {
            self.declare(size)?;
        }
        self.cut();
        self.stage = Stage::Done;
        Ok(Progress::Done)
    }

    fn complete_empty(&mut self) -> Progress {
        self.declared = Some(0);
        self.stage = Stage::Done;
        Progress::Done
    }

    /// Reads the table's own length, which must fit what was announced; some firmware pads at the end.
    fn declare(&mut self, size: usize) -> Result<(), TableError> {
        if self.table.length() == 0 {
            self.declared = Some(size);
            return Ok(());
        }
        let declared = match u32_at(&self.ready, 0) {
            Some(declared) => bounded(declared)?,
            None if self.ready.is_empty() => 0,
            None => return Err(self.damaged(format!("it is {} bytes long", self.ready.len()))),
        };
        let have = size.saturating_sub(LENGTH);
        if declared > have {
            return Err(self.damaged(format!(
                "it declares {declared} bytes of rows and brings {have}"
            )));
        }
        self.ready.drain(..self.ready.len().min(LENGTH));
        self.declared = Some(declared);
        Ok(())
    }

    /// Leaves out what stands behind the declared end.
    fn cut(&mut self) {
        if let Some(declared) = self.declared {
            self.ready
                .truncate(declared.saturating_sub(self.handed_out));
        }
    }

    fn wait(&self) -> Progress {
        if self.closing {
            Progress::WaitBriefly
        } else {
            Progress::Wait
        }
    }

    /// Bytes of the present answer.
    fn arrived(&self) -> usize {
        self.in_order.bytes() + self.datagrams.bytes()
    }

    /// Bytes that answer the present request for a piece: where the table begins, or else not the same again.
    fn look_at(&mut self, bytes: &[u8]) -> Result<(), TableError> {
        if self.offset() == 0 {
            self.head = bytes.iter().take(HEAD).copied().collect();
            return Ok(());
        }
        let known = self.head.len().min(bytes.len());
        if known > CHANCE && self.head.get(..known) == bytes.get(..known) {
            return Err(self.wrong_piece("what came is the beginning of the table".to_owned()));
        }
        Ok(())
    }

    /// Where in the prepared table the present request begins.
    fn offset(&self) -> usize {
        match &self.stage {
            Stage::Buffered { chunk, .. } => chunk.asked_from(),
            Stage::Preparing | Stage::Direct { .. } | Stage::Done => 0,
        }
    }

    /// The answer is not what was asked for; in the middle of a table, this may be because it is the middle.
    fn wrong_piece(&self, reason: String) -> TableError {
        match self.offset() {
            0 => self.damaged(reason),
            offset => TableError::Offset {
                table: self.table.name(),
                offset,
                reason,
            },
        }
    }

    fn damaged(&self, reason: String) -> TableError {
        TableError::Damaged {
            table: self.table.name(),
            reason,
        }
    }
}

fn bounded(announced: u32) -> Result<usize, TableError> {
    match usize::try_from(announced) {
        Ok(size) if announced <= MAX_TABLE => Ok(size),
        _ => Err(TableError::TooLong {
            announced,
            max: MAX_TABLE,
        }),
    }
}

impl From<TableError> for WireError {
    fn from(error: TableError) -> Self {
        Self::Payload {
            what: "a table",
            reason: error.to_string(),
        }
    }
}

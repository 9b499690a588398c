mod answer;
mod piece;

use super::{
    Link, MAX_TABLE, Progress, Request, Table, TableError, chunk::Chunk, datagrams::Datagrams,
    in_order::InOrder,
};
use crate::{Packet, WireError, bytes::u32_at, code};

/// One read of one table.
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
        chunk: Chunk,
    },
    Done,
}

/// Whether the terminal numbers its datagrams.
#[derive(Debug, Clone, Copy)]
enum Numbering {
    /// No answer of several packets was complete yet.
    Unknown,
    /// From 0 in each answer; full packets have so many bytes.
    FromZero { packet: usize },
    /// Not at all, so each request asks only for what one packet can carry.
    Missing { packet: usize },
}

/// Requests in a row that may bring nothing new before a table is given up.
const FRUITLESS: u32 = 8;
/// Packets in a row that may bring nothing new: a terminal that repeats itself for ever is no terminal.
const IDLE: u32 = 4_096;

impl TableRead {
    /// Begins a read; nothing was sent yet.
    pub fn new(table: Table, link: Link) -> Self {
        Self {
            table,
            link,
            stage: Stage::Preparing,
            request: table.prepare(),
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

    /// Bytes of rows that arrived in order since the last call.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        if self.declared.is_none() {
            return Vec::new();
        }
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
            (Stage::Preparing | Stage::Direct { .. } | Stage::Buffered { .. }, Link::Stream) => {
                Err(self.damaged("nothing more of it came".to_owned()))
            }
        }
    }

    /// Takes a packet of an answer of `wanted` bytes over TCP; `true` once it is complete.
    fn take_in_order(&mut self, packet: Packet, wanted: usize) -> Result<bool, TableError> {
        self.in_order
            .take(packet.session, packet.payload, &mut self.ready);
        if self.in_order.bytes() > wanted {
            return Err(self.damaged(format!("more than the announced {wanted} bytes came")));
        }
        let complete = self.in_order.bytes() == wanted;
        if complete {
            self.in_order.finish(&mut self.ready);
        }
        if self.declared.is_none() && self.ready.len() >= 4 {
            let size = match &self.stage {
                Stage::Direct { size } | Stage::Buffered { size, .. } => *size,
                Stage::Preparing | Stage::Done => wanted,
            };
            self.declare(size)?;
        }
        self.cut();
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
        let declared = match u32_at(&self.ready, 0) {
            Some(declared) => bounded(declared)?,
            None if self.ready.is_empty() => 0,
            None => return Err(self.damaged(format!("it is {} bytes long", self.ready.len()))),
        };
        let have = size.saturating_sub(4);
        if declared > have {
            return Err(self.damaged(format!(
                "it declares {declared} bytes of rows and brings {have}"
            )));
        }
        self.ready.drain(..self.ready.len().min(4));
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

//! The pieces of a prepared table.

use super::{FRUITLESS, Numbering, Reach, Stage, TableRead};
use crate::{
    Link, Packet, Progress, TableError,
    bytes::u32_at,
    code,
    table::{chunk::Chunk, datagrams::Datagrams},
};

/// Bytes of a datagram's payload on most terminals.
const DATAGRAM: usize = 1_024;
/// Pieces of this size are not too large for any terminal.
const LEAST_PIECE: usize = 1_024;
/// No terminal cuts a table into smaller pieces.
const LEAST_DATAGRAM: usize = 64;

impl TableRead {
    pub(super) fn take_piece(
        &mut self,
        packet: Packet,
        wanted: usize,
    ) -> Result<Progress, TableError> {
        match (packet.command, self.link) {
            (code::DATA, Link::Stream) => {
                let before = self.ready.len();
                if !self.take_in_order(packet, wanted)? {
                    return Ok(Progress::Wait);
                }
                let ready = std::mem::take(&mut self.ready);
                self.look_at(ready.get(before..).unwrap_or_default())?;
                self.ready = ready;
                self.next_chunk()
            }
            (code::DATA, Link::Datagram) => {
                self.datagrams.take(packet.session, packet.payload);
                if self.datagrams.bytes() < wanted {
                    return Ok(self.wait());
                }
                let Some(whole) = self.datagrams.whole(wanted) else {
                    return self.ask_for_missing();
                };
                self.look_at(&whole.bytes)?;
                if let Some(packet) = whole.packet_of_numbered() {
                    self.numbering = Numbering::FromZero { packet };
                }
                self.fruitless = 0;
                if let Stage::Buffered { chunk, .. } = &mut self.stage {
                    chunk.fill(0, whole.bytes);
                }
                self.ask_for_gap()
            }
            (code::PREPARE_DATA, _) => {
                let announced = u32_at(&packet.payload, 0).unwrap_or(0);
                let announced_less = self.expect_less(announced, wanted);
                if !announced_less && usize::try_from(announced).ok() != Some(wanted) {
                    return Err(self.wrong_piece(format!(
                        "it announces {announced} bytes where {wanted} were asked for"
                    )));
                }
                self.announced = true;
                Ok(self.wait())
            }
            (code::ACK_OK, Link::Datagram) => {
                self.closing = true;
                if self.has_last_of(wanted) {
                    return self.ask_for_missing();
                }
                Ok(Progress::WaitBriefly)
            }
            (code::ACK_OK, Link::Stream) => {
                let reason = format!(
                    "a piece of it ended after {} of {wanted} bytes",
                    self.in_order.bytes()
                );
                // Announced in full, bytes were lost on the way.
                Err(if self.announced && self.in_order.bytes() > 0 {
                    self.damaged(reason)
                } else {
                    self.wrong_piece(reason)
                })
            }
            (code::ACK_ERROR, _) if self.arrived() == 0 && wanted > LEAST_PIECE => {
                Ok(self.ask_for_less(wanted))
            }
            (code, _) => {
                let reason = format!("the terminal answered {code} to a request for a piece");
                Err(if self.arrived() == 0 {
                    self.wrong_piece(reason)
                } else {
                    self.damaged(reason)
                })
            }
        }
    }

    /// Some terminals hand out less at a time than they are asked for, and say so: the rest is asked for afterwards.
    fn expect_less(&mut self, announced: u32, wanted: usize) -> bool {
        let nothing_came = self.arrived() == 0;
        let piece = self.piece();
        match (&mut self.stage, usize::try_from(announced)) {
            (Stage::Buffered { chunk, .. }, Ok(less))
                if nothing_came
                    && !self.announced
                    && (LEAST_PIECE..wanted).contains(&less)
                    && chunk.is_asked_whole() =>
            {
                *chunk = Chunk::new(chunk.start(), less, piece);
                self.most = less;
                true
            }
            _ => false,
        }
    }

    /// The piece is refused, perhaps because it is too large.
    fn ask_for_less(&mut self, wanted: usize) -> Progress {
        let Stage::Buffered { size, end, chunk } = &self.stage else {
            return Progress::Done;
        };
        let (size, end, start) = (*size, *end, chunk.start());
        self.most = (wanted / 2).max(LEAST_PIECE);
        self.ask_for_chunk(size, end, start)
    }

    /// Whether the last packet of an answer of `wanted` bytes is here: what is missing before it is lost then, and
    /// waiting for it would only cost time.
    fn has_last_of(&self, wanted: usize) -> bool {
        match self.numbering {
            Numbering::FromZero { packet } => u16::try_from(wanted.div_ceil(packet) - 1)
                .is_ok_and(|last| self.datagrams.has(last)),
            Numbering::Unknown | Numbering::Missing { .. } => false,
        }
    }

    /// Keeps what is sure of an incomplete answer over UDP and asks for the rest.
    pub(super) fn ask_for_missing(&mut self) -> Result<Progress, TableError> {
        let Stage::Buffered { chunk, .. } = &mut self.stage else {
            return Ok(Progress::Done);
        };
        // A short one may be the end of an answer whose other packets were lost.
        let longest = match self.datagrams.longest() {
            0..LEAST_DATAGRAM => DATAGRAM,
            longest => longest,
        };
        if self.datagrams.are_unnumbered() {
            self.numbering = Numbering::Missing { packet: longest };
        }
        let placed = match self.numbering {
            Numbering::FromZero { packet } => self.datagrams.placed(chunk.wanted(), packet),
            Numbering::Unknown | Numbering::Missing { .. } => None,
        };
        self.fruitless += 1;
        if let Some((0, first)) = placed.iter().flatten().next() {
            self.look_at(first)?;
        }
        let Stage::Buffered { chunk, .. } = &mut self.stage else {
            return Ok(Progress::Done);
        };
        match placed {
            Some(placed) => {
                for (offset, bytes) in placed {
                    self.fruitless = 0;
                    chunk.fill(offset, bytes);
                }
            }
            // Where a packet belongs is not known, but one that is a whole answer needs no place.
            None => chunk.limit(longest),
        }
        if self.fruitless >= FRUITLESS {
            return Err(TableError::Lost {
                table: self.table.name(),
                missing: chunk.missing(),
            });
        }
        self.ask_for_gap()
    }

    /// Asks for the first gap of the chunk, or goes on behind it.
    fn ask_for_gap(&mut self) -> Result<Progress, TableError> {
        let Stage::Buffered { chunk, .. } = &mut self.stage else {
            return Ok(Progress::Done);
        };
        self.datagrams = Datagrams::default();
        self.closing = false;
        self.announced = false;
        if chunk.ask_for_gap() {
            self.request = chunk.request();
            return Ok(Progress::Ask);
        }
        self.next_chunk()
    }

    /// The chunk is complete.
    fn next_chunk(&mut self) -> Result<Progress, TableError> {
        let Stage::Buffered { size, end, chunk } = std::mem::replace(&mut self.stage, Stage::Done)
        else {
            return Ok(Progress::Done);
        };
        let next = chunk.end();
        chunk.append_to(&mut self.ready);
        if self.declared.is_none() {
            self.declare(size)?;
        }
        self.cut();
        if next < end {
            return Ok(self.ask_for_chunk(size, end, next));
        }
        if self.reach == Reach::Head && end < size {
            self.ready.clear();
            self.prepared = Some(size);
        }
        Ok(Progress::Done)
    }

    /// Asks for what lies between `start` and `end` of a prepared table of `size` bytes, at most one chunk of it.
    pub(in crate::table) fn ask_for_chunk(
        &mut self,
        size: usize,
        end: usize,
        start: usize,
    ) -> Progress {
        let chunk = Chunk::new(start, self.most.min(end - start), self.piece());
        self.request = chunk.request();
        self.stage = Stage::Buffered { size, end, chunk };
        self.datagrams = Datagrams::default();
        self.announced = false;
        self.closing = false;
        self.fruitless = 0;
        Progress::Ask
    }

    /// Most bytes that one request may ask for, where a packet's place in an answer cannot be known.
    fn piece(&self) -> Option<usize> {
        match self.numbering {
            Numbering::Unknown | Numbering::FromZero { .. } => None,
            Numbering::Missing { packet } => Some(packet),
        }
    }
}

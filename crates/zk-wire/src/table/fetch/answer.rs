//! The first answer of a read, and tables that come at once.

use std::hash::{DefaultHasher, Hasher as _};

use super::{FRUITLESS, HEAD, LENGTH, Reach, Stage, TableRead, bounded};
use crate::{Link, Packet, Progress, TableError, bytes::u32_at, code, table::MAX_TABLE};

/// Bare answers in a row that make a table empty over UDP.
const SURELY_EMPTY: u32 = 3;
/// Tries in a row in which one datagram, always the same, was the whole answer.
const SURELY_ALONE: u32 = 3;
/// Bytes behind the declared end of a table that is taken for one as soon as it comes as one datagram.
const MOST_PADDING: usize = 16;

impl TableRead {
    pub(super) fn take_answer(&mut self, packet: Packet) -> Result<Progress, TableError> {
        match packet.command {
            code::DATA if self.link == Link::Datagram && !is_inline(&packet.payload) => {
                // The announcement of a direct answer was lost or overtaken.
                self.bare_answers = 0;
                self.datagrams.take(packet.session, packet.payload);
                self.within(usize::try_from(MAX_TABLE).unwrap_or(usize::MAX))?;
                Ok(self.wait())
            }
            code::DATA => {
                self.ready = packet.payload;
                let size = self.ready.len();
                self.complete(size)
            }
            // The announcement was lost, this is the end of the answer.
            code::ACK_OK if packet.payload.is_empty() && !self.datagrams.is_empty() => {
                self.closing = true;
                Ok(Progress::WaitBriefly)
            }
            code::ACK_OK => self.take_size(&packet.payload),
            code::PREPARE_DATA => {
                let size = bounded(u32_at(&packet.payload, 0).unwrap_or(0))?;
                if size == 0 {
                    return Ok(self.complete_empty());
                }
                self.bare_answers = 0;
                if self.datagrams.bytes() > size {
                    self.datagrams.forget_earlier();
                }
                self.stage = Stage::Direct { size };
                self.after_datagram(size)
            }
            code => match self.refused {
                // Terminals that do not prepare tables may hand them out directly.
                None if self.request != self.table.direct() => {
                    self.refused = Some(code);
                    self.request = self.table.direct();
                    Ok(Progress::Ask)
                }
                // Over UDP one piece is asked for directly first.
                None if self.reach == Reach::OnePiece => {
                    self.refused = Some(code);
                    self.request = self.table.prepare();
                    Ok(Progress::Ask)
                }
                first => Err(TableError::Refused {
                    table: self.table.name(),
                    code: first.unwrap_or(code),
                }),
            },
        }
    }

    /// Takes the size of a prepared table.
    fn take_size(&mut self, payload: &[u8]) -> Result<Progress, TableError> {
        let announced = match payload {
            [] if self.link == Link::Datagram && self.bare_answers + 1 < SURELY_EMPTY => {
                self.bare_answers += 1;
                return self.again();
            }
            [] => 0,
            [a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]),
            longer => match u32_at(longer, 1) {
                Some(size) => size,
                None => {
                    return Err(self.damaged(format!("its size is told in {} bytes", longer.len())));
                }
            },
        };
        let size = bounded(announced)?;
        if size <= LENGTH {
            return Ok(self.complete_empty());
        }
        let end = match self.reach {
            Reach::Pieces => size,
            Reach::OnePiece => {
                self.most = size;
                size
            }
            Reach::Head => size.min(HEAD),
        };
        Ok(self.ask_for_chunk(size, end, 0))
    }

    pub(super) fn take_direct(
        &mut self,
        packet: Packet,
        size: usize,
    ) -> Result<Progress, TableError> {
        match (packet.command, self.link) {
            (code::DATA, Link::Stream) => {
                if !self.take_in_order(packet, size)? {
                    return Ok(Progress::Wait);
                }
                self.complete(size)
            }
            (code::DATA, Link::Datagram) => {
                self.datagrams.take(packet.session, packet.payload);
                self.after_datagram(size)
            }
            (code::PREPARE_DATA, _) => Ok(self.wait()),
            (code::ACK_OK, Link::Datagram) => {
                self.closing = true;
                Ok(Progress::WaitBriefly)
            }
            (code::ACK_OK, Link::Stream) => Err(self.damaged(format!(
                "it ended after {} of {size} bytes",
                self.in_order.bytes()
            ))),
            (code, _) => Err(self.damaged(format!("the terminal answered {code} in the middle"))),
        }
    }

    /// Completes a table that comes directly over UDP, as soon as it can be.
    fn after_datagram(&mut self, size: usize) -> Result<Progress, TableError> {
        if self.datagrams.bytes() < size {
            return Ok(self.wait());
        }
        let unnumbered = self.datagrams.are_unnumbered();
        let whole = if unnumbered {
            self.datagrams.as_they_came(size)
        } else {
            self.datagrams.whole(size).map(|whole| whole.bytes)
        };
        match whole {
            // Packets may have changed places on their way, but hardly twice in the same way.
            Some(table) if unnumbered && !self.came_before(&table) => self.again(),
            Some(table) => {
                self.ready = table;
                self.complete(size)
            }
            None if self.datagrams.bytes() < size => Ok(self.wait()),
            None => self.again(),
        }
    }

    fn came_before(&mut self, table: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        hasher.write(table);
        let hash = hasher.finish();
        let came = self.unsure.contains(&hash);
        self.unsure.push(hash);
        came
    }

    /// A directly read table has no pieces to ask for, so all of it is asked for again.
    pub(super) fn again(&mut self) -> Result<Progress, TableError> {
        if let Some(table) = self.padded_table() {
            self.ready = table;
            return self.complete(self.ready.len());
        }
        self.datagrams.keep_for_next_try();
        // Only more than ever is progress: what is kept may be dropped again.
        let kept = self.datagrams.bytes();
        self.fruitless = if kept > self.kept {
            0
        } else {
            self.fruitless + 1
        };
        self.kept = self.kept.max(kept);
        if self.fruitless >= FRUITLESS {
            let missing = match self.stage {
                Stage::Direct { size } => size.saturating_sub(self.datagrams.bytes()),
                Stage::Preparing | Stage::Buffered { .. } | Stage::Done => 0,
            };
            return Err(TableError::Lost {
                table: self.table.name(),
                missing,
            });
        }
        self.closing = false;
        self.stage = Stage::Preparing;
        Ok(Progress::Ask)
    }

    /// A table in one datagram with much padding. It might as well be a part of a longer answer, whose beginning and end
    /// were lost; but not try after try.
    fn padded_table(&mut self) -> Option<Vec<u8>> {
        let has_no_length = self.table.length() == 0;
        let lone = match self.stage {
            Stage::Preparing if !self.closing || has_no_length => self.datagrams.lone(),
            Stage::Preparing | Stage::Direct { .. } | Stage::Buffered { .. } | Stage::Done => None,
        };
        let Some(lone) = lone.filter(|payload| has_no_length || padding(payload).is_some()) else {
            self.alone = (0, Vec::new());
            return None;
        };
        let (times, before) = &mut self.alone;
        if *before == lone {
            *times += 1;
        } else {
            (*times, *before) = (1, lone.to_vec());
        }
        (*times >= SURELY_ALONE).then(|| std::mem::take(before))
    }

    fn within(&self, most: usize) -> Result<(), TableError> {
        if self.datagrams.bytes() > most {
            return Err(self.damaged(format!("more than {most} bytes came unannounced")));
        }
        Ok(())
    }
}

/// Whether a datagram is a whole table: it declares as many bytes as it brings, but for a little padding.
fn is_inline(payload: &[u8]) -> bool {
    match padding(payload) {
        Some(padding) => padding <= MOST_PADDING,
        None => payload.is_empty(),
    }
}

/// Bytes behind the end that a table declares; `None` where it declares more than there is.
fn padding(payload: &[u8]) -> Option<usize> {
    let declared = usize::try_from(u32_at(payload, 0)?).ok()?;
    payload.len().checked_sub(4)?.checked_sub(declared)
}

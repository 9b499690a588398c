//! A terminal's way to hand out a table, as packets without a network.

use super::packet;
use crate::{
    BufferRequest, Link, Packet, PreparedTable, Progress, Request, Table, TableError, TableRead,
    code,
};

/// The answer to `PREPARE_BUFFER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Inline,
    Buffered,
    Direct,
    /// Refused with this code; the direct command is answered.
    DirectOnly(u16),
}

/// What stands in the session field of DATA packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    FromZero,
    FromOne,
    /// Counted over all answers.
    GoingOn,
    /// The session, always.
    None,
    /// Where the packet's bytes begin.
    Offsets,
    /// The session in the first, the others from one.
    AfterTheFirst,
    /// Whatever stood in memory.
    Noise,
}

/// What comes of a request for a piece that does not begin at the table's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offsets {
    Told,
    Refused,
    /// As many bytes as were asked for, from the table's beginning on.
    FromTheBeginning,
    /// All of the table, from its beginning on.
    TheWholeTable,
    /// Only a part of what was asked for, without announcement or end.
    Short,
    /// `ACK_OK` and nothing else.
    Nothing,
}

/// What becomes of a request for a piece larger than the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooLarge {
    Refused,
    /// As much is handed out as the largest has.
    Cut,
}

#[derive(Debug, Clone)]
pub(super) struct Teller {
    pub(super) table: Vec<u8>,
    pub(super) shape: Shape,
    pub(super) numbers: Numbers,
    /// Bytes in one DATA packet.
    pub(super) packet: usize,
    /// Bytes in one DATA packet, as announced.
    pub(super) announced_packet: u32,
    /// A piece that fits one DATA packet comes without announcement and end.
    pub(super) bare_pieces: bool,
    /// One template comes without announcement, in one DATA packet.
    pub(super) bare_templates: bool,
    /// Bytes of the largest piece that it hands out.
    pub(super) largest_piece: usize,
    pub(super) too_large: TooLarge,
    pub(super) offsets: Offsets,
    /// The direct command is unknown to it.
    pub(super) never_directly: bool,
    pub(super) told: u16,
}

pub(super) const SESSION: u16 = 0xfb2f;

impl Teller {
    pub(super) fn new(table: Vec<u8>, shape: Shape) -> Self {
        let packet = 1_024;
        Self {
            table,
            shape,
            numbers: Numbers::FromZero,
            packet,
            announced_packet: 1_024,
            bare_pieces: false,
            bare_templates: false,
            largest_piece: usize::MAX,
            too_large: TooLarge::Refused,
            offsets: Offsets::Told,
            never_directly: false,
            told: 0,
        }
    }

    pub(super) fn answer(&mut self, request: &Request) -> Vec<Packet> {
        match request.command {
            code::PREPARE_BUFFER => {
                assert!(BufferRequest::decode(&request.payload).is_some());
                self.prepare()
            }
            code::READ_BUFFER => {
                let number =
                    |at: usize| u32::from_le_bytes(*request.payload[at..].first_chunk().unwrap());
                let start = usize::try_from(number(0)).unwrap();
                let size = usize::try_from(number(4)).unwrap();
                assert!(size > 0, "nothing was asked for");
                let size = if self.too_large == TooLarge::Cut {
                    size.min(self.largest_piece)
                } else {
                    size
                };
                if size > self.largest_piece {
                    return vec![packet(code::ACK_ERROR, SESSION, 0, b"")];
                }
                let from = |start: usize, size: usize| self.table[start..][..size].to_vec();
                let piece = match self.offsets {
                    _ if start == 0 => from(start, size),
                    Offsets::Told => from(start, size),
                    Offsets::FromTheBeginning => from(0, size),
                    Offsets::TheWholeTable => self.table.clone(),
                    Offsets::Refused => return vec![packet(code::ACK_ERROR, SESSION, 0, b"")],
                    Offsets::Nothing => return vec![packet(code::ACK_OK, SESSION, 0, b"")],
                    Offsets::Short => return self.data(&from(start, size - 1)),
                };
                if self.bare_pieces && piece.len() <= self.packet {
                    return self.data(&piece);
                }
                self.announced(&piece)
            }
            code::TEMPLATE_READ if self.bare_templates => self.data(&self.table.clone()),
            code::ATTENDANCE_READ if self.never_directly => {
                vec![packet(code::ACK_UNKNOWN, SESSION, 0, b"")]
            }
            code::ATTENDANCE_READ | code::USERS_READ | code::TEMPLATE_READ => {
                self.announced(&self.table.clone())
            }
            other => panic!("command {other} reads no table"),
        }
    }

    fn prepare(&mut self) -> Vec<Packet> {
        let size = u32::try_from(self.table.len()).unwrap().to_le_bytes();
        match self.shape {
            Shape::Inline => vec![packet(code::DATA, SESSION, 0, &self.table)],
            Shape::Buffered => {
                vec![packet(
                    code::ACK_OK,
                    SESSION,
                    0,
                    &[&[0], size.as_slice(), &size, &[0, 0, 0, 7]].concat(),
                )]
            }
            Shape::Direct => self.announced(&self.table.clone()),
            Shape::DirectOnly(code) => vec![packet(code, SESSION, 0, b"")],
        }
    }

    fn announced(&mut self, bytes: &[u8]) -> Vec<Packet> {
        let size = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let first = packet(
            code::PREPARE_DATA,
            SESSION,
            0,
            &[size, self.announced_packet.to_le_bytes()].concat(),
        );
        let end = packet(code::ACK_OK, 0, 0, b"");
        [vec![first], self.data(bytes), vec![end]].concat()
    }

    fn data(&mut self, bytes: &[u8]) -> Vec<Packet> {
        let (size, numbers) = (self.packet, self.numbers);
        let packets = bytes.chunks(size).zip(0_u16..).map(|(bytes, nth)| {
            self.told = self.told.wrapping_add(1);
            let session = match numbers {
                Numbers::AfterTheFirst if nth == 0 => SESSION,
                Numbers::FromZero | Numbers::AfterTheFirst => nth,
                Numbers::FromOne => nth + 1,
                Numbers::GoingOn => self.told - 1,
                Numbers::None => SESSION,
                Numbers::Noise => (nth + 1).wrapping_mul(40_503),
                Numbers::Offsets => nth.wrapping_mul(u16::try_from(size & 0xffff).unwrap()),
            };
            packet(code::DATA, session, 0, bytes)
        });
        packets.collect()
    }
}

/// Reads the table; `network` does to each answer what it likes.
pub(super) fn read(
    teller: &mut Teller,
    link: Link,
    network: impl FnMut(Vec<Packet>) -> Vec<Packet>,
) -> Result<Vec<u8>, TableError> {
    let mut read = TableRead::new(Table::Attendance, link);
    let rows = finish(&mut read, teller, network)?;
    assert_eq!(read.declared(), Some(rows.len()));
    Ok(rows)
}

/// Lets the terminal prepare the table.
pub(super) fn prepare(
    teller: &mut Teller,
    link: Link,
    network: impl FnMut(Vec<Packet>) -> Vec<Packet>,
) -> Result<PreparedTable, TableError> {
    let mut read = TableRead::prepare(Table::Attendance, link);
    let rows = finish(&mut read, teller, network)?;
    assert_eq!(rows, [], "nothing comes out yet");
    Ok(read.prepared().expect("the table does not come at once"))
}

/// Goes on with a read to its end.
pub(super) fn finish(
    read: &mut TableRead,
    teller: &mut Teller,
    mut network: impl FnMut(Vec<Packet>) -> Vec<Packet>,
) -> Result<Vec<u8>, TableError> {
    let mut rows = Vec::new();
    for _ in 0..100_000 {
        let answer = network(teller.answer(read.request()));
        let mut progress = Progress::Wait;
        for packet in answer {
            progress = read.take(packet)?;
            rows.extend(read.take_bytes());
            // What still comes has the number of an old request.
            if matches!(progress, Progress::Ask | Progress::Done) {
                break;
            }
        }
        if matches!(progress, Progress::Wait | Progress::WaitBriefly) {
            progress = read.silence()?;
            rows.extend(read.take_bytes());
        }
        if progress == Progress::Done {
            return Ok(rows);
        }
        assert_eq!(progress, Progress::Ask);
    }
    panic!("the read has no end")
}

//! What a terminal sends: packets that share the bytes of a table instead of copying them.

use bytes::Bytes;
use zk_wire::code;

use crate::live::Event;

/// One packet to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) command: u16,
    /// The session field: the session in most packets, but the packet's index inside a table, the state, the event.
    pub(crate) session: u16,
    pub(crate) number: u16,
    pub(crate) payload: Bytes,
}

/// All that one request is answered with.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) packets: Vec<Reply>,
    pub(crate) kind: AnswerKind,
    pub(crate) then: Then,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum AnswerKind {
    #[default]
    Plain,
    /// A table is announced or refused; a slow terminal takes its time before.
    Announcement,
    /// It carries bytes of a table: the beginning of a new one, or more of a prepared one.
    Table(Part),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it, after the time that it takes to prepare it.
    Whole,
    Piece,
}

/// What happens after an answer was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Then {
    #[default]
    Continue,
    Close,
    Restart,
}

impl Reply {
    pub(crate) const PREFIX: usize = 8;
    const HEADER: usize = 8;

    pub(crate) fn bare(command: u16, session: u16, number: u16) -> Self {
        Self {
            command,
            session,
            number,
            payload: Bytes::new(),
        }
    }

    /// Unasked: it has no number.
    pub(crate) fn event(event: Event) -> Self {
        Self {
            command: code::REG_EVENT,
            session: event.kind,
            number: 0,
            payload: event.payload,
        }
    }

    /// TCP prefix and header; a datagram leaves the first [`PREFIX`](Self::PREFIX) bytes out.
    pub(crate) fn head(&self) -> [u8; Self::PREFIX + Self::HEADER] {
        let length = Self::HEADER + self.payload.len();
        // A packet is a piece of a table at most, and tables are bounded far below 4 GiB.
        let [l0, l1, l2, l3] = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        let [c0, c1] = self.command.to_le_bytes();
        let [s0, s1] = self.session.to_le_bytes();
        let [n0, n1] = self.number.to_le_bytes();
        let words = [self.command, self.session, self.number];
        let [k0, k1] = checksum(words, &self.payload).to_le_bytes();
        [
            0x50, 0x50, 0x82, 0x7d, l0, l1, l2, l3, c0, c1, k0, k1, s0, s1, n0, n1,
        ]
    }

    /// The packet as a datagram.
    pub(crate) fn write_datagram(&self, to: &mut Vec<u8>) {
        to.clear();
        to.extend(self.head().into_iter().skip(Self::PREFIX));
        to.extend_from_slice(&self.payload);
    }
}

impl Answer {
    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    pub(crate) fn of(packet: Reply) -> Self {
        Self {
            packets: vec![packet],
            ..Self::default()
        }
    }

    pub(crate) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    pub(crate) fn kind(mut self, kind: AnswerKind) -> Self {
        self.kind = kind;
        self
    }
}

/// As `zk_wire::checksum`, over a header and a payload that do not lie behind each other in memory, four bytes at a time:
/// both halves of a 32-bit word add up to the same once carries are folded.
fn checksum(header: [u16; 3], payload: &[u8]) -> u16 {
    let (words, rest) = payload.as_chunks::<4>();
    let mut sum: u64 = header.into_iter().map(u64::from).sum();
    sum += words
        .iter()
        .map(|word| u64::from(u32::from_le_bytes(*word)))
        .sum::<u64>();
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    sum += u64::from(u32::from_le_bytes(last));
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}

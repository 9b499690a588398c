//! Packets as they go out, right or bent by a fault.

use bytes::Bytes;
use zk_wire::Link;

use crate::{
    faults::{Checksum, Faults, Lie},
    reply::Reply,
};

/// A packet with its head made; the payload lies where it was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    garbage: Bytes,
    head: [u8; PREFIX + HEADER],
    pub(crate) payload: Bytes,
}

/// How a packet is not as it should be.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bend {
    checksum: Checksum,
    number_off: u16,
    length: Lie,
    garbage: u16,
}

const PREFIX: usize = 8;
const HEADER: usize = 8;
/// Begins as frames begin.
const GARBAGE: [u8; 7] = [0x50, 0x50, 0x82, 0x00, 0xff, 0x0d, 0x0a];

impl Bend {
    pub(crate) fn of(faults: &Faults) -> Self {
        Self {
            checksum: faults.checksum,
            number_off: faults.reply_number_off,
            length: faults.frame_length,
            garbage: faults.garbage,
        }
    }
}

impl Frame {
    pub(crate) fn new(reply: Reply, bend: Bend) -> Self {
        let length = HEADER + reply.payload.len();
        // A packet is a piece of a table at most, and tables are bounded far below 4 GiB.
        let length = bend.length.tell(u32::try_from(length).unwrap_or(u32::MAX));
        let number = reply.number.wrapping_add(bend.number_off);
        let words = [reply.command, reply.session, number];
        let right = checksum(words, &reply.payload);
        let sum = match bend.checksum {
            Checksum::Right => right,
            Checksum::Wrong => right.wrapping_sub(1),
        };
        let [l0, l1, l2, l3] = length.to_le_bytes();
        let [c0, c1] = reply.command.to_le_bytes();
        let [k0, k1] = sum.to_le_bytes();
        let [s0, s1] = reply.session.to_le_bytes();
        let [n0, n1] = number.to_le_bytes();
        Self {
            garbage: garbage(bend.garbage),
            head: [
                0x50, 0x50, 0x82, 0x7d, l0, l1, l2, l3, c0, c1, k0, k1, s0, s1, n0, n1,
            ],
            payload: reply.payload,
        }
    }

    /// Bytes on the wire before the payload.
    pub(crate) fn before_payload(&self, link: Link) -> usize {
        self.garbage.len() + prefix(link) + HEADER
    }

    /// What goes before the payload in a stream.
    pub(crate) fn beginning(&self) -> [Bytes; 2] {
        [self.garbage.clone(), Bytes::copy_from_slice(&self.head)]
    }

    /// The packet as a datagram.
    pub(crate) fn write_datagram(&self, to: &mut Vec<u8>) {
        to.clear();
        to.extend_from_slice(&self.garbage);
        to.extend(self.head.iter().skip(PREFIX));
        to.extend_from_slice(&self.payload);
    }
}

/// Bytes before each packet.
pub(crate) fn prefix(link: Link) -> usize {
    match link {
        Link::Stream => PREFIX,
        Link::Datagram => 0,
    }
}

fn garbage(length: u16) -> Bytes {
    GARBAGE
        .into_iter()
        .cycle()
        .take(usize::from(length))
        .collect()
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

//! Finding a client's packets in a TCP byte stream.

use bytes::{Buf as _, BytesMut};
use zk_wire::{Packet, WireError};

const MAGIC: [u8; 4] = [0x50, 0x50, 0x82, 0x7d];
const PREFIX: usize = 8;
/// Requests are short: the longest are pieces of an upload, a few KiB.
const LONGEST: usize = 64 << 10;

/// Bytes of one connection, taken apart into packets.
///
/// Unlike the reader for clients, it goes on behind a packet with a wrong checksum, as terminals do.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// Where the socket's bytes are put. It holds less than one frame and what the last read brought.
    pub(crate) buffer: BytesMut,
}

/// What stands next in the stream.
#[derive(Debug)]
pub(crate) enum Next {
    Packet(Packet),
    /// A packet with a wrong checksum; it is dropped.
    Damaged,
    /// More bytes are needed.
    Nothing,
    /// The stream is none of this protocol; the connection cannot go on.
    Lost,
}

impl Frames {
    pub(crate) fn next(&mut self) -> Next {
        let seen = self.buffer.len().min(MAGIC.len());
        if self.buffer.get(..seen) != MAGIC.get(..seen) {
            return Next::Lost;
        }
        let Some([_, _, _, _, l0, l1, l2, l3]) = self.buffer.first_chunk::<PREFIX>() else {
            return Next::Nothing;
        };
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if !(Packet::HEADER..=LONGEST).contains(&length) {
            return Next::Lost;
        }
        let Some(bytes) = self.buffer.get(PREFIX..PREFIX + length) else {
            return Next::Nothing;
        };
        let packet = Packet::decode(bytes);
        self.buffer.advance(PREFIX + length);
        match packet {
            Ok(packet) => Next::Packet(packet),
            Err(WireError::Checksum { .. }) => Next::Damaged,
            Err(_) => Next::Lost,
        }
    }
}

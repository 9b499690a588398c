use crate::{Packet, WireError};

pub(crate) const MAGIC: [u8; 4] = [0x50, 0x50, 0x82, 0x7d];
pub(crate) const PREFIX: usize = 8;

/// Finds packets in a TCP byte stream, however the network cut or joined it.
///
/// Memory is bounded by the longest frame that is accepted plus what one [`push`](Self::push) brings.
#[derive(Debug, Default)]
pub struct FrameReader {
    buffer: Vec<u8>,
    /// Bytes before this were handed out.
    start: usize,
    /// Whether a packet was found before.
    in_step: bool,
}

impl FrameReader {
    /// Largest packet that is accepted, in bytes; terminals send at most about 64 KiB.
    pub const MAX_PACKET: u32 = 1 << 20;

    /// Takes bytes as they came from the socket.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole packet, `None` until more bytes came. After an error the stream cannot be trusted any more.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, WireError> {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        let seen = rest.len().min(MAGIC.len());
        if rest.get(..seen) != MAGIC.get(..seen) {
            return Err(if self.in_step {
                WireError::OutOfStep {
                    first_bytes: beginning(rest),
                }
            } else {
                other_protocol(rest)
            });
        }
        let Some((prefix, after)) = rest.split_first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let [_, _, _, _, l0, l1, l2, l3] = *prefix;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        if length > Self::MAX_PACKET {
            return Err(WireError::FrameTooLong {
                length,
                max: Self::MAX_PACKET,
            });
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(packet) = after.get(..length) else {
            return Ok(None);
        };
        let packet = Packet::decode(packet)?;
        self.start += PREFIX + length;
        self.in_step = true;
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        }
        Ok(Some(packet))
    }

    /// Whether bytes of an unfinished frame wait.
    pub fn is_mid_frame(&self) -> bool {
        self.start < self.buffer.len()
    }
}

fn other_protocol(bytes: &[u8]) -> WireError {
    let looks_like = match bytes {
        [0xaa, 0x01, ..] => "an access-control panel of the C3/inBio family",
        [0x55, 0xaa, ..] => "a re-branded desktop terminal with 55 aa frames",
        [b'H', b'T', b'T', b'P', ..] => "HTTP",
        [b'S', b'S', b'H', ..] => "SSH",
        _ => "none that is known",
    };
    WireError::OtherProtocol {
        looks_like,
        first_bytes: beginning(bytes),
    }
}

fn beginning(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().take(16).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

use crate::{WireError, checksum::checksum};

/// One packet, as it travels in a TCP frame or a UDP datagram.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packet {
    /// One of [`code`](crate::code): what is asked, or what came of it.
    pub command: u16,
    /// Session id; in replies other things too (packet index, state, event), so it matches nothing.
    pub session: u16,
    /// Reply number: a reply echoes the one of its request.
    pub reply: u16,
    /// What follows the header; its layout goes by the command.
    pub payload: Vec<u8>,
}

impl Packet {
    /// Bytes before the payload.
    pub const HEADER: usize = 8;

    /// Reads a packet without TCP prefix and verifies its checksum.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let [c0, c1, k0, k1, s0, s1, r0, r1, payload @ ..] = bytes else {
            return Err(WireError::TooShort {
                length: bytes.len(),
            });
        };
        let (found, expected) = (u16::from_le_bytes([*k0, *k1]), checksum(bytes));
        if found != expected {
            return Err(WireError::Checksum { found, expected });
        }
        Ok(Self {
            command: u16::from_le_bytes([*c0, *c1]),
            session: u16::from_le_bytes([*s0, *s1]),
            reply: u16::from_le_bytes([*r0, *r1]),
            payload: payload.to_vec(),
        })
    }

    /// The bytes of a UDP datagram.
    pub fn to_datagram(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::HEADER + self.payload.len());
        self.append_to(&mut bytes);
        bytes
    }

    /// The bytes of a TCP frame: magic, length, packet.
    pub fn to_frame(&self) -> Vec<u8> {
        let length = Self::HEADER + self.payload.len();
        let mut bytes = Vec::with_capacity(crate::frame::PREFIX + length);
        bytes.extend_from_slice(&crate::frame::MAGIC);
        // A payload is at most one chunk; a longer one could not be sent anyway.
        bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        self.append_to(&mut bytes);
        bytes
    }

    fn append_to(&self, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        for word in [self.command, 0, self.session, self.reply] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.extend_from_slice(&self.payload);
        let sum = bytes.get(start..).map_or(0, checksum).to_le_bytes();
        if let Some(field) = bytes.get_mut(start + 2..start + 4) {
            field.copy_from_slice(&sum);
        }
    }
}

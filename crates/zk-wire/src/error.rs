/// What was wrong with bytes that came from the other side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The stream does not begin with this protocol's magic.
    #[error("it speaks another protocol ({looks_like}); its first bytes are {first_bytes}")]
    OtherProtocol {
        /// For people: what it seems to be.
        looks_like: &'static str,
        /// In hexadecimal.
        first_bytes: String,
    },
    /// The stream was this protocol's, and is not any more: only a new connection helps.
    #[error("the stream of packets broke off: {first_bytes} stands where a packet should begin")]
    OutOfStep {
        /// In hexadecimal.
        first_bytes: String,
    },
    /// A frame that is longer than any packet: no memory was reserved for it.
    #[error("a frame claims {length} bytes; {max} is the most")]
    FrameTooLong {
        /// Bytes that its prefix claims.
        length: u32,
        /// [`FrameReader::MAX_PACKET`](crate::FrameReader::MAX_PACKET).
        max: u32,
    },
    /// Fewer bytes than a packet's header has.
    #[error("a packet of {length} bytes is too short; 8 is the least")]
    TooShort {
        /// Bytes that came.
        length: usize,
    },
    /// The bytes of a packet are not those that were sent.
    #[error("a packet's checksum is {found:#06x} where {expected:#06x} is right")]
    Checksum {
        /// As the packet has it.
        found: u16,
        /// As its bytes add up.
        expected: u16,
    },
    /// A payload does not have the shape that its command asks for.
    #[error("the payload of {what} cannot be read: {reason}")]
    Payload {
        /// Which payload.
        what: &'static str,
        /// For people.
        reason: String,
    },
}

/// What was wrong with bytes that came from the other side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The stream does not begin with this protocol's magic.
    #[error("it speaks another protocol ({looks_like}); its first bytes are {first_bytes}")]
    OtherProtocol {
        looks_like: &'static str,
        first_bytes: String,
    },
    /// The stream was this protocol's, and is not any more: only a new connection helps.
    #[error("the stream of packets broke off: {first_bytes} stands where a packet should begin")]
    OutOfStep { first_bytes: String },
    #[error("a frame claims {length} bytes; {max} is the most")]
    FrameTooLong { length: u32, max: u32 },
    #[error("a packet of {length} bytes is too short; 8 is the least")]
    TooShort { length: usize },
    #[error("a packet's checksum is {found:#06x} where {expected:#06x} is right")]
    Checksum { found: u16, expected: u16 },
    /// A payload does not have the shape that its command asks for.
    #[error("the payload of {what} cannot be read: {reason}")]
    Payload { what: &'static str, reason: String },
}

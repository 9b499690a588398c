//! Reading one table, whole or in part, in whatever way the terminal hands it out: inline, buffered, or directly.

mod chunk;
mod datagrams;
mod fetch;
mod in_order;
mod prepared;
mod request;

pub use fetch::TableRead;
pub use prepared::PreparedTable;
pub use request::{BufferRequest, Request, Table};

/// What carries the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// TCP: packets arrive in order or not at all.
    Stream,
    /// UDP: packets get lost, doubled and swapped; their session field counts them.
    Datagram,
}

impl Link {
    /// Bytes of a prepared table that are asked for at a time. Some terminals fail when asked for more.
    fn chunk(self) -> usize {
        match self {
            Self::Stream => 65_472,
            Self::Datagram => 16_384,
        }
    }
}

/// What a read needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More packets of the present answer.
    Wait,
    /// The packets of the present answer that are still on their way, for a short time only: it may be over.
    WaitBriefly,
    /// [`TableRead::request`] gives another request, to be sent under a new number.
    Ask,
    /// Nothing: the table is complete.
    Done,
}

/// Why a table was not read. Rows that came out before are right, but not all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The terminal does not hand out this table in any of the known ways.
    #[error("it refuses to hand out the table of {table} (answer {code})")]
    Refused {
        /// [`Table::name`].
        table: &'static str,
        /// One of [`code`](crate::code).
        code: u16,
    },
    /// No memory was reserved for it.
    #[error("it announces a table of {announced} bytes; {max} is the most that makes sense")]
    TooLong {
        /// Bytes that the terminal announced.
        announced: u32,
        /// Bytes that are read at most.
        max: u32,
    },
    /// The conversation has to start over, over TCP on a new connection.
    #[error("the table of {table} is damaged: {reason}")]
    Damaged {
        /// [`Table::name`].
        table: &'static str,
        /// For people.
        reason: String,
    },
    /// The terminal does not hand out this table from this byte on: it refuses, or answers with something else. The
    /// table can only be read whole, see [`TableRead::in_one_piece`].
    #[error("it does not hand out the table of {table} from byte {offset} on: {reason}")]
    Offset {
        /// [`Table::name`].
        table: &'static str,
        /// Where the answer should have begun, the table's length included.
        offset: usize,
        /// For people.
        reason: String,
    },
    /// Packets went on getting lost.
    #[error(
        "the network lost parts of the table of {table} again and again; {missing} bytes are missing"
    )]
    Lost {
        /// [`Table::name`].
        table: &'static str,
        /// Bytes that did not come.
        missing: usize,
    },
}

/// Largest table that is read, in bytes: more than any terminal can hold.
pub(crate) const MAX_TABLE: u32 = 64 << 20;

//! Things that go wrong on real terminals and networks, switchable while the terminal runs.

mod text;

use std::time::Duration;

pub use text::FaultError;

/// What shall go wrong; [`Faults::default`] is nothing.
///
/// Packets of one answer are written to a TCP connection all at once unless
/// [`TerminalConfig::packet_pause`](crate::TerminalConfig::packet_pause) says otherwise, so that a client gets several in
/// one read without any fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// The connection is cut after so many bytes of the next table (once; UDP falls silent for that answer).
    pub cut_after: Option<u64>,
    /// Each connection is cut after so many bytes of anything (UDP: a client gets nothing more).
    pub cut_connection_after: Option<u64>,
    /// Nothing more is sent after so many bytes of the next table (once), for so long; then it goes on.
    pub stall: Option<Stall>,
    /// Waiting before each answer.
    pub answer_delay: Duration,
    /// Waiting before a prepared table is announced, as a slow terminal needs for a long log.
    pub prepare_delay: Duration,
    /// What is not said at all.
    pub silence: Silence,
    /// How clients are turned away.
    pub busy: Busy,

    /// Which packets are struck by what follows, up to [`frame_length`](Self::frame_length).
    pub scope: Scope,
    /// How often each packet is sent.
    pub replies: Repeat,
    /// The order of packets within one answer over TCP.
    pub tcp_order: Order,
    /// The order of datagrams within one answer.
    pub udp_order: Order,
    /// Datagrams of every hundred that get lost, 0 to 100, picked by the terminal's seed. UDP only.
    pub udp_loss_percent: u8,
    /// The checksum of packets.
    pub checksum: Checksum,
    /// Added to the reply number.
    pub reply_number_off: u16,
    /// Bytes of nonsense before each frame or inside each datagram.
    pub garbage: u16,
    /// What the eight bytes before a packet say of its length. TCP only.
    pub frame_length: Lie,

    /// Requests of every hundred that get lost on their way to the terminal. UDP only.
    pub udp_request_loss_percent: u8,
    /// A live event of nobody, sent inside answers although the client did not ask for events.
    pub event_inside_table: EventInside,
    /// TCP: packets are written in pieces of so many bytes, each flushed by itself; `Some(1)` is byte by byte.
    pub write_size: Option<usize>,

    /// So many bytes at the end of each table are not sent, as if they were not there; the sizes stay.
    pub truncate: Option<u32>,
    /// What the answer to `PREPARE_BUFFER` says of a table's size.
    pub announced_size: Lie,
    /// What `PREPARE_DATA` says of the size of what follows.
    pub prepared_size: Lie,
    /// What the first four bytes of a table say of its rows.
    pub declared_bytes: Lie,
    /// A command that is answered with some code, whatever it is.
    pub refusal: Option<Refusal>,
    /// Whether what clients write is stored.
    pub writes: Writes,
}

impl Faults {
    /// As they are for packets that are out of their scope.
    pub(crate) fn without_what_strikes_packets(self) -> Self {
        let usual = Self::default();
        Self {
            replies: usual.replies,
            tcp_order: usual.tcp_order,
            udp_order: usual.udp_order,
            udp_loss_percent: usual.udp_loss_percent,
            checksum: usual.checksum,
            reply_number_off: usual.reply_number_off,
            garbage: usual.garbage,
            frame_length: usual.frame_length,
            ..self
        }
    }
}

/// A silence in the middle of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// Bytes of the table that are sent before.
    pub after: u64,
    /// How long it lasts; [`Duration::MAX`] for ever.
    pub lasting: Duration,
}

/// What a terminal does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Silence {
    /// It answers.
    #[default]
    Never,
    /// Events; answers come.
    Events,
    /// Anything: requests are taken, not done and not answered, and nothing is closed.
    Everything,
}

/// How clients are turned away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Busy {
    /// They are not.
    #[default]
    No,
    /// Connections are taken and reset at once; datagrams lead nowhere.
    Resets,
    /// `CONNECT` is answered with `ACK_ERROR`.
    Refuses,
    /// `CONNECT` asks for the key, and no key is right.
    NeverUnlocks,
}

/// Which packets a fault strikes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// All, beginning with the answer to `CONNECT`.
    #[default]
    Everything,
    /// Those of tables: announcements and data.
    Tables,
}

/// How often a packet is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repeat {
    /// As it should be.
    #[default]
    Once,
    /// Each packet twice.
    Twice,
    /// The last packet of the answer before, then the answer.
    PreviousFirst,
}

/// The order of the packets of one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they were made.
    #[default]
    Kept,
    /// Each pair of neighbours the other way round.
    Swapped,
}

/// The checksum of packets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Checksum {
    /// As it should be.
    #[default]
    Right,
    /// One too small, as from the best-known wrong way to make it.
    Wrong,
}

/// What is said of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lie {
    /// What it is.
    #[default]
    No,
    /// This.
    Says(u32),
    /// So much more than it is, or less.
    Off(i32),
}

impl Lie {
    pub(crate) fn tell(self, truth: u32) -> u32 {
        match self {
            Self::No => truth,
            Self::Says(lie) => lie,
            Self::Off(by) => truth.saturating_add_signed(by),
        }
    }
}

/// Whether a live event arrives while an answer is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EventInside {
    /// Only where the client registered.
    #[default]
    Never,
    /// After the first packet of each table.
    AfterFirstPacket,
    /// Before each answer.
    BeforeEveryAnswer,
}

/// A command that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// One of [`code`](zk_wire::code), or any other.
    pub command: u16,
    /// What it is answered with, also a code that nobody has seen yet.
    pub code: u16,
}

/// Whether what clients write is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writes {
    /// As it should be.
    #[default]
    Kept,
    /// The terminal says that it is done and stores nothing: users, templates, clears, the clock.
    Lost,
}

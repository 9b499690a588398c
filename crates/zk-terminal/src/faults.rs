//! Things that go wrong on real terminals and networks, switchable while the terminal runs.

use std::time::Duration;

/// What shall go wrong; [`Faults::default`] is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// The connection is cut after so many bytes of the next table (once; UDP falls silent for that answer).
    pub cut_after: Option<u64>,
    /// Nothing more is sent after so many bytes of the next table (once), for so long; then it goes on.
    pub stall: Option<Stall>,
    /// How often each packet is sent.
    pub replies: Repeat,
    /// Datagrams of every hundred that get lost, 0 to 100, picked by the terminal's seed. UDP only.
    pub udp_loss_percent: u8,
    /// The order of datagrams within one answer.
    pub udp_order: Order,
    /// A live event of nobody, sent inside the next tables although the client did not ask for events.
    pub event_inside_table: EventInside,
    /// TCP: packets are written in pieces of so many bytes, each flushed by itself; `Some(1)` is byte by byte.
    pub write_size: Option<usize>,
    /// Waiting before a prepared table is announced, as a slow terminal needs for a long log.
    pub prepare_delay: Duration,
    /// Whether what clients write is stored.
    pub writes: Writes,
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

/// A silence in the middle of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// Bytes of the table that are sent before.
    pub after: u64,
    /// How long it lasts.
    pub lasting: Duration,
}

/// How often a packet is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repeat {
    /// As it should be.
    #[default]
    Once,
    /// Each packet twice.
    Twice,
}

/// The order of the datagrams of one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they were made.
    #[default]
    Kept,
    /// Each pair of neighbours the other way round.
    Swapped,
}

/// Whether a live event arrives while a table is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EventInside {
    /// Only where the client registered.
    #[default]
    Never,
    /// After the first packet of each table.
    AfterFirstPacket,
}

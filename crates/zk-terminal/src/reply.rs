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

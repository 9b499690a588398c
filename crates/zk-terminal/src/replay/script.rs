//! What a capture says is answered to what.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use zk_wire::{
    Link, Packet,
    capture::{Capture, Happened},
    code,
};

use super::Unanswered;

/// What a terminal said, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Its reply number is that of the request, or as far off as it was.
    Packet(Packet),
    Noise(Vec<u8>),
    Closed,
}

#[derive(Debug)]
pub(super) struct Script {
    streams: Part,
    datagrams: Part,
    used: Mutex<Used>,
}

/// Conversations over one transport.
#[derive(Debug, Default)]
struct Part {
    /// What terminals say before they are asked anything, by connection.
    greetings: Vec<Vec<Said>>,
    exchanges: Vec<Exchange>,
    occurs: bool,
}

/// A request and what followed it.
#[derive(Debug)]
struct Exchange {
    request: Packet,
    said: Vec<Said>,
}

#[derive(Debug, Default)]
struct Used {
    connections: usize,
    streams: Progress,
    datagrams: Progress,
    unanswered: Vec<Unanswered>,
}

/// How far the exchanges over one transport were used.
#[derive(Debug, Default)]
struct Progress {
    used: Vec<bool>,
    /// The exchange that prepared the table which is read at present.
    prepared: Option<usize>,
}

/// Requests without an answer that are remembered, and bytes of each.
const MOST_UNANSWERED: usize = 100;
const LONGEST_UNANSWERED: usize = 64;

impl Script {
    pub(super) fn new(capture: &Capture) -> Self {
        let (streams, datagrams) = (
            Part::new(capture, Link::Stream),
            Part::new(capture, Link::Datagram),
        );
        let mut used = Used::default();
        used.streams.used = vec![false; streams.exchanges.len()];
        used.datagrams.used = vec![false; datagrams.exchanges.len()];
        Self {
            streams,
            datagrams,
            used: Mutex::new(used),
        }
    }

    pub(super) fn occurs(&self, link: Link) -> bool {
        self.part(link).occurs
    }

    pub(super) fn unanswered(&self) -> Vec<Unanswered> {
        self.used().unanswered.clone()
    }

    /// What a new connection hears before it asks: as in the capture, and the last time again and again.
    pub(super) fn greeting(&self) -> Vec<Said> {
        let mut used = self.used();
        let greetings = &self.streams.greetings;
        let nth = used.connections.min(greetings.len().saturating_sub(1));
        used.connections += 1;
        greetings.get(nth).cloned().unwrap_or_default()
    }

    /// What is said to a request. Acknowledgements of events get nothing.
    pub(super) fn answer(&self, link: Link, request: &Packet) -> Vec<Said> {
        if request.command == code::ACK_OK {
            return Vec::new();
        }
        let part = self.part(link);
        let mut used = self.used();
        let progress = match link {
            Link::Stream => &mut used.streams,
            Link::Datagram => &mut used.datagrams,
        };
        let fitting = || {
            (0..).zip(&part.exchanges).filter(|(_, exchange)| {
                exchange.request.command == request.command
                    && (request.command == code::AUTH
                        || exchange.request.payload == request.payload)
            })
        };
        let is_new = |nth: usize| progress.used.get(nth) == Some(&false);
        let found = fitting()
            .find(|(nth, _)| is_new(*nth))
            .or_else(|| fitting().last());
        if let Some((nth, exchange)) = found {
            if let Some(used) = progress.used.get_mut(nth) {
                *used = true;
            }
            if request.command == code::PREPARE_BUFFER {
                progress.prepared = Some(nth);
            }
            return exchange.answer_to(request);
        }
        if request.command == code::READ_BUFFER
            && let Some(nth) = progress.prepared
            && let Some(said) = part.piece(nth, request)
        {
            return said;
        }
        if used.unanswered.len() < MOST_UNANSWERED {
            let length = request.payload.len().min(LONGEST_UNANSWERED);
            let payload = request.payload.get(..length).unwrap_or_default().to_vec();
            let command = request.command;
            used.unanswered.push(Unanswered { command, payload });
        }
        vec![Said::Packet(Packet {
            command: code::ACK_ERROR,
            session: request.session,
            reply: request.reply,
            payload: Vec::new(),
        })]
    }

    fn part(&self, link: Link) -> &Part {
        match link {
            Link::Stream => &self.streams,
            Link::Datagram => &self.datagrams,
        }
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Part {
    fn new(capture: &Capture, link: Link) -> Self {
        let mut part = Self::default();
        let mut asked = false;
        let moments = capture.moments.iter();
        for moment in moments.filter(|moment| moment.link == link) {
            part.occurs = true;
            let said = match &moment.what {
                Happened::Opened => {
                    part.greetings.push(Vec::new());
                    asked = false;
                    continue;
                }
                // An acknowledgement of an event asks for nothing.
                Happened::Sent(packet) if packet.command == code::ACK_OK => continue,
                Happened::Sent(packet) => {
                    part.exchanges.push(Exchange {
                        request: packet.clone(),
                        said: Vec::new(),
                    });
                    asked = true;
                    continue;
                }
                Happened::Received(packet) => Said::Packet(packet.clone()),
                Happened::Noise(bytes) => Said::Noise(bytes.clone()),
                Happened::Closed => Said::Closed,
            };
            if asked {
                if let Some(exchange) = part.exchanges.last_mut() {
                    exchange.said.push(said);
                }
            } else if let Some(greeting) = part.greetings.last_mut() {
                greeting.push(said);
            }
        }
        part
    }

    /// A part of the table that exchange `prepared` announced, out of the parts that were read of it.
    fn piece(&self, prepared: usize, request: &Packet) -> Option<Vec<Said>> {
        let (start, size) = range_of(&request.payload)?;
        let reads = self.exchanges.get(prepared + 1..)?.iter();
        let mut piece = Vec::new();
        let same_table =
            reads.take_while(|exchange| exchange.request.command != code::PREPARE_BUFFER);
        let mut parts: Vec<(usize, Vec<u8>)> = same_table
            .filter(|exchange| exchange.request.command == code::READ_BUFFER)
            .filter_map(|exchange| {
                let (start, size) = range_of(&exchange.request.payload)?;
                let data = exchange.data();
                (data.len() == size).then_some((start, data))
            })
            .collect();
        parts.sort_by_key(|(start, _)| *start);
        for (at, bytes) in parts {
            let next = start + piece.len();
            if let Some(skip) = next.checked_sub(at)
                && let Some(more) = bytes.get(skip..)
            {
                let missing = size - piece.len();
                piece.extend_from_slice(more.get(..missing.min(more.len()))?);
            }
        }
        if piece.len() < size {
            return None;
        }
        let packet = |command: u16, session: u16, payload: Vec<u8>| {
            Said::Packet(Packet {
                command,
                session,
                reply: request.reply,
                payload,
            })
        };
        // In datagrams of the usual size.
        let pieces = Bytes::from(piece);
        let announced = [
            u32::try_from(size).ok()?.to_le_bytes(),
            1_024_u32.to_le_bytes(),
        ];
        let mut said = vec![packet(
            code::PREPARE_DATA,
            request.session,
            announced.concat(),
        )];
        let mut index = 0;
        for data in pieces.chunks(1_024) {
            said.push(packet(code::DATA, index, data.to_vec()));
            index = index.wrapping_add(1);
        }
        said.push(packet(code::ACK_OK, index.wrapping_sub(1), Vec::new()));
        Some(said)
    }
}

impl Exchange {
    fn answer_to(&self, request: &Packet) -> Vec<Said> {
        let number = |packet: &Packet| {
            if packet.command == code::REG_EVENT {
                packet.reply
            } else {
                let off = packet.reply.wrapping_sub(self.request.reply);
                request.reply.wrapping_add(off)
            }
        };
        let said = self.said.iter().map(|said| match said {
            Said::Packet(packet) => Said::Packet(Packet {
                reply: number(packet),
                ..packet.clone()
            }),
            Said::Noise(_) | Said::Closed => said.clone(),
        });
        said.collect()
    }

    /// The bytes of its DATA packets.
    fn data(&self) -> Vec<u8> {
        let packets = self.said.iter().filter_map(|said| match said {
            Said::Packet(packet) if packet.command == code::DATA => Some(&packet.payload),
            Said::Packet(_) | Said::Noise(_) | Said::Closed => None,
        });
        packets.flatten().copied().collect()
    }
}

/// Start and size that a request for a part of a table names.
fn range_of(payload: &[u8]) -> Option<(usize, usize)> {
    let [s0, s1, s2, s3, l0, l1, l2, l3] = *payload else {
        return None;
    };
    let start = u32::from_le_bytes([s0, s1, s2, s3]);
    let size = u32::from_le_bytes([l0, l1, l2, l3]);
    Some((usize::try_from(start).ok()?, usize::try_from(size).ok()?))
}

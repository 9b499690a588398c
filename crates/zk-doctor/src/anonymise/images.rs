//! Tables as they were read, put together from the packets of their answers.

use std::collections::HashMap;

use zk_wire::{
    BufferRequest, FreeSizes, Link, Packet, Table,
    capture::{Happened, Moment},
    code,
};

/// A table as one read of it brought it, its length at the front; what did not come is zero.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) table: Table,
    pub(super) bytes: Vec<u8>,
    /// Which bytes came, in order of arrival.
    came: Vec<(usize, usize)>,
    /// What the counters said before.
    pub(super) users: Option<u32>,
    pub(super) records: Option<u32>,
}

/// Where the payload of a packet stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) image: usize,
    pub(super) offset: usize,
}

/// Longest table that is put together.
const MOST: usize = 64 << 20;

impl Image {
    /// Bytes of the length at the front.
    pub(super) const LENGTH: usize = 4;

    /// The rows, by the length at the front where it came.
    pub(super) fn rows(&self) -> &[u8] {
        self.bytes.get(Self::LENGTH..self.end()).unwrap_or_default()
    }

    pub(super) fn rows_mut(&mut self) -> &mut [u8] {
        let end = self.end();
        self.bytes.get_mut(Self::LENGTH..end).unwrap_or_default()
    }

    fn end(&self) -> usize {
        let declared = self
            .bytes
            .first_chunk()
            .and_then(|length| usize::try_from(u32::from_le_bytes(*length)).ok())
            .filter(|length| *length > 0)
            .map(|length| length.saturating_add(Self::LENGTH));
        declared.map_or(self.bytes.len(), |end| end.min(self.bytes.len()))
    }

    /// Bytes from the start on without a gap.
    pub(super) fn came_from_start(&self) -> usize {
        let mut came = self.came.clone();
        came.sort_unstable();
        came.into_iter().fold(
            0,
            |end, (from, to)| {
                if from <= end { end.max(to) } else { end }
            },
        )
    }

    fn put(&mut self, offset: usize, bytes: &[u8]) -> bool {
        let Some(to) = offset.checked_add(bytes.len()).filter(|to| *to <= MOST) else {
            return false;
        };
        if to > self.bytes.len() {
            self.bytes.resize(to, 0);
        }
        if let Some(place) = self.bytes.get_mut(offset..to) {
            place.copy_from_slice(bytes);
        }
        self.came.push((offset, to));
        true
    }
}

/// All tables, numbered, and the place of each packet that brought a part of one, by its number among the moments.
pub(super) fn find(moments: &[Moment]) -> (Vec<(usize, Image)>, HashMap<usize, Place>) {
    let mut finder = Finder::default();
    for (at, moment) in moments.iter().enumerate() {
        match &moment.what {
            Happened::Opened => finder.forget(),
            Happened::Sent(packet) => finder.sent(packet),
            Happened::Received(packet) => finder.received(at, moment.link, packet),
            Happened::Noise(_) | Happened::Closed => {}
        }
    }
    finder.settle();
    (
        finder.images.into_iter().enumerate().collect(),
        finder.places,
    )
}

#[derive(Debug, Default)]
struct Finder {
    images: Vec<Image>,
    places: HashMap<usize, Place>,
    request: Option<Packet>,
    /// The table that `READ_BUFFER` reads from.
    prepared: Option<usize>,
    answer: Option<Answer>,
    /// Bytes in a full datagram of this conversation.
    full: usize,
    users: Option<u32>,
    records: Option<u32>,
}

/// The DATA packets of one answer.
#[derive(Debug)]
struct Answer {
    image: usize,
    start: usize,
    /// Session of the connection: packets that carry it are not numbered.
    session: u16,
    packets: Vec<Part>,
}

#[derive(Debug, PartialEq, Eq)]
struct Part {
    at: usize,
    link: Link,
    index: u16,
    payload: Vec<u8>,
}

impl Finder {
    fn forget(&mut self) {
        self.settle();
        self.request = None;
        self.prepared = None;
        self.full = 0;
    }

    fn sent(&mut self, packet: &Packet) {
        // An acknowledgement of an event, or the same request once more.
        if packet.command == code::ACK_OK || self.request.as_ref() == Some(packet) {
            return;
        }
        self.settle();
        self.request = Some(packet.clone());
        self.answer = self.expected(packet);
    }

    /// What a request brings, if that is a table or a piece of one.
    fn expected(&mut self, packet: &Packet) -> Option<Answer> {
        let (image, start) = match packet.command {
            code::PREPARE_BUFFER => {
                self.prepared = None;
                let asked = BufferRequest::decode(&packet.payload)?;
                (self.begin(table_of(asked.command)?), 0)
            }
            code::READ_BUFFER => {
                let start = packet.payload.first_chunk()?;
                (
                    self.prepared?,
                    usize::try_from(u32::from_le_bytes(*start)).ok()?,
                )
            }
            command => (self.begin(table_of(command)?), 0),
        };
        Some(Answer {
            image,
            start,
            session: packet.session,
            packets: Vec::new(),
        })
    }

    fn begin(&mut self, table: Table) -> usize {
        self.images.push(Image {
            table,
            bytes: Vec::new(),
            came: Vec::new(),
            users: self.users,
            records: self.records,
        });
        self.images.len() - 1
    }

    fn received(&mut self, at: usize, link: Link, packet: &Packet) {
        let Some(request) = &self.request else { return };
        if packet.reply != request.reply || packet.command == code::REG_EVENT {
            return;
        }
        match (request.command, packet.command) {
            (code::GET_FREE_SIZES, code::ACK_OK) => {
                let counters = FreeSizes::new(packet.payload.clone());
                self.users = counters.users();
                self.records = counters.records();
            }
            (code::PREPARE_BUFFER, code::ACK_OK) => {
                let size = packet
                    .payload
                    .get(1..)
                    .and_then(<[u8]>::first_chunk)
                    .and_then(|size| usize::try_from(u32::from_le_bytes(*size)).ok());
                let Some(answer) = &self.answer else { return };
                if let Some(size) = size.filter(|size| *size <= MOST)
                    && let Some(image) = self.images.get_mut(answer.image)
                {
                    image.bytes.resize(size.max(image.bytes.len()), 0);
                    self.prepared = Some(answer.image);
                }
            }
            (_, code::DATA) => {
                self.full = self.full.max(packet.payload.len());
                if let Some(answer) = &mut self.answer {
                    answer.packets.push(Part {
                        at,
                        link,
                        index: packet.session,
                        payload: packet.payload.clone(),
                    });
                }
            }
            _ => {}
        }
    }

    /// Gives the packets of the answer their places.
    fn settle(&mut self) {
        let Some(answer) = self.answer.take() else {
            return;
        };
        let Some(image) = self.images.get_mut(answer.image) else {
            return;
        };
        // Datagrams get lost and overtake each other, but nearly all terminals number them.
        let is_numbered = answer
            .packets
            .iter()
            .any(|part| part.link == Link::Datagram && part.index != answer.session);
        let (mut next, mut last) = (answer.start, answer.start);
        let mut before: Option<&Part> = None;
        for part in &answer.packets {
            let is_copy = before
                .is_some_and(|before| before.index == part.index && before.payload == part.payload);
            let offset = if is_numbered {
                answer
                    .start
                    .saturating_add(usize::from(part.index) * self.full)
            } else if is_copy {
                last
            } else {
                next
            };
            if image.put(offset, &part.payload) {
                let place = Place {
                    image: answer.image,
                    offset,
                };
                self.places.insert(part.at, place);
                last = offset;
                next = offset + part.payload.len();
            }
            before = Some(part);
        }
    }
}

fn table_of(command: u16) -> Option<Table> {
    match command {
        code::USERS_READ => Some(Table::Users),
        code::ATTENDANCE_READ => Some(Table::Attendance),
        code::TABLE_READ => Some(Table::Templates),
        code::OPERATION_LOG_READ => Some(Table::Operations),
        _ => None,
    }
}

//! Handing out tables: inline, buffered and read in pieces, or directly.

use bytes::{BufMut as _, Bytes, BytesMut};
use zk_wire::{BufferRequest, Link, Packet, code};

use crate::{
    config::{BulkShape, ChunkShape, EmptyShape, OffsetReads, TemplateAnswer},
    faults::Lie,
    reply::{Answer, AnswerKind, Part, Reply},
    rope::Rope,
    session::Session,
};

/// Bytes of the length before the rows; all that an empty table has.
const LENGTH: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Users,
    Attendance,
    Templates,
    Operations,
}

/// `None` for commands that are about something else.
pub(crate) fn answer(session: &mut Session, id: u16, packet: &Packet) -> Option<Answer> {
    let error = || Answer::of(Reply::bare(code::ACK_ERROR, id, packet.reply));
    Some(match packet.command {
        code::PREPARE_BUFFER => {
            let table = BufferRequest::decode(&packet.payload)
                .and_then(|wanted| table_of(wanted.command, u8::try_from(wanted.table).ok()));
            match table {
                Some(table) => prepare(session, id, packet, table),
                None => error(),
            }
        }
        code::READ_BUFFER => piece(session, id, packet).unwrap_or_else(error),
        code::FREE_DATA => {
            session.prepared = None;
            session.upload = None;
            Answer::of(Reply::bare(code::ACK_OK, id, packet.reply))
        }
        code::TEMPLATE_READ => one_template(session, id, packet).unwrap_or_else(error),
        code::USERS_READ if packet.payload.len() == 3 => {
            one_template(session, id, packet).unwrap_or_else(error)
        }
        code::TABLE_READ | code::USERS_READ | code::ATTENDANCE_READ | code::OPERATION_LOG_READ => {
            match table_of(packet.command, direct_number(&packet.payload)) {
                Some(table) => {
                    let bytes = take(session, table);
                    whole(session, id, packet, &bytes)
                }
                None => error(),
            }
        }
        _ => return None,
    })
}

/// A single byte names a table.
fn direct_number(payload: &[u8]) -> Option<u8> {
    match payload {
        [] => Some(0),
        [number] => Some(*number),
        _ => None,
    }
}

fn table_of(command: u16, number: Option<u8>) -> Option<Table> {
    match (command, number?) {
        (code::USERS_READ | code::TABLE_READ, code::table::USERS) => Some(Table::Users),
        (code::ATTENDANCE_READ, _) | (code::TABLE_READ, code::table::ATTENDANCE) => {
            Some(Table::Attendance)
        }
        (code::OPERATION_LOG_READ, _) | (code::TABLE_READ, code::table::OPERATIONS) => {
            Some(Table::Operations)
        }
        (code::TABLE_READ, code::table::TEMPLATES) => Some(Table::Templates),
        _ => None,
    }
}

/// The table as it stands at this moment.
fn take(session: &Session, table: Table) -> Rope {
    let mut state = session.shared.state();
    let bytes: Rope = match table {
        Table::Users => {
            state.activity.user_reads += 1;
            match &state.users_instead {
                Some(rows) => with_length(rows).into(),
                None => state.people().table().into(),
            }
        }
        Table::Attendance => {
            state.activity.record_reads += 1;
            state.log.table()
        }
        Table::Templates => {
            state.activity.template_reads += 1;
            state.templates.table().into()
        }
        Table::Operations => {
            state.activity.operation_reads += 1;
            state.operations.table().into()
        }
    };
    match state.faults.declared_bytes {
        Lie::No => bytes,
        lie @ (Lie::Says(_) | Lie::Off(_)) => {
            let rows = u32::try_from(bytes.len() - LENGTH).unwrap_or(u32::MAX);
            bytes.with_length(lie.tell(rows).to_le_bytes())
        }
    }
}

fn with_length(rows: &[u8]) -> Bytes {
    let length = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes(), rows].concat().into()
}

/// Where the bytes of a table end that are sent: a fault leaves out the last.
fn sent_of(session: &Session, table: usize) -> usize {
    let missing = session.shared.state().faults.truncate.unwrap_or(0);
    table.saturating_sub(usize::try_from(missing).unwrap_or(usize::MAX))
}

/// The template of one finger, with its validity behind it where the newer of the two commands asks. `None` where there
/// is none.
fn one_template(session: &Session, id: u16, packet: &Packet) -> Option<Answer> {
    let [u0, u1, finger] = *packet.payload.as_slice() else {
        return None;
    };
    let mut state = session.shared.state();
    state.activity.template_reads += 1;
    let row = state.templates.get(u16::from_le_bytes([u0, u1]), finger)?;
    let mut bytes = row.template.clone();
    if packet.command == code::TEMPLATE_READ {
        match session.shared.config.template_answer {
            TemplateAnswer::Plain => {}
            TemplateAnswer::Padded => bytes.extend([0; 6]),
        }
        bytes.push(row.valid);
    }
    drop(state);
    Some(whole(session, id, packet, &Bytes::from(bytes).into()))
}

fn prepare(session: &mut Session, id: u16, packet: &Packet, table: Table) -> Answer {
    let bytes = take(session, table);
    session.prepared = None;
    if bytes.len() == LENGTH {
        return empty(session, id, packet, bytes);
    }
    let shape = &session.shared.config.answers;
    let fits_datagram = session.link == Link::Stream || bytes.len() <= udp_packet(session);
    if bytes.len() <= shape.inline_limit && fits_datagram {
        let end = sent_of(session, bytes.len());
        return inline(id, packet, bytes.slice(0..end));
    }
    match shape.bulk {
        BulkShape::Buffered => buffered(session, id, packet, bytes),
        BulkShape::Direct => whole(session, id, packet, &bytes),
        BulkShape::Refused(refusal) => Answer::of(Reply::bare(refusal, id, packet.reply)),
    }
}

fn inline(id: u16, packet: &Packet, bytes: Bytes) -> Answer {
    Answer::of(Reply {
        command: code::DATA,
        session: id,
        number: packet.reply,
        payload: bytes,
    })
    .kind(AnswerKind::Table(Part::Whole))
}

/// Announces the table; the client asks for its pieces.
fn buffered(session: &mut Session, id: u16, packet: &Packet, bytes: Rope) -> Answer {
    let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let size = session.shared.state().faults.announced_size.tell(size);
    session.prepared = Some(bytes);
    session.read_to = 0;
    let mut payload = BytesMut::with_capacity(13);
    payload.put_u8(0);
    payload.put_u32_le(size);
    payload.put_u32_le(size);
    payload.put_u32_le(0);
    acknowledge(id, packet, payload.freeze())
}

fn acknowledge(id: u16, packet: &Packet, payload: Bytes) -> Answer {
    Answer::of(Reply {
        command: code::ACK_OK,
        session: id,
        number: packet.reply,
        payload,
    })
    .kind(AnswerKind::Announcement)
}

fn empty(session: &mut Session, id: u16, packet: &Packet, bytes: Rope) -> Answer {
    match session.shared.config.answers.empty {
        EmptyShape::Inline => inline(id, packet, bytes.slice(0..LENGTH)),
        EmptyShape::AckOfFour => buffered(session, id, packet, bytes),
        EmptyShape::AckOfZero => acknowledge(id, packet, Bytes::from_static(&[0; 13])),
        EmptyShape::BareAck => acknowledge(id, packet, Bytes::new()),
    }
}

/// The part of the prepared table that a client asks for. `None` where nothing is prepared or it is not all there.
fn piece(session: &mut Session, id: u16, packet: &Packet) -> Option<Answer> {
    let [s0, s1, s2, s3, l0, l1, l2, l3] = *packet.payload.as_slice() else {
        return None;
    };
    let table = session.prepared.as_ref()?;
    let start = usize::try_from(u32::from_le_bytes([s0, s1, s2, s3])).ok()?;
    let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).ok()?;
    // A client that believed in a greater size gets what there is.
    let believed = match session.shared.state().faults.announced_size {
        Lie::No => table.len(),
        lie @ (Lie::Says(_) | Lie::Off(_)) => {
            let size = lie.tell(u32::try_from(table.len()).unwrap_or(u32::MAX));
            table.len().max(usize::try_from(size).unwrap_or(usize::MAX))
        }
    };
    let end = start
        .checked_add(length)
        .filter(|end| *end <= believed && length > 0)?;
    let follows = start == 0 || start == session.read_to;
    let range = match session.shared.state().offset_reads {
        OffsetReads::Refused(refusal) if !follows => {
            return Some(Answer::of(Reply::bare(refusal, id, packet.reply)));
        }
        OffsetReads::IgnoresOffset if !follows => 0..length,
        OffsetReads::ShortAnswer if !follows => start..end - length / 2,
        OffsetReads::Yes
        | OffsetReads::Refused(_)
        | OffsetReads::IgnoresOffset
        | OffsetReads::ShortAnswer => start..end,
    };
    let told = range.len();
    let there = range.end.min(sent_of(session, table.len()));
    let bytes = table.slice(range.start.min(there)..there);
    session.read_to = end;
    let single = session.shared.config.answers.chunk == ChunkShape::Single
        && (session.link == Link::Stream || length <= udp_packet(session));
    let answer = if single {
        Answer::of(Reply {
            command: code::DATA,
            session: id,
            number: packet.reply,
            payload: bytes,
        })
    } else {
        packets(session, id, packet, told, &bytes.into())
    };
    Some(answer.kind(AnswerKind::Table(Part::Piece)))
}

/// The whole table, unasked.
fn whole(session: &Session, id: u16, packet: &Packet, bytes: &Rope) -> Answer {
    let there = bytes.slice(0..sent_of(session, bytes.len()));
    packets(session, id, packet, bytes.len(), &there.into()).kind(AnswerKind::Table(Part::Whole))
}

/// `PREPARE_DATA` with the size that is `told`, DATA packets that count themselves in the session field, and `ACK_OK` with the index of the last.
fn packets(session: &Session, id: u16, packet: &Packet, told: usize, bytes: &Rope) -> Answer {
    let size = packet_size(session);
    let number = packet.reply;
    let mut announcement = BytesMut::with_capacity(8);
    let told = u32::try_from(told).unwrap_or(u32::MAX);
    announcement.put_u32_le(session.shared.state().faults.prepared_size.tell(told));
    announcement.put_u32_le(u32::try_from(size).unwrap_or(u32::MAX));
    let mut packets = Vec::with_capacity(bytes.len() / size + 3);
    packets.push(Reply {
        command: code::PREPARE_DATA,
        session: id,
        number,
        payload: announcement.freeze(),
    });
    let mut last = 0_u16;
    for (nth, start) in (0..bytes.len()).step_by(size).enumerate() {
        last = u16::try_from(nth % (1 << 16)).unwrap_or(0);
        packets.push(Reply {
            command: code::DATA,
            session: last,
            number,
            payload: bytes.slice(start..start.saturating_add(size)),
        });
    }
    packets.push(Reply::bare(code::ACK_OK, last, number));
    Answer {
        packets,
        ..Answer::default()
    }
}

fn packet_size(session: &Session) -> usize {
    match session.link {
        Link::Stream => session.shared.config.answers.tcp_packet.max(1),
        Link::Datagram => udp_packet(session),
    }
}

/// Within what one datagram can carry.
fn udp_packet(session: &Session) -> usize {
    session.shared.config.answers.udp_packet.clamp(1, 60_000)
}

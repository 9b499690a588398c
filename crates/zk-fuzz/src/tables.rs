use zk_wire::{Link, Packet, Progress, Table, TableError, TableRead, code};

/// Most bytes that a table may announce and be believed.
const MOST: usize = 64 << 20;

/// Whatever a terminal answers to the reading of a table, no more comes out than it announced, and it ends.
///
/// The input is a script of answers: what kind, its session field, how long its payload is, and that.
pub(crate) fn tables(input: &[u8]) {
    let Some((make, mut script)) = input.split_first() else {
        return;
    };
    let link = if make & 1 == 0 {
        Link::Stream
    } else {
        Link::Datagram
    };
    let table = match make >> 1 & 3 {
        0 => Table::Users,
        1 => Table::Templates,
        2 => Table::Operations,
        _ => Table::Attendance,
    };
    if make & 8 != 0 {
        return part(table, link, make >> 4, script);
    }
    let mut read = TableRead::new(table, link);
    let mut out = 0;
    while let Some((answer, rest)) = next(script) {
        script = rest;
        let progress = tell(&mut read, answer);
        let bytes = read.take_bytes();
        out += bytes.len();
        match read.declared() {
            Some(declared) => assert!(out <= declared && declared <= MOST, "more than announced"),
            None => assert_eq!(out, 0),
        }
        match progress {
            Ok(Progress::Done) => {
                assert_eq!(
                    Some(out),
                    read.declared(),
                    "a table that is not whole passes for one"
                );
                return;
            }
            Ok(Progress::Ask) => assert!(!read.request().payload.is_empty() || read.is_preparing()),
            Ok(Progress::Wait | Progress::WaitBriefly) => {}
            Err(_) => return,
        }
    }
}

/// As above, for a part of a table: of the bytes that were asked for there come all, or none that count.
fn part(table: Table, link: Link, begin: u8, mut script: &[u8]) {
    let mut read = TableRead::prepare(table, link);
    let prepared = loop {
        let Some((answer, rest)) = next(script) else {
            return;
        };
        script = rest;
        match tell(&mut read, answer) {
            Ok(Progress::Done) => break read.prepared(),
            Ok(_) => {}
            Err(_) => return,
        }
    };
    let Some(prepared) = prepared else {
        assert!(read.take_bytes().len() <= MOST);
        return;
    };
    assert!(prepared.bytes() <= MOST);
    let wanted = prepared.bytes() * usize::from(begin) / 16..prepared.bytes();
    let Some(mut read) = prepared.read(wanted.clone()) else {
        assert!(wanted.is_empty());
        return;
    };
    let mut out = 0;
    while let Some((answer, rest)) = next(script) {
        script = rest;
        let progress = tell(&mut read, answer);
        out += read.take_bytes().len();
        assert!(out <= wanted.len(), "more than was asked for");
        match progress {
            Ok(Progress::Done) => return assert_eq!(out, wanted.len()),
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

fn tell(read: &mut TableRead, answer: Option<Packet>) -> Result<Progress, TableError> {
    match answer {
        Some(packet) => read.take(packet),
        None => read.silence(),
    }
}

/// The next answer, `None` for a silence.
fn next(script: &[u8]) -> Option<(Option<Packet>, &[u8])> {
    let [kind, session, length, rest @ ..] = script else {
        return None;
    };
    let command = match kind & 7 {
        0 => return Some((None, rest)),
        1 => code::ACK_OK,
        2 => code::PREPARE_DATA,
        3 | 4 => code::DATA,
        5 => code::ACK_ERROR,
        6 => code::REG_EVENT,
        _ => 4_989,
    };
    // Long payloads too, so that pieces can be filled.
    let length = usize::from(*length) << (kind >> 5);
    let (payload, rest) = if kind & 8 == 0 {
        rest.split_at(length.min(rest.len()))
    } else {
        (&[][..], rest)
    };
    let mut payload = payload.to_vec();
    if kind & 8 != 0 {
        payload.resize(length, *session);
    }
    let packet = Packet {
        command,
        session: u16::from(*session),
        payload,
        ..Packet::default()
    };
    Some((Some(packet), rest))
}

//! What becomes of single packets and of tables that nobody can read yet.

use std::time::Duration;

use proptest::prelude::*;
use zk_doctor::anonymise;
use zk_wire::{
    BufferRequest, Link, Packet, Table, TemplateTable, UserFormat, UserRow, WireTime,
    capture::{Capture, Happened, Moment},
    code,
};

/// A conversation of requests and their answers.
#[derive(Default)]
struct Talk {
    moments: Vec<Moment>,
    number: u16,
}

impl Talk {
    fn happened(&mut self, what: Happened) {
        self.moments.push(Moment {
            at: Duration::ZERO,
            link: Link::Stream,
            what,
        });
    }

    fn ask(&mut self, command: u16, payload: &[u8]) {
        self.number += 1;
        self.happened(Happened::Sent(Packet {
            command,
            session: 0x1234,
            reply: self.number,
            payload: payload.to_vec(),
        }));
    }

    fn answer(&mut self, command: u16, payload: &[u8]) {
        self.happened(Happened::Received(Packet {
            command,
            session: 0x1234,
            reply: self.number,
            payload: payload.to_vec(),
        }));
    }

    /// A table that comes in one packet.
    fn table(&mut self, command: u16, rows: &[u8]) {
        let request = BufferRequest {
            command,
            table: 0,
            extra: 0,
        };
        self.ask(code::PREPARE_BUFFER, &request.encode());
        let mut table = u32::try_from(rows.len()).unwrap().to_le_bytes().to_vec();
        table.extend_from_slice(rows);
        self.answer(code::DATA, &table);
    }

    /// The payloads, anonymised.
    fn anonymised(self) -> Vec<Vec<u8>> {
        let capture = anonymise(Capture {
            notes: Vec::new(),
            moments: self.moments,
        });
        let payload = |moment: Moment| match moment.what {
            Happened::Sent(packet) | Happened::Received(packet) => packet.payload,
            Happened::Opened | Happened::Noise(_) | Happened::Closed => Vec::new(),
        };
        capture.moments.into_iter().map(payload).collect()
    }
}

fn user(pin: &str) -> Vec<u8> {
    let user = UserRow {
        uid: 1,
        pin: pin.to_owned(),
        name: b"Ana".to_vec(),
        ..UserRow::default()
    };
    user.encode(UserFormat::B72).unwrap()
}

#[test]
fn settings_of_a_kind_stay_and_those_of_one_terminal_go() {
    for (setting, stays) in [
        ("~Platform=ZMM220_TFT", true),
        ("~DeviceName=SpeedFace-V5L", true),
        ("~SerialNumber=CEXA204760917", false),
        ("MAC=00:17:61:c8:ec:17", false),
        ("IPAddress=192.168.77.201", false),
        ("ICLOCKSVRURL=https://hr.example", false),
        ("CEXA204760917", false),
    ] {
        let mut talk = Talk::default();
        let name = setting.split('=').next().unwrap();
        talk.ask(code::OPTIONS_READ, name.as_bytes());
        talk.answer(code::ACK_OK, format!("{setting}\0").as_bytes());
        let answer = talk.anonymised().pop().unwrap();
        assert_eq!(answer.len(), setting.len() + 1);
        assert_eq!(answer.starts_with(setting.as_bytes()), stays, "{setting}");
        if setting.contains('=') {
            assert!(
                answer.starts_with(format!("{name}=").as_bytes()),
                "{setting}"
            );
        }
    }
}

#[test]
fn what_is_not_known_to_be_harmless_is_zeroed() {
    let mut talk = Talk::default();
    talk.ask(71, b"a message for Ana");
    talk.answer(code::ACK_OK, b"Ana's message");
    talk.answer(code::DATA, b"more of Ana");
    let payloads = talk.anonymised();
    assert_eq!(payloads, [vec![0; 17], vec![0; 13], vec![0; 11]]);
}

#[test]
fn an_event_names_somebody_else() {
    let mut talk = Talk::default();
    talk.table(code::USERS_READ, &user("7700077"));
    let mut punch = b"7700077".to_vec();
    punch.resize(24, 0);
    punch.extend_from_slice(&[1, 0, 26, 11, 23, 8, 30, 0]);
    talk.happened(Happened::Received(Packet {
        command: code::REG_EVENT,
        session: code::event::ATTENDANCE,
        reply: 0,
        payload: punch.clone(),
    }));
    talk.happened(Happened::Received(Packet {
        command: code::REG_EVENT,
        session: code::event::ENROLL_USER,
        reply: 0,
        payload: b"7700077\0".to_vec(),
    }));
    let payloads = talk.anonymised();
    let [_, users, event, enrolled] = payloads.as_slice() else {
        panic!("{payloads:?}")
    };
    assert_eq!(event[..7], users[4 + 48..4 + 55], "the same person");
    assert_ne!(event[..7], punch[..7]);
    assert_eq!(event[7..], punch[7..], "the time stays");
    assert_eq!(*enrolled, [0; 8]);
}

#[test]
fn of_a_fingerprint_only_its_size_and_whose_it_is_stays() {
    let mut talk = Talk::default();
    let mut rows = vec![20, 0, 7, 0, 3, 1];
    rows.extend_from_slice(b"M\x10SS21abcdefgh");
    talk.table(code::TABLE_READ, &rows);
    let table = talk.anonymised().pop().unwrap();
    let read = TemplateTable::decode(&table[4..]);
    let row = &read.rows[0];
    assert_eq!((row.uid, row.finger, row.valid), (7, 3, 1));
    assert_eq!(row.template, [0; 14]);
    assert_eq!(Table::Templates.name(), "templates");
}

#[test]
fn rows_that_nobody_can_read_keep_their_numbers_and_lose_their_people() {
    let time = WireTime::new(2026, 11, 23, 8, 30, 0).unwrap().to_u32();
    let mut talk = Talk::default();
    talk.table(code::USERS_READ, &user("7700077"));
    // A marker, a number, a time, a text, and the filler of face terminals: 31 bytes a row.
    let row = |at: u32| {
        let mut row = vec![0xee, 0xee, 0xee];
        row.extend_from_slice(&7_700_077_u32.to_le_bytes());
        row.extend_from_slice(&(time + at * 60).to_le_bytes());
        row.extend_from_slice(b"\x007700077 Ana\0");
        row.extend_from_slice(b"\xff255\0\0\0");
        row
    };
    let rows: Vec<u8> = (0..50).flat_map(row).collect();
    talk.table(code::ATTENDANCE_READ, &rows);
    let payloads = talk.anonymised();
    let (users, log) = (&payloads[1], &payloads[3][4..]);
    assert_eq!(log.len(), rows.len());
    let stands_for: u32 = std::str::from_utf8(&users[52..59])
        .unwrap()
        .parse()
        .unwrap();
    assert_ne!(stands_for, 7_700_077);
    for (at, row) in (0..).zip(log.chunks(31)) {
        assert_eq!(row[..3], [0xee; 3]);
        assert_eq!(row[3..7], stands_for.to_le_bytes());
        assert_eq!(row[7..11], (time + at * 60).to_le_bytes(), "row {at}");
        assert_eq!(row[12..19], users[52..59]);
        assert_ne!(row[20..23], *b"Ana");
        assert_eq!(row[24..28], *b"\xff255");
    }
}

fn command() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![
        code::PREPARE_BUFFER,
        code::READ_BUFFER,
        code::DATA,
        code::PREPARE_DATA,
        code::ACK_OK,
        code::ATTENDANCE_READ,
        code::USERS_READ,
        code::TABLE_READ,
        code::OPTIONS_READ,
        code::REG_EVENT,
        code::GET_FREE_SIZES,
        code::AUTH,
    ])
}

fn moment() -> impl Strategy<Value = Moment> {
    let requests = prop::sample::select(vec![
        Table::Users,
        Table::Attendance,
        Table::Templates,
        Table::Operations,
    ])
    .prop_map(|table| {
        let command = match table {
            Table::Users => code::USERS_READ,
            Table::Attendance => code::ATTENDANCE_READ,
            Table::Templates | Table::Template { .. } => code::TABLE_READ,
            Table::Operations => code::OPERATION_LOG_READ,
        };
        BufferRequest {
            command,
            table: 0,
            extra: 0,
        }
        .encode()
        .to_vec()
    });
    let payload = prop_oneof![
        2 => prop::collection::vec(any::<u8>(), 0..200),
        1 => requests,
        1 => (0_u32..400, 0_u32..400).prop_map(|(start, size)| [start.to_le_bytes(), size.to_le_bytes()].concat()),
        1 => (0_u32..400).prop_map(|size| [&[0][..], &size.to_le_bytes(), &size.to_le_bytes()].concat()),
    ];
    let packet = (command(), 0_u16..4, 0_u16..3, payload);
    (packet, 0_u8..8, any::<bool>()).prop_map(
        |((command, session, reply, payload), what, stream)| {
            let packet = Packet {
                command,
                session,
                reply,
                payload,
            };
            Moment {
                at: Duration::ZERO,
                link: if stream { Link::Stream } else { Link::Datagram },
                what: match what {
                    0 => Happened::Opened,
                    1..=3 => Happened::Sent(packet),
                    4..=6 => Happened::Received(packet),
                    _ => Happened::Closed,
                },
            }
        },
    )
}

fn shape(moments: &[Moment]) -> Vec<(Option<u16>, usize)> {
    let shape = |moment: &Moment| match &moment.what {
        Happened::Sent(packet) | Happened::Received(packet) => {
            (Some(packet.command), packet.payload.len())
        }
        Happened::Noise(bytes) => (None, bytes.len()),
        Happened::Opened | Happened::Closed => (None, 0),
    };
    moments.iter().map(shape).collect()
}

proptest! {
    #[test]
    fn whatever_was_said_keeps_its_order_and_its_lengths(moments in prop::collection::vec(moment(), 0..40)) {
        let before = shape(&moments);
        let after = anonymise(Capture { notes: Vec::new(), moments });
        prop_assert_eq!(shape(&after.moments), before);
    }
}

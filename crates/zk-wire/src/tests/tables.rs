//! Section 9 of the fact sheet, over TCP.

use rstest::rstest;

use super::{
    bytes, packet,
    teller::{Numbers, SESSION, Shape, Teller, TooLarge, read},
    world::table,
};
use crate::{Link, Packet, Progress, Request, Table, TableError, TableRead, code};

const SHAPES: [Shape; 4] = [
    Shape::Inline,
    Shape::Buffered,
    Shape::Direct,
    Shape::DirectOnly(4_989),
];

#[rstest]
fn a_table_of_any_shape_and_packet_size_is_read(
    #[values(0, 1, 2, 3)] shape: usize,
    #[values(
        Numbers::FromZero,
        Numbers::FromOne,
        Numbers::GoingOn,
        Numbers::None,
        Numbers::Offsets,
        Numbers::AfterTheFirst,
        Numbers::Noise
    )]
    numbers: Numbers,
    #[values(7, 1_008, 65_528, 1 << 20)] size: usize,
    #[values(false, true)] bare: bool,
) {
    let rows = some_rows(150_000);
    let mut teller = Teller {
        numbers,
        packet: size,
        ..Teller::new(table(&rows), SHAPES[shape])
    };
    teller.bare_pieces = bare;
    assert!(read(&mut teller, Link::Stream, |answer| answer) == Ok(rows));
}

#[rstest]
fn every_packet_twice_gives_the_table(
    #[values(0, 1, 2, 3)] shape: usize,
    #[values(Numbers::FromZero, Numbers::FromOne, Numbers::None)] numbers: Numbers,
    #[values(1_008, 65_528)] size: usize,
) {
    let rows = some_rows(150_000);
    let mut teller = Teller {
        numbers,
        packet: size,
        ..Teller::new(table(&rows), SHAPES[shape])
    };
    let twice = |answer: Vec<Packet>| {
        answer
            .into_iter()
            .flat_map(|packet| [packet.clone(), packet])
            .collect()
    };
    assert!(read(&mut teller, Link::Stream, twice) == Ok(rows));
}

#[rstest]
fn an_event_inside_a_table_changes_nothing(#[values(0, 1, 2, 3)] shape: usize) {
    let rows = some_rows(10_000);
    let mut teller = Teller::new(table(&rows), SHAPES[shape]);
    let with_event = |mut answer: Vec<Packet>| {
        answer.insert(
            answer.len() / 2,
            packet(code::REG_EVENT, code::event::ATTENDANCE, 0, &[1; 32]),
        );
        answer
    };
    assert_eq!(read(&mut teller, Link::Stream, with_event), Ok(rows));
}

#[test]
fn rows_are_handed_out_while_they_arrive() {
    let rows = some_rows(100_000);
    for (shape, together) in [(Shape::Buffered, 65_472), (Shape::Direct, 2_048)] {
        let mut teller = Teller::new(table(&rows), shape);
        let mut read = TableRead::new(Table::Attendance, Link::Stream);
        let (mut found, mut most) = (Vec::new(), 0);
        'table: loop {
            for packet in teller.answer(read.request()) {
                let progress = read.take(packet).unwrap();
                let bytes = read.take_bytes();
                most = most.max(bytes.len());
                found.extend(bytes);
                match progress {
                    Progress::Wait | Progress::WaitBriefly => {}
                    Progress::Ask => continue 'table,
                    Progress::Done => break 'table,
                }
            }
        }
        assert!(found == rows);
        assert!(most <= together, "{most} bytes were kept together");
    }
}

#[rstest]
#[case::exactly_one_chunk(65_472 - 4)]
#[case::one_byte_more(65_472 - 3)]
#[case::two_chunks(2 * 65_472 - 4)]
#[case::tiny(1)]
fn no_request_asks_for_nothing(#[case] length: usize) {
    let rows = some_rows(length);
    let mut teller = Teller {
        packet: 65_528,
        ..Teller::new(table(&rows), Shape::Buffered)
    };
    assert!(read(&mut teller, Link::Stream, |answer| answer) == Ok(rows));
}

#[test]
fn a_table_of_4_mb_is_asked_for_as_the_vectors_show() {
    let mut read = TableRead::new(Table::Attendance, Link::Stream);
    let mut progress = read
        .take(packet(
            code::ACK_OK,
            1,
            8,
            &bytes("0004093d0004093d0000000000"),
        ))
        .unwrap();
    let mut asked = Vec::new();
    while progress == Progress::Ask {
        asked.push(read.request().clone());
        let [a, b, c, d] = *read.request().payload[4..].as_array().unwrap();
        let mut data = vec![0; usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap()];
        if asked.len() == 1 {
            data[..4].copy_from_slice(&4_000_000_u32.to_le_bytes());
        }
        progress = read.take(packet(code::DATA, 0, 0, &data)).unwrap();
        read.take_bytes();
    }
    assert_eq!(asked.len(), 62);
    assert_eq!(
        asked[0],
        Request {
            command: code::READ_BUFFER,
            payload: bytes("00000000c0ff0000")
        }
    );
    assert_eq!(
        asked[61],
        Request {
            command: code::READ_BUFFER,
            payload: bytes("c0f03c0044180000")
        }
    );
}

#[rstest]
#[case::inline(packet(code::DATA, SESSION, 0, &[0; 4]))]
#[case::inline_without_length(packet(code::DATA, SESSION, 0, b""))]
#[case::size_of_the_length(packet(code::ACK_OK, SESSION, 0, &bytes("00040000000400000000000000")))]
#[case::size_of_nothing(packet(code::ACK_OK, SESSION, 0, &bytes("00000000000000000000000000")))]
#[case::short_size_of_nothing(packet(code::ACK_OK, SESSION, 0, &[0; 4]))]
#[case::bare(packet(code::ACK_OK, SESSION, 0, b""))]
#[case::announced(packet(code::PREPARE_DATA, SESSION, 0, &[0; 8]))]
fn an_empty_table_of_any_form_is_empty(#[case] answer: Packet) {
    for link in [Link::Stream, Link::Datagram] {
        let mut read = TableRead::new(Table::Users, link);
        let mut progress = read.take(answer.clone()).unwrap();
        for _ in 0..2 {
            if progress != Progress::Ask {
                break;
            }
            // Over UDP a bare ACK_OK may be the end of an answer that was lost, so it is asked for again.
            assert_eq!((link, answer.payload.len()), (Link::Datagram, 0));
            progress = read.take(answer.clone()).unwrap();
        }
        assert_eq!(progress, Progress::Done);
        assert_eq!((read.declared(), read.take_bytes()), (Some(0), Vec::new()));
    }
}

#[rstest]
fn padding_behind_the_rows_is_left_out(
    #[values(0, 1, 2)] shape: usize,
    #[values(1, 9, 70_000)] padding: usize,
) {
    let rows = some_rows(1_000);
    let mut padded = table(&rows);
    padded.resize(padded.len() + padding, 0xee);
    let mut teller = Teller::new(padded, SHAPES[shape]);
    assert_eq!(read(&mut teller, Link::Stream, |answer| answer), Ok(rows));
}

#[rstest]
fn a_terminal_that_refuses_large_pieces_is_asked_for_smaller_ones(
    #[values(Link::Stream, Link::Datagram)] link: Link,
    #[values(32_768, 8_184, 1_024)] largest_piece: usize,
) {
    let rows = some_rows(100_000);
    let mut teller = Teller {
        largest_piece,
        ..Teller::new(table(&rows), Shape::Buffered)
    };
    assert!(read(&mut teller, link, |answer| answer) == Ok(rows));
}

#[test]
fn a_terminal_that_refuses_every_piece_is_given_up() {
    for link in [Link::Stream, Link::Datagram] {
        let mut teller = Teller {
            largest_piece: 0,
            ..Teller::new(table(&some_rows(100_000)), Shape::Buffered)
        };
        let error = read(&mut teller, link, |answer| answer).unwrap_err();
        assert!(matches!(error, TableError::Damaged { .. }), "{error}");
    }
}

#[test]
fn a_table_in_one_datagram_may_be_padded() {
    let rows = some_rows(200);
    let mut padded = table(&rows);
    padded.resize(padded.len() + 40, 0);
    let mut teller = Teller::new(padded, Shape::Inline);
    assert_eq!(read(&mut teller, Link::Datagram, |answer| answer), Ok(rows));
}

#[test]
fn parts_of_an_answer_that_declare_little_by_chance_are_no_table() {
    let mut read = TableRead::new(Table::Attendance, Link::Datagram);
    for part in 1..=5 {
        let mut payload = [0; 1_024];
        payload[900] = part;
        let taken = read.take(packet(code::DATA, SESSION, 0, &payload));
        assert_eq!(taken, Ok(Progress::Wait));
        assert_eq!(read.silence(), Ok(Progress::Ask));
    }
}

#[rstest]
fn a_table_that_declares_more_than_it_brings_is_damaged(#[values(0, 1, 2, 3)] shape: usize) {
    let mut short = table(&some_rows(5_000));
    short.truncate(4_600);
    let mut teller = Teller::new(short, SHAPES[shape]);
    let refused = read(&mut teller, Link::Stream, |answer| answer).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("declares 5000 bytes of rows and brings 4596"),
        "{refused}"
    );
}

#[rstest]
fn a_missing_packet_is_damage(#[values(1, 2, 3)] shape: usize) {
    let mut teller = Teller::new(table(&some_rows(5_000)), SHAPES[shape]);
    let lossy = |mut answer: Vec<Packet>| {
        if answer.len() > 3 {
            answer.remove(2);
        }
        answer
    };
    assert!(matches!(
        read(&mut teller, Link::Stream, lossy),
        Err(TableError::Damaged {
            table: "punches",
            ..
        })
    ));
}

#[rstest]
fn bytes_behind_a_gap_never_come_out(
    #[values(1, 2, 3)] shape: usize,
    #[values(
        Numbers::FromZero,
        Numbers::FromOne,
        Numbers::GoingOn,
        Numbers::None,
        Numbers::Offsets
    )]
    numbers: Numbers,
    #[values(1, 2, 3, 50)] gap: usize,
) {
    let rows = some_rows(60_000);
    let mut teller = Teller {
        numbers,
        ..Teller::new(table(&rows), SHAPES[shape])
    };
    let mut read = TableRead::new(Table::Attendance, Link::Stream);
    let mut found = Vec::new();
    'table: for _ in 0..5 {
        let mut answer = teller.answer(read.request());
        if answer.len() > gap {
            answer.remove(gap);
        }
        for packet in answer {
            match read.take(packet) {
                Ok(Progress::Ask) => continue 'table,
                Ok(progress) => assert_ne!(progress, Progress::Done),
                Err(_) => break 'table,
            }
            found.extend(read.take_bytes());
        }
    }
    assert!(rows.starts_with(&found), "bytes stand in a wrong place");
    assert!(found.len() < rows.len());
}

const COUNTED: [Numbers; 3] = [Numbers::FromZero, Numbers::FromOne, Numbers::GoingOn];

#[rstest]
#[case::many_packets(4_000, &[1, 2, 10], &COUNTED)]
#[case::three_packets(20_000, &[1, 2], &COUNTED)]
#[case::two_packets(30_000, &[1], &COUNTED)]
// Nothing tells the offsets of a few packets from old memory.
#[case::offsets_of_many_packets(4_000, &[1, 2, 10], &[Numbers::Offsets])]
fn packets_that_changed_places_on_a_stream_are_damage(
    #[case] packet: usize,
    #[case] places: &[usize],
    #[case] numbers: &[Numbers],
    #[values(1, 2, 3)] shape: usize,
) {
    // The last packet is as long as the others.
    let rows = some_rows(60_000 - 4);
    for (place, numbers) in places
        .iter()
        .flat_map(|place| numbers.iter().map(move |numbers| (place, *numbers)))
    {
        let mut teller = Teller {
            numbers,
            packet,
            ..Teller::new(table(&rows), SHAPES[shape])
        };
        let swapped = |mut answer: Vec<Packet>| {
            if answer.len() > place + 1 {
                answer.swap(*place, place + 1);
            }
            answer
        };
        match read(&mut teller, Link::Stream, swapped) {
            Err(TableError::Damaged { .. }) => {}
            other => panic!("{:?}", other.map(|rows| rows.len())),
        }
    }
}

#[test]
fn a_connection_that_falls_silent_is_damage() {
    let mut teller = Teller::new(table(&some_rows(5_000)), Shape::Buffered);
    let silent = |answer: Vec<Packet>| {
        if answer.len() > 2 {
            answer[..2].to_vec()
        } else {
            answer
        }
    };
    let refused = read(&mut teller, Link::Stream, silent).unwrap_err();
    assert!(
        refused.to_string().contains("nothing more of it came"),
        "{refused}"
    );
}

#[rstest]
fn a_terminal_that_hands_out_less_at_a_time_than_it_is_asked_for_is_read(
    #[values(Link::Stream, Link::Datagram)] link: Link,
    #[values(1_024, 8_184, 65_471)] largest_piece: usize,
) {
    let rows = some_rows(150_000);
    let mut teller = Teller {
        largest_piece,
        too_large: TooLarge::Cut,
        ..Teller::new(table(&rows), Shape::Buffered)
    };
    assert!(read(&mut teller, link, |answer| answer) == Ok(rows));
}

#[test]
fn a_piece_announced_in_another_size_is_damage() {
    let mut read = TableRead::new(Table::Attendance, Link::Stream);
    read.take(packet(
        code::ACK_OK,
        0,
        0,
        &bytes("00ff000000ff00000000000000"),
    ))
    .unwrap();
    let refused = read
        .take(packet(code::PREPARE_DATA, 0, 0, &bytes("fe000000f0030000")))
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("announces 254 bytes where 255 were asked for"),
        "{refused}"
    );
}

#[test]
fn more_bytes_than_asked_for_are_damage() {
    let mut read = TableRead::new(Table::Attendance, Link::Stream);
    read.take(packet(
        code::ACK_OK,
        0,
        0,
        &bytes("00140000001400000000000000"),
    ))
    .unwrap();
    assert!(matches!(
        read.take(packet(code::DATA, 0, 0, &[0; 21])),
        Err(TableError::Damaged { .. })
    ));
}

#[test]
fn a_table_that_is_refused_both_ways_is_refused_with_the_first_code() {
    let mut read = TableRead::new(Table::Users, Link::Stream);
    assert_eq!(read.take(packet(4_989, 0, 0, b"")), Ok(Progress::Ask));
    assert_eq!(
        *read.request(),
        Request {
            command: code::USERS_READ,
            payload: vec![5]
        }
    );
    assert_eq!(
        read.take(packet(code::ACK_ERROR, 0, 0, b"")),
        Err(TableError::Refused {
            table: "users",
            code: 4_989
        })
    );
}

#[rstest]
#[case::prepared(code::ACK_OK, "00ffffffffffffffff00000000")]
#[case::short(code::ACK_OK, "ffffffff")]
#[case::announced(code::PREPARE_DATA, "ffffffff00040000")]
fn a_table_of_4_gib_is_refused_at_once(#[case] command: u16, #[case] payload: &str) {
    for link in [Link::Stream, Link::Datagram] {
        let mut read = TableRead::new(Table::Attendance, link);
        assert!(matches!(
            read.take(packet(command, 0, 0, &bytes(payload))),
            Err(TableError::TooLong {
                announced: u32::MAX,
                ..
            })
        ));
    }
}

#[test]
fn a_size_that_is_cut_off_is_damage_and_no_empty_table() {
    let mut read = TableRead::new(Table::Attendance, Link::Stream);
    assert!(matches!(
        read.take(packet(code::ACK_OK, 0, 0, &[0, 1])),
        Err(TableError::Damaged { .. })
    ));
}

#[test]
fn a_terminal_that_repeats_itself_for_ever_is_given_up() {
    for link in [Link::Stream, Link::Datagram] {
        let mut read = TableRead::new(Table::Attendance, link);
        let again = packet(code::PREPARE_DATA, 0, 0, &bytes("0004000000040000"));
        let refused = (0..10_000).find_map(|_| read.take(again.clone()).err());
        assert!(matches!(refused, Some(TableError::Damaged { .. })));
    }
}

#[test]
fn the_terminal_may_take_long_only_while_it_prepares() {
    let mut read = TableRead::new(Table::Attendance, Link::Stream);
    assert!(read.is_preparing());
    read.take(packet(
        code::ACK_OK,
        0,
        0,
        &bytes("00ff000000ff00000000000000"),
    ))
    .unwrap();
    assert!(!read.is_preparing());
}

/// Bytes that never repeat within a table.
pub(super) fn some_rows(length: usize) -> Vec<u8> {
    let mut state = 0x1234_5678_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_le_bytes()[3]
        })
        .collect()
}

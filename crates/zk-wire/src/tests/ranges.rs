//! Parts of a prepared table.

use std::ops::Range;

use proptest::{prelude::*, sample::select};
use rstest::rstest;

use super::{
    lossy::Network,
    tables::some_rows,
    teller::{Numbers, Offsets, Shape, Teller, finish, prepare, read},
    world::table,
};
use crate::{Link, Packet, Table, TableError, TableRead, code};

const LINKS: [Link; 2] = [Link::Stream, Link::Datagram];

fn whole(answer: Vec<Packet>) -> Vec<Packet> {
    answer
}

fn part(teller: &mut Teller, link: Link, rows: Range<usize>) -> Result<Vec<u8>, TableError> {
    let prepared = prepare(teller, link, whole)?;
    let mut read = prepared.read(rows).expect("rows lie there");
    finish(&mut read, teller, whole)
}

#[rstest]
#[case::first_row(0..40)]
#[case::all(0..200_000)]
#[case::last_row(199_960..200_000)]
#[case::more_than_there_is(199_960..usize::MAX)]
#[case::one_byte(77_777..77_778)]
#[case::over_the_border_of_chunks(65_400..131_100)]
fn any_part_of_a_table_is_read(#[case] wanted: Range<usize>) {
    let rows = some_rows(200_000);
    for link in LINKS {
        let mut teller = Teller::new(table(&rows), Shape::Buffered);
        let read = part(&mut teller, link, wanted.clone());
        assert!(read.as_deref() == Ok(&rows[wanted.start..wanted.end.min(rows.len())]));
    }
}

#[rstest]
#[case::nothing(40..40)]
#[case::behind_the_end(200_000..200_040)]
fn where_no_row_lies_nothing_is_asked(#[case] wanted: Range<usize>) {
    let mut teller = Teller::new(table(&some_rows(200_000)), Shape::Buffered);
    let prepared = prepare(&mut teller, Link::Stream, whole).unwrap();
    assert_eq!(prepared.bytes(), 200_000);
    assert!(prepared.read(wanted).is_none());
}

#[test]
fn preparing_and_reading_the_end_takes_three_requests_however_long_the_table_is() {
    for length in [4_000, 4_000_000] {
        let rows = some_rows(length);
        let mut teller = Teller::new(table(&rows), Shape::Buffered);
        let (mut requests, mut carried) = (0, 0);
        let mut count = |answer: Vec<Packet>| {
            requests += 1;
            carried += answer
                .iter()
                .map(|packet| 8 + packet.payload.len())
                .sum::<usize>();
            answer
        };
        let prepared = prepare(&mut teller, Link::Stream, &mut count).unwrap();
        let mut read = prepared.read(length - 160..length).unwrap();
        let end = finish(&mut read, &mut teller, &mut count).unwrap();
        assert!(end == rows[length - 160..]);
        assert_eq!(requests, 3);
        assert!(carried < 400, "{carried} bytes");
    }
}

#[rstest]
#[case::inline(Shape::Inline, 900)]
#[case::direct(Shape::Direct, 30_000)]
#[case::refused(Shape::DirectOnly(4_989), 30_000)]
#[case::short(Shape::Buffered, 60)]
#[case::empty(Shape::Buffered, 0)]
fn a_table_that_comes_at_once_needs_no_preparation(#[case] shape: Shape, #[case] length: usize) {
    let rows = some_rows(length);
    for link in LINKS {
        let mut teller = Teller::new(table(&rows), shape);
        let mut read = TableRead::prepare(Table::Attendance, link);
        let found = finish(&mut read, &mut teller, whole).unwrap();
        assert!(found == rows);
        assert_eq!(read.declared(), Some(length));
        assert!(read.prepared().is_none());
    }
}

#[test]
fn padding_is_no_part_of_a_table() {
    let rows = some_rows(10_000);
    let mut padded = table(&rows);
    padded.resize(12_000, 0xee);
    let mut teller = Teller::new(padded, Shape::Buffered);
    let prepared = prepare(&mut teller, Link::Stream, whole).unwrap();
    assert_eq!(prepared.bytes(), 10_000);
    assert!(part(&mut teller, Link::Stream, 9_990..11_000) == Ok(rows[9_990..].to_vec()));
}

#[rstest]
fn a_terminal_that_cannot_begin_in_the_middle_is_found_out(
    #[values(
        Offsets::Refused,
        Offsets::FromTheBeginning,
        Offsets::TheWholeTable,
        Offsets::Short,
        Offsets::Nothing
    )]
    offsets: Offsets,
    #[values(10, 160, 5_000, 100_000)] length: usize,
    #[values(Link::Stream, Link::Datagram)] link: Link,
) {
    let rows = some_rows(150_000);
    let mut teller = Teller {
        offsets,
        ..Teller::new(table(&rows), Shape::Buffered)
    };
    match part(&mut teller, link, 150_000 - length..150_000) {
        Err(TableError::Offset { offset, .. }) => assert!(offset >= 150_004 - length),
        // Over UDP silence is loss.
        Err(TableError::Lost { .. }) if link == Link::Datagram => {}
        other => panic!("{:?}", other.map(|rows| rows.len())),
    }
}

#[test]
fn a_whole_read_does_not_take_the_beginning_for_what_follows() {
    let rows = some_rows(150_000);
    for link in LINKS {
        let mut teller = Teller {
            offsets: Offsets::FromTheBeginning,
            ..Teller::new(table(&rows), Shape::Buffered)
        };
        match read(&mut teller, link, whole) {
            Err(TableError::Offset { .. }) => {}
            other => panic!("{:?}", other.map(|rows| rows.len())),
        }
    }
}

#[rstest]
fn a_terminal_that_cannot_begin_in_the_middle_is_read_in_one_piece(
    #[values(Offsets::Refused, Offsets::FromTheBeginning)] offsets: Offsets,
    #[values(Link::Stream, Link::Datagram)] link: Link,
    #[values(false, true)] never_directly: bool,
) {
    let rows = some_rows(150_000);
    let mut teller = Teller {
        offsets,
        never_directly,
        ..Teller::new(table(&rows), Shape::Buffered)
    };
    let mut read = TableRead::in_one_piece(Table::Attendance, link);
    assert!(finish(&mut read, &mut teller, whole) == Ok(rows));
}

#[test]
fn what_one_read_learned_the_next_one_knows() {
    let rows = some_rows(300_000);
    let mut teller = Teller {
        largest_piece: 8_184,
        ..Teller::new(table(&rows), Shape::Buffered)
    };
    let mut prepared = prepare(&mut teller, Link::Stream, whole).unwrap();
    assert_eq!(prepared.chunk_size(), 65_472);
    let mut refusals = Vec::new();
    for start in [100_000, 200_000] {
        let mut refused = 0;
        let count = |answer: Vec<Packet>| {
            refused += usize::from(answer[0].command == code::ACK_ERROR);
            answer
        };
        let mut read = prepared.read(start..start + 20_000).unwrap();
        let found = finish(&mut read, &mut teller, count);
        assert!(found.as_deref() == Ok(&rows[start..start + 20_000]));
        prepared.learn(&read);
        refusals.push(refused);
    }
    assert_eq!(refusals[1], 0, "{refusals:?}");
    assert!(prepared.chunk_size() <= 8_184);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_bad_network_gives_exactly_the_part_or_an_error(
        length in 1_000..60_000_usize,
        start in 0..60_000_usize,
        size in 1..40_000_usize,
        numbers in select(vec![Numbers::FromZero, Numbers::FromOne, Numbers::None, Numbers::Offsets]),
        packet in select(vec![512_usize, 1_024]),
        seed: u32,
        lost in select(vec![0_u32, 5, 20]),
        doubled in select(vec![0_u32, 5, 50]),
        swapped in select(vec![0_u32, 5, 50]),
    ) {
        let rows = some_rows(length);
        let start = start % length;
        let mut teller = Teller { numbers, packet, ..Teller::new(table(&rows), Shape::Buffered) };
        let mut network = Network { seed, lost, doubled, swapped };
        let prepared = prepare(&mut teller, Link::Datagram, |answer| network.carry(answer));
        // Four bytes may be lost eight times in a row.
        prop_assume!(lost < 20 || prepared.is_ok());
        let mut read = prepared.unwrap().read(start..start + size).unwrap();
        match finish(&mut read, &mut teller, |answer| network.carry(answer)) {
            Ok(read) => prop_assert!(read == rows[start..(start + size).min(length)], "other bytes came out"),
            Err(TableError::Lost { .. }) => prop_assert!(lost > 5 || numbers != Numbers::FromZero),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

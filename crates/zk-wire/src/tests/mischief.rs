//! Terminals and relays that lose, double and swap packets although the stream carries them in order, and streams cut
//! anywhere: right rows or an error, never wrong rows.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    lossy::Network,
    packet,
    tables::some_rows,
    teller::{Numbers, Offsets, Shape, Teller, finish, prepare},
    world::table,
};
use crate::{FrameReader, Link, Packet, Progress, Table, TableError, TableRead, code};

fn any_shape() -> impl Strategy<Value = Shape> {
    select(vec![
        Shape::Inline,
        Shape::Buffered,
        Shape::Direct,
        Shape::DirectOnly(4_989),
    ])
}

/// Reads on until the end or an error; what came out before, too.
fn read_on(
    read: &mut TableRead,
    teller: &mut Teller,
    mut carry: impl FnMut(Vec<Packet>) -> Vec<Packet>,
) -> (Vec<u8>, Result<(), TableError>) {
    let mut rows = Vec::new();
    for _ in 0..1_000 {
        let mut progress = Progress::Wait;
        for packet in carry(teller.answer(read.request())) {
            progress = match read.take(packet) {
                Ok(progress) => progress,
                Err(error) => return (rows, Err(error)),
            };
            rows.extend(read.take_bytes());
            if matches!(progress, Progress::Ask | Progress::Done) {
                break;
            }
        }
        if matches!(progress, Progress::Wait | Progress::WaitBriefly) {
            progress = match read.silence() {
                Ok(progress) => progress,
                Err(error) => return (rows, Err(error)),
            };
            rows.extend(read.take_bytes());
        }
        if progress == Progress::Done {
            return (rows, Ok(()));
        }
    }
    panic!("the read has no end")
}

/// The bytes of a stream, cut at these places.
fn through_a_stream(answer: &[Packet], cuts: &[usize]) -> Vec<Packet> {
    let stream: Vec<u8> = answer.iter().flat_map(Packet::to_frame).collect();
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
    cuts.push(stream.len());
    cuts.sort_unstable();
    let (mut reader, mut start, mut packets) = (FrameReader::default(), 0, Vec::new());
    for cut in cuts {
        reader.push(&stream[start..cut]);
        start = cut;
        while let Some(packet) = reader.next_packet().unwrap() {
            packets.push(packet);
        }
    }
    packets
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn numbered_packets_give_right_rows_only_whatever_happens_to_them(
        length in 0..150_000_usize,
        shape in any_shape(),
        numbers in select(vec![Numbers::FromZero, Numbers::FromOne, Numbers::GoingOn]),
        packet in select(vec![1_008_usize, 8_192, 65_528]),
        seed: u32,
        lost in select(vec![0_u32, 0, 2, 30]),
        doubled in select(vec![0_u32, 5, 50]),
        swapped in select(vec![0_u32, 5, 50]),
    ) {
        let rows = some_rows(length);
        let mut teller = Teller { numbers, packet, ..Teller::new(table(&rows), shape) };
        let mut network = Network { seed, lost, doubled, swapped };
        let mut read = TableRead::new(Table::Attendance, Link::Stream);
        let (found, end) = read_on(&mut read, &mut teller, |answer| network.carry(answer));
        match end {
            Ok(()) if read.declared() == Some(rows.len()) => prop_assert!(found == rows, "other bytes came out"),
            // The announcement of everything was lost, and what followed it says by itself that nothing is there.
            Ok(()) => prop_assert!(lost > 0 && found.is_empty(), "{:?}", read.declared()),
            Err(_) => {
                prop_assert!(lost + doubled + swapped > 0);
                prop_assert!(rows.starts_with(&found), "bytes stand in a wrong place");
            }
        }
    }

    #[test]
    fn a_part_is_right_or_refused_whatever_the_terminal_makes_of_offsets(
        length in 200..150_000_usize,
        start: prop::sample::Index,
        size in 8..80_000_usize,
        offsets in select(vec![
            Offsets::Told, Offsets::Refused, Offsets::FromTheBeginning, Offsets::TheWholeTable, Offsets::Short,
            Offsets::Nothing,
        ]),
        largest_piece in select(vec![1_024_usize, 8_184, usize::MAX]),
        bare_pieces: bool,
        link in select(vec![Link::Stream, Link::Datagram]),
    ) {
        let rows = some_rows(length);
        let start = start.index(length);
        let mut teller = Teller {
            offsets,
            largest_piece,
            bare_pieces,
            packet: 1_024,
            ..Teller::new(table(&rows), Shape::Buffered)
        };
        let prepared = prepare(&mut teller, link, |answer| answer).unwrap();
        let mut read = prepared.read(start..start + size).unwrap();
        match finish(&mut read, &mut teller, |answer| answer) {
            Ok(part) => prop_assert!(part == rows[start..(start + size).min(length)], "other bytes came out"),
            Err(error) => prop_assert!(offsets != Offsets::Told, "{error}"),
        }
    }

    #[test]
    fn any_split_of_the_stream_gives_the_table(
        length in 0..100_000_usize,
        shape in any_shape(),
        packet in select(vec![700_usize, 1_008, 65_528]),
        cuts in vec(any::<usize>(), 0..40),
        part: Option<prop::sample::Index>,
    ) {
        let rows = some_rows(length);
        let mut teller = Teller { packet, ..Teller::new(table(&rows), shape) };
        let carry = |answer: Vec<Packet>| through_a_stream(&answer, &cuts);
        let mut whole = TableRead::new(Table::Attendance, Link::Stream);
        prop_assert!(finish(&mut whole, &mut teller, carry).as_ref() == Ok(&rows));
        let mut beginning = TableRead::prepare(Table::Attendance, Link::Stream);
        finish(&mut beginning, &mut teller, carry).unwrap();
        if let (Some(prepared), Some(start)) = (beginning.prepared(), part) {
            let start = start.index(rows.len());
            let mut read = prepared.read(start..rows.len()).unwrap();
            prop_assert!(finish(&mut read, &mut teller, carry).as_deref() == Ok(&rows[start..]));
        }
    }

    #[test]
    fn a_terminal_that_answers_at_random_gets_no_more_than_was_asked_for(
        answers in vec(
            (
                select(vec![code::DATA, code::DATA, code::ACK_OK, code::PREPARE_DATA, code::REG_EVENT, code::ACK_ERROR, 4_989]),
                0..4_u16,
                vec(select(vec![0_u8, 0, 0, 1, 4, 8, 20, 255]), 0..40),
            ),
            1..60,
        ),
        silences: u64,
        wanted in 0..40_usize,
        link in select(vec![Link::Stream, Link::Datagram]),
    ) {
        let mut teller = Teller::new(table(&some_rows(500)), Shape::Buffered);
        let prepared = prepare(&mut teller, link, |answer| answer).unwrap();
        let mut read = prepared.read(100..100 + wanted + 1).unwrap();
        let (mut sent, mut came) = (0, 0);
        for (nth, (command, session, payload)) in answers.into_iter().enumerate() {
            sent += payload.len();
            let silent = silences >> (nth % 64) & 1 == 1;
            let progress = if silent { read.silence() } else { read.take(packet(command, session, 0, &payload)) };
            came += read.take_bytes().len();
            prop_assert!(came <= sent.min(wanted + 1));
            match progress {
                Ok(Progress::Done) => {
                    prop_assert_eq!(came, wanted + 1);
                    break;
                }
                Ok(Progress::Ask | Progress::Wait | Progress::WaitBriefly) => {}
                Err(_) => break,
            }
        }
    }
}

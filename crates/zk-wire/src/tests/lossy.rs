//! Section 9 of the fact sheet, over UDP: datagrams get lost, doubled and swapped.

use proptest::{prelude::*, sample::select};
use rstest::rstest;

use super::{
    tables::some_rows,
    teller::{Numbers, Shape, Teller, read},
    world::table,
};
use crate::{Link, Packet, Progress, Table, TableError, TableRead};

const SHAPES: [Shape; 3] = [Shape::Buffered, Shape::Direct, Shape::DirectOnly(4_989)];

/// A network whose every mischief comes from its seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Network {
    pub(super) seed: u32,
    /// Of 100 datagrams.
    pub(super) lost: u32,
    pub(super) doubled: u32,
    pub(super) swapped: u32,
}

impl Network {
    fn chance(&mut self, percent: u32) -> bool {
        self.seed = self
            .seed
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (self.seed >> 16) % 100 < percent
    }

    pub(super) fn carry(&mut self, answer: Vec<Packet>) -> Vec<Packet> {
        let mut carried = Vec::new();
        for packet in answer {
            if self.chance(self.lost) {
                continue;
            }
            if self.chance(self.doubled) {
                carried.push(packet.clone());
            }
            carried.push(packet);
            if self.chance(self.swapped) && carried.len() > 1 {
                let last = carried.len() - 1;
                carried.swap(last, last - 1);
            }
            // A copy may come much later.
            if self.chance(self.doubled) {
                carried.push(carried[0].clone());
            }
        }
        carried
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_bad_network_gives_exactly_the_table_or_an_error(
        length in 0..60_000_usize,
        shape in select(SHAPES.to_vec()),
        numbers in select(vec![Numbers::FromZero, Numbers::FromOne, Numbers::GoingOn, Numbers::Offsets]),
        packet in select(vec![512_usize, 1_008, 1_024]),
        announced_packet in select(vec![0_u32, 1_016, 1_024, 65_536]),
        bare_pieces: bool,
        seed: u32,
        lost in select(vec![0_u32, 1, 5, 20, 30]),
        doubled in select(vec![0_u32, 5, 50]),
        swapped in select(vec![0_u32, 5, 50]),
    ) {
        let rows = some_rows(length);
        let mut teller =
            Teller { numbers, packet, announced_packet, bare_pieces, ..Teller::new(table(&rows), shape) };
        let mut network = Network { seed, lost, doubled, swapped };
        match read(&mut teller, Link::Datagram, |answer| network.carry(answer)) {
            Ok(read) => prop_assert!(read == rows, "other bytes came out"),
            Err(TableError::Lost { .. }) => prop_assert!(lost > 5 || numbers != Numbers::FromZero),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn a_terminal_that_does_not_number_its_datagrams_is_read_piece_by_piece(
        length in 2_000..60_000_usize,
        packet in select(vec![512_usize, 1_008, 1_024]),
        seed: u32,
        lost in select(vec![0_u32, 5]),
    ) {
        let rows = some_rows(length);
        let mut teller = Teller { numbers: Numbers::None, packet, ..Teller::new(table(&rows), Shape::Buffered) };
        let mut network = Network { seed, lost, doubled: 5, swapped: 20 };
        let read = read(&mut teller, Link::Datagram, |answer| network.carry(answer));
        prop_assert!(read == Ok(rows), "{:?}", read.map(|_| "other bytes"));
    }
}

#[test]
fn unnumbered_packets_that_changed_places_are_never_taken_for_the_table() {
    let rows = some_rows(10_000);
    let mut teller = Teller {
        numbers: Numbers::None,
        ..Teller::new(table(&rows), Shape::Direct)
    };
    let mut tries = 0;
    let swapping = |mut answer: Vec<Packet>| {
        tries += 1;
        if tries % 3 == 1 {
            answer.swap(tries, tries + 1);
        }
        answer
    };
    assert!(read(&mut teller, Link::Datagram, swapping) == Ok(rows));

    let mut place = 0;
    let always = |mut answer: Vec<Packet>| {
        place = place % 8 + 1;
        answer.swap(place, place + 1);
        answer
    };
    let error = read(&mut teller, Link::Datagram, always).unwrap_err();
    assert!(matches!(error, TableError::Lost { .. }), "{error}");
}

#[rstest]
fn a_network_that_loses_one_of_twenty_gives_the_table(
    #[values(0, 1, 2)] shape: usize,
    #[values(1, 2, 3, 4, 5)] seed: u32,
) {
    let rows = some_rows(3_001 * 40);
    let mut network = Network {
        seed,
        lost: 5,
        doubled: 0,
        swapped: 0,
    };
    let mut teller = Teller::new(table(&rows), SHAPES[shape]);
    assert!(read(&mut teller, Link::Datagram, |answer| network.carry(answer)) == Ok(rows));
}

#[rstest]
fn neighbours_that_are_always_swapped_give_the_table(#[values(0, 1, 2)] shape: usize) {
    let rows = some_rows(3_001 * 40);
    let mut teller = Teller::new(table(&rows), SHAPES[shape]);
    let swap = |mut answer: Vec<Packet>| {
        answer.chunks_mut(2).for_each(<[Packet]>::reverse);
        answer
    };
    assert!(read(&mut teller, Link::Datagram, swap) == Ok(rows));
}

#[rstest]
fn an_unhurt_table_is_read_without_asking_twice(#[values(0, 1)] shape: usize) {
    let rows = some_rows(100_000);
    let mut teller = Teller::new(table(&rows), SHAPES[shape]);
    let mut answers = 0;
    let read = read(&mut teller, Link::Datagram, |answer| {
        answers += 1;
        answer
    });
    assert!(read == Ok(rows));
    assert_eq!(answers, [1 + 7, 1][shape]);
}

#[test]
fn an_unnumbered_table_that_comes_directly_is_taken_in_the_order_of_arrival() {
    let rows = some_rows(10_000);
    let mut teller = Teller {
        numbers: Numbers::None,
        ..Teller::new(table(&rows), Shape::Direct)
    };
    assert!(read(&mut teller, Link::Datagram, |answer| answer) == Ok(rows));
}

/// The last packet came before the end of the answer: a gap before it is asked for without waiting.
#[test]
fn a_gap_is_asked_for_at_once_when_it_is_known_to_be_one() {
    let mut teller = Teller::new(table(&some_rows(40_000)), Shape::Buffered);
    let mut read = TableRead::new(Table::Attendance, Link::Datagram);
    for _ in 0..2 {
        for packet in teller.answer(&read.request().clone()) {
            if read.take(packet).unwrap() == Progress::Ask {
                break;
            }
        }
    }
    let answer = teller.answer(&read.request().clone());
    let (lost, end) = (4, answer.len() - 1);
    let mut progress = Progress::Ask;
    for (nth, packet) in answer.into_iter().enumerate() {
        if nth != lost {
            progress = read.take(packet).unwrap();
            assert_eq!(progress == Progress::Wait, nth < end, "packet {nth}");
        }
    }
    assert_eq!(progress, Progress::Ask);
    let gap = [16_384_u32 + 3 * 1_024, 1_024]
        .into_iter()
        .flat_map(u32::to_le_bytes);
    assert_eq!(read.request().payload, gap.collect::<Vec<_>>());
}

#[test]
fn a_dead_network_is_given_up() {
    let mut teller = Teller::new(table(&some_rows(10_000)), Shape::Buffered);
    let dead = |answer: Vec<Packet>| if answer.len() > 1 { Vec::new() } else { answer };
    assert_eq!(
        read(&mut teller, Link::Datagram, dead),
        Err(TableError::Lost {
            table: "punches",
            missing: 10_004
        })
    );
}

/// The announcement and the rows of a direct answer are lost: what is left looks like an empty table.
#[test]
fn the_end_of_a_lost_answer_is_no_empty_table() {
    let rows = some_rows(800);
    let mut teller = Teller::new(table(&rows), Shape::Direct);
    let mut first = true;
    let network = |answer: Vec<Packet>| {
        if std::mem::take(&mut first) {
            answer.into_iter().next_back().into_iter().collect()
        } else {
            answer
        }
    };
    assert_eq!(read(&mut teller, Link::Datagram, network), Ok(rows));
}

/// A datagram from the middle that begins with zeros is no table of no rows.
#[test]
fn the_middle_of_a_lost_answer_is_no_empty_table() {
    let rows = vec![0; 4_000];
    let mut teller = Teller::new(table(&rows), Shape::Direct);
    let mut first = true;
    let network = |answer: Vec<Packet>| {
        if std::mem::take(&mut first) {
            answer[2..].to_vec()
        } else {
            answer
        }
    };
    assert_eq!(read(&mut teller, Link::Datagram, network), Ok(rows));
}

//! Fingerprints: their table, one alone, and which algorithm made them.

use proptest::prelude::*;
use rstest::rstest;

use super::{
    packet,
    tables::some_rows,
    teller::{SESSION, Shape, Teller, finish},
};
use crate::{
    Link, Progress, Table, TableError, TableRead, TemplateAlgorithm, TemplateRow, TemplateTable,
    code,
};

fn row(finger: u8, length: usize) -> TemplateRow {
    TemplateRow {
        uid: 300,
        finger,
        valid: 1,
        template: some_rows(length),
    }
}

fn encoded(rows: &[TemplateRow]) -> Vec<u8> {
    let mut table = Vec::new();
    for row in rows {
        row.encode(&mut table).unwrap();
    }
    table
}

#[rstest]
#[case::zkfinger_10(b"M\xfdSS21\0\0".as_slice(), Some(TemplateAlgorithm::ZkFinger10))]
#[case::another(b"\xa1\xca\x2c\x82\x00\x17".as_slice(), None)]
#[case::cut_off(b"MxSS2".as_slice(), None)]
#[case::none(b"".as_slice(), None)]
fn a_template_shows_what_made_it(
    #[case] template: &[u8],
    #[case] algorithm: Option<TemplateAlgorithm>,
) {
    assert_eq!(TemplateAlgorithm::of(template), algorithm);
}

#[rstest]
#[case::size_of_less_than_its_head(&[5, 0, 1, 0, 1, 1, 1, 1])]
#[case::size_beyond_the_end(&[200, 0, 1, 0, 1, 1, 1, 1])]
#[case::cut_off(&[7, 0, 1])]
#[case::size_of_nothing(&[0, 0, 0, 0, 0, 0])]
fn rows_before_a_broken_one_are_read_and_the_rest_is_kept(#[case] broken: &[u8]) {
    let good = [row(0, 500), row(9, 1)];
    let table = [encoded(&good), broken.to_vec()].concat();
    let read = TemplateTable::decode(&table);
    assert_eq!(read.rows, good);
    assert_eq!(read.unreadable, broken);
}

#[test]
fn a_template_too_long_for_its_row_is_refused() {
    let refused = row(0, TemplateRow::LONGEST + 1).encode(&mut Vec::new());
    assert!(refused.unwrap_err().to_string().contains("65529 fit"));
    row(0, TemplateRow::LONGEST)
        .encode(&mut Vec::new())
        .unwrap();
}

#[test]
fn a_template_is_not_printed() {
    let shown = format!("{:?}", row(3, 700));
    assert_eq!(
        shown,
        "TemplateRow { uid: 300, finger: 3, valid: 1, bytes: 700, .. }"
    );
}

#[rstest]
fn one_template_is_asked_for_and_read(
    #[values(400, 1_243)] length: usize,
    #[values(Link::Stream, Link::Datagram)] link: Link,
    #[values(false, true)] bare: bool,
) {
    let answer = [some_rows(length), vec![0; 6], vec![3]].concat();
    let mut teller = Teller::new(answer.clone(), Shape::Direct);
    teller.bare_templates = bare && length < 1_000;
    let mut read = TableRead::new(
        Table::Template {
            uid: 300,
            finger: 6,
        },
        link,
    );
    assert_eq!(read.request().command, code::TEMPLATE_READ);
    assert_eq!(read.request().payload, [0x2c, 0x01, 6]);
    let found = finish(&mut read, &mut teller, |answer| answer).unwrap();
    assert!(found == answer);
    let row = TemplateRow::from_answer(300, 6, &found).unwrap();
    assert_eq!((row.valid, row.template), (3, some_rows(length)));
}

#[test]
fn a_finger_that_is_not_enrolled_is_refused() {
    let mut read = TableRead::new(Table::Template { uid: 3, finger: 6 }, Link::Stream);
    assert_eq!(
        read.take(packet(code::ACK_ERROR, SESSION, 1, b"")),
        Err(TableError::Refused {
            table: "templates",
            code: code::ACK_ERROR
        })
    );
    let mut read = TableRead::new(Table::Template { uid: 3, finger: 6 }, Link::Stream);
    assert_eq!(
        read.take(packet(code::ACK_OK, SESSION, 1, b"")),
        Ok(Progress::Done)
    );
    assert_eq!(TemplateRow::from_answer(3, 6, &read.take_bytes()), None);
}

proptest! {
    #[test]
    fn any_bytes_are_templates_or_kept(table in prop::collection::vec(any::<u8>(), 0..400)) {
        let read = TemplateTable::decode(&table);
        let again = [encoded(&read.rows), read.unreadable].concat();
        prop_assert_eq!(again, table);
    }
}

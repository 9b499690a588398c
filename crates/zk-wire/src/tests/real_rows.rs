//! Section 17 of the fact sheet: rows of tables that are handed on as bytes, read out of a table as terminals send it.

use super::{bytes, packet};
use crate::{
    Link, OperationTable, Progress, Table, TableRead, TemplateAlgorithm, TemplateTable, code,
};

/// The rows that come out of a table of `rows`, sent in one packet.
fn read(table: Table, rows: &[u8]) -> Vec<u8> {
    let mut payload = u32::try_from(rows.len()).unwrap().to_le_bytes().to_vec();
    payload.extend_from_slice(rows);
    let mut reading = TableRead::new(table, Link::Stream);
    let progress = reading.take(packet(code::DATA, 0, 8, &payload)).unwrap();
    assert_eq!(progress, Progress::Done);
    assert_eq!(reading.declared(), Some(rows.len()));
    reading.take_bytes()
}

#[test]
fn a_real_row_of_the_operation_log_comes_out_with_its_time() {
    let row = read(
        Table::Operations,
        &bytes("0000062ac29b68230300000007000205"),
    );
    let OperationTable { rows, unreadable } = OperationTable::decode(&row);
    assert_eq!(unreadable, Vec::<Vec<u8>>::new());
    let [operation] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(operation.name(), Some("fingerprint enrolled"));
    assert_eq!(operation.admin, 0);
    assert_eq!(operation.time.to_string(), "2018-06-25 16:09:38");
    assert_eq!(operation.values, [3, 0, 7, 0x0502]);
    assert_eq!(operation.encode(), *row);
}

#[test]
fn a_real_template_comes_out_as_long_as_its_head_says() {
    let head = bytes("c4040e0004014dfd535332310000");
    let size = usize::from(u16::from_le_bytes([head[0], head[1]]));
    let mut sent = head.clone();
    sent.resize(size, 0x5a);
    let row = read(Table::Templates, &sent);
    let TemplateTable { rows, unreadable } = TemplateTable::decode(&row);
    assert_eq!(unreadable, Vec::<u8>::new());
    let [template] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!((template.uid, template.finger, template.valid), (14, 4, 1));
    assert_eq!(template.template, sent[6..]);
    assert_eq!(
        TemplateAlgorithm::of(&template.template),
        Some(TemplateAlgorithm::ZkFinger10)
    );
    let mut table = Vec::new();
    template.encode(&mut table).unwrap();
    assert_eq!(table, sent);
}

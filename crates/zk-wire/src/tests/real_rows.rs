//! Section 17 of the fact sheet: rows of tables that are handed on as bytes, read out of a table as terminals send it.

use super::{bytes, packet};
use crate::{Link, Progress, Table, TableRead, WireTime, code};

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
    assert_eq!(row, bytes("0000062ac29b68230300000007000205"));
    assert_eq!(row[2], 6, "a finger was enrolled");
    let time = WireTime::from_u32(u32::from_le_bytes([row[4], row[5], row[6], row[7]])).unwrap();
    assert_eq!(time.to_string(), "2018-06-25 16:09:38");
}

#[test]
fn a_real_template_comes_out_as_long_as_its_head_says() {
    let head = bytes("c4040e0004014dfd535332310000");
    let size = usize::from(u16::from_le_bytes([head[0], head[1]]));
    let mut sent = head.clone();
    sent.resize(size, 0x5a);
    let row = read(Table::Templates, &sent);
    assert_eq!(row, sent);
    assert_eq!(
        (u16::from_le_bytes([row[2], row[3]]), row[4], row[5]),
        (14, 4, 1),
        "slot, finger, valid"
    );
}

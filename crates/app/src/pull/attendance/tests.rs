use zk_wire::{LogRows, LogSplitter, RowLayout};

use super::{Pins, row::Row};
use crate::pull::output::Format;

fn rows(layout: RowLayout, bytes: &[u8]) -> LogRows {
    let mut splitter = LogSplitter::new(bytes.len(), None).with_layout(layout);
    splitter.push(bytes).unwrap()
}

/// One row, written.
fn written(layout: RowLayout, bytes: &[u8], format: Format) -> String {
    let rows = rows(layout, bytes);
    let (row, _) = Row::read(&rows.iter().next().unwrap(), layout);
    let mut line = Vec::new();
    row.write(format, Some(&Pins::new()), &mut line);
    String::from_utf8(line).unwrap()
}

fn row_of_40(user_id: &[u8], time: u32, state: u8) -> Vec<u8> {
    let mut row = vec![0; 40];
    row[0] = 7;
    row[2..2 + user_id.len()].copy_from_slice(user_id);
    row[26] = 15;
    row[27..31].copy_from_slice(&time.to_le_bytes());
    row[31] = state;
    row
}

const TIME: u32 = 864_376_200;

#[test]
fn commas_and_quotes_in_a_user_id_are_data() {
    let row = row_of_40(br#"a,"b\"#, TIME, 255);
    assert_eq!(
        written(RowLayout::R40, &row, Format::Csv),
        r#""a,""b\",2026-11-23 08:30:00,255,Unknown,15,0"#
    );
    let json: serde_json::Value =
        serde_json::from_str(&written(RowLayout::R40, &row, Format::Jsonl)).unwrap();
    assert_eq!(json["user_id"], r#"a,"b\"#);
}

#[test]
fn a_row_without_a_user_is_all_raw() {
    let mut row = row_of_40(b"", TIME, 0);
    row[0] = 0;
    let line = written(RowLayout::R40, &row, Format::Csv);
    assert!(line.starts_with(",,,,,,0000"), "{line}");
    let json: serde_json::Value =
        serde_json::from_str(&written(RowLayout::R40, &row, Format::Json)).unwrap();
    assert_eq!(json["user_id"], serde_json::Value::Null);
    assert_eq!(json["state"], serde_json::Value::Null);
}

#[test]
fn a_work_code_is_written_whole() {
    let mut row = vec![0; 16];
    row[..4].copy_from_slice(&4_294_967_295_u32.to_le_bytes());
    row[4..8].copy_from_slice(&TIME.to_le_bytes());
    row[8] = 4;
    row[9] = 1;
    row[12..].copy_from_slice(&1_000_000_007_u32.to_le_bytes());
    assert_eq!(
        written(RowLayout::R16, &row, Format::Csv),
        "4294967295,2026-11-23 08:30:00,4,Overtime In,1,1000000007"
    );
}

#[test]
fn a_row_whose_date_does_not_exist_keeps_the_rest_in_every_layout() {
    // 31 February 2026
    let never = ((26 * 12 + 1) * 31 + 30) * 86_400_u32;
    for layout in [
        RowLayout::A8,
        RowLayout::B8,
        RowLayout::R16,
        RowLayout::R40,
        RowLayout::R49,
    ] {
        let mut bytes = Vec::new();
        let good = zk_wire::PunchRow {
            uid: 7,
            pin: "7".to_owned(),
            time: zk_wire::WireTime::from_u32(TIME).unwrap(),
            state: 3,
            verify: 1,
            work_code: 0,
        };
        layout.encode(&good, &mut bytes);
        let at = bytes
            .windows(4)
            .position(|four| four == TIME.to_le_bytes())
            .unwrap();
        bytes[at..at + 4].copy_from_slice(&never.to_le_bytes());
        let line = written(layout, &bytes, Format::Csv);
        assert!(line.starts_with("7,,3,Break In,1,0,"), "{layout}: {line}");
    }
}

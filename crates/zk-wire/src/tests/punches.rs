//! Section 8 and the rows of section 17 of the fact sheet.

use proptest::prelude::*;
use rstest::rstest;

use super::{
    bytes, time,
    world::{any_layout, any_log},
};
use crate::{PunchRow, RowLayout, Unreadable, Who};

#[test]
fn a_real_row_of_40_bytes_is_read() {
    let row =
        bytes("0d00393939313131333333000000000000000000000000000000016bb368230000000000ff000000");
    let read = RowLayout::R40.decode(&row).unwrap();
    assert_eq!(
        (read.who.to_string().as_str(), read.uid),
        ("999111333", Some(13))
    );
    assert_eq!(
        (read.verify, read.state, read.time),
        (1, 0, time(2018, 6, 25, 17, 50, 35))
    );
    assert_eq!(RowLayout::derive(40, None, &row), Ok(RowLayout::R40));
}

#[test]
fn real_rows_of_16_bytes_are_read() {
    let rows = bytes(
        "15000000ec154f2300000000000000001000000095164f2300000000000000001600000086824f230100000000000000",
    );
    assert_eq!(RowLayout::derive(48, None, &rows), Ok(RowLayout::R16));
    let read: Vec<_> = rows
        .chunks(16)
        .map(|row| RowLayout::R16.decode(row).unwrap())
        .collect();
    let ids: Vec<String> = read.iter().map(|row| row.who.to_string()).collect();
    assert_eq!(ids, ["21", "16", "22"]);
    assert_eq!(read[0].time, time(2018, 6, 6, 7, 31, 56));
    // The vendor's manual has the state first.
    assert_eq!(
        read.iter()
            .map(|row| (row.state, row.verify))
            .collect::<Vec<_>>(),
        [(0, 0), (0, 0), (1, 0)]
    );
    let other = RowLayout::R16VerifyFirst.decode(&rows[32..]).unwrap();
    assert_eq!((other.state, other.verify), (0, 1));
}

#[rstest]
#[case::long_form(0x28, 0, 1)]
#[case::bit_clear(0x08, 0, 1)]
#[case::out_by_card(0x31, 1, 2)]
fn flags_of_eight_bytes_are_taken_apart(#[case] flags: u8, #[case] state: u8, #[case] verify: u8) {
    let row = RowLayout::B8
        .decode(&[7, 0, flags, 0, 0x88, 0x55, 0x85, 0x33])
        .unwrap();
    assert_eq!(
        (row.state, row.verify, row.who),
        (state, verify, Who::Slot(7))
    );
}

#[test]
fn a_row_without_user_id_names_the_slot() {
    let mut row =
        bytes("0d00393939313131333333000000000000000000000000000000016bb368230000000000ff000000");
    row[2..26].fill(0);
    assert_eq!(RowLayout::R40.decode(&row).unwrap().who, Who::Slot(13));
    row[..2].fill(0);
    assert_eq!(RowLayout::R40.decode(&row), Err(Unreadable::Nobody));
}

#[test]
fn a_bad_row_says_what_is_wrong() {
    let good =
        bytes("0d00393939313131333333000000000000000000000000000000016bb368230000000000ff000000");
    let with = |at: usize, value: &[u8]| {
        let mut row = good.clone();
        row[at..at + value.len()].copy_from_slice(value);
        RowLayout::R40.decode(&row).unwrap_err()
    };
    assert_eq!(with(27, &[0xff; 4]), Unreadable::Time(u32::MAX));
    assert_eq!(with(2, &[7]), Unreadable::UserId);
    assert_eq!(RowLayout::R40.decode(&good[..30]), Err(Unreadable::Short));
    assert_eq!(RowLayout::A8.decode(&[0; 8]), Err(Unreadable::Nobody));
    assert_eq!(RowLayout::B8.decode(&[0; 8]), Err(Unreadable::Nobody));
    assert_eq!(RowLayout::R16.decode(&[0; 16]), Err(Unreadable::Nobody));
    // 31 February.
    let packed = ((26 * 12 + 1) * 31 + 30) * 86_400_u32;
    assert_eq!(with(27, &packed.to_le_bytes()), Unreadable::Time(packed));
}

#[test]
fn a_user_id_as_long_as_its_field_is_whole() {
    let punch = PunchRow {
        uid: 1,
        pin: "123456789012345678901234".to_owned(),
        time: time(2026, 11, 23, 8, 30, 0),
        state: 0,
        verify: 1,
        work_code: 0,
    };
    let mut row = Vec::new();
    RowLayout::R40.encode(&punch, &mut row);
    assert_eq!(
        RowLayout::R40.decode(&row).unwrap().who.to_string(),
        punch.pin
    );
    assert_eq!(RowLayout::derive(40, Some(1), &row), Ok(RowLayout::R40));
}

proptest! {
    #[test]
    fn a_row_that_was_written_is_read_back(log in any_layout().prop_flat_map(|layout| any_log(layout, 1..=5))) {
        for (punch, row) in log.punches.iter().zip(log.rows().chunks(log.layout.size())) {
            let read = log.layout.decode(row).unwrap();
            let who = if log.layout.size() == 8 { punch.uid.to_string() } else { punch.pin.clone() };
            prop_assert_eq!(read.who.to_string(), who);
            prop_assert_eq!((read.time, read.state, read.verify), (punch.time, punch.state, punch.verify));
            prop_assert_eq!(read.work_code, punch.work_code);
        }
    }
}

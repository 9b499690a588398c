//! A log is cut into rows while it arrives.

use proptest::{collection::vec, prelude::*, sample::select};
use rstest::rstest;

use super::{
    bytes, time,
    world::{Log, any_layout, any_log},
};
use crate::{AttendanceRow, LogSplitter, PunchRow, RowLayout, Unreadable};

fn split(
    splitter: &mut LogSplitter,
    parts: &[&[u8]],
) -> Vec<(Vec<u8>, Result<AttendanceRow, Unreadable>)> {
    let mut found = Vec::new();
    for part in parts {
        if let Some(rows) = splitter.push(part) {
            assert_eq!(rows.len(), rows.iter().len());
            assert!(!rows.is_empty());
            found.extend(rows.iter().map(|row| (row.raw().to_vec(), row.read())));
        }
    }
    found
}

proptest! {
    #[test]
    fn any_split_of_a_log_gives_the_same_rows(
        log in any_layout().prop_flat_map(|layout| any_log(layout, 1..=150)),
        cuts in vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let rows = log.rows();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|cut| &rows[cut[0]..cut[1]]).collect();
        let mut splitter = LogSplitter::new(rows.len(), Some(log.count()));
        let found = split(&mut splitter, &parts);
        prop_assert!(splitter.is_complete());
        prop_assert_eq!(splitter.layout(), Some(log.layout));
        let expected: Vec<_> = rows.chunks(log.layout.size()).map(|row| (row.to_vec(), log.layout.decode(row))).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn rows_come_out_before_the_log_is_complete() {
    let log = a_log(1_000);
    let rows = log.rows();
    let mut splitter = LogSplitter::new(rows.len(), None);
    assert!(splitter.push(&rows[..RowLayout::SAMPLE - 1]).is_none());
    let first = splitter
        .push(&rows[RowLayout::SAMPLE - 1..RowLayout::SAMPLE])
        .unwrap();
    assert_eq!(first.len(), RowLayout::SAMPLE / 40);
    assert!(!splitter.is_complete());
}

#[test]
fn a_bad_row_is_told_and_spoils_no_other() {
    let log = a_log(50);
    let mut rows = log.rows();
    rows[7 * 40 + 27..7 * 40 + 31].copy_from_slice(&bytes("ffffffff"));
    let found = split(&mut LogSplitter::new(rows.len(), Some(50)), &[&rows]);
    assert_eq!(found.len(), 50);
    assert_eq!(
        found[7],
        (rows[280..320].to_vec(), Err(Unreadable::Time(u32::MAX)))
    );
    assert_eq!(found.iter().filter(|(_, read)| read.is_ok()).count(), 49);
}

#[test]
fn what_comes_behind_the_declared_end_is_left_out() {
    let rows = a_log(3).rows();
    let mut splitter = LogSplitter::new(80, Some(2));
    assert_eq!(split(&mut splitter, &[&rows]).len(), 2);
    assert!(splitter.is_complete());
    assert!(split(&mut splitter, &[&rows]).is_empty());
}

#[test]
fn an_empty_log_is_complete_at_once() {
    let mut splitter = LogSplitter::new(0, Some(0));
    assert!(splitter.is_complete());
    assert!(splitter.push(&[1, 2]).is_none());
    assert_eq!(splitter.layout(), None);
}

#[test]
fn a_layout_that_is_known_is_not_derived() {
    let log = Log {
        layout: RowLayout::R16VerifyFirst,
        ..a_log(4)
    };
    let rows = log.rows();
    let mut splitter = LogSplitter::new(rows.len(), None).with_layout(RowLayout::R16VerifyFirst);
    let found = split(&mut splitter, &[&rows[..20], &rows[20..]]);
    let read: Vec<_> = found
        .into_iter()
        .map(|(_, read)| read.unwrap())
        .map(|row| (row.state, row.verify))
        .collect();
    assert_eq!(read, [(0, 15); 4]);
}

proptest! {
    #[test]
    fn every_byte_of_a_log_in_no_known_layout_comes_out_once_and_none_as_a_punch(
        log in vec(0xe0..=0xff_u8, 1..9_000),
        counted in select(vec![None, Some(0), Some(3), Some(u32::MAX)]),
        cuts in vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(log.len())).collect();
        cuts.extend([0, log.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|cut| &log[cut[0]..cut[1]]).collect();
        let mut splitter = LogSplitter::new(log.len(), counted);
        let found = split(&mut splitter, &parts);
        prop_assert!(splitter.is_complete());
        prop_assert_eq!(splitter.refused().map(|refused| refused.bytes), Some(log.len()));
        prop_assert!(found.iter().all(|(_, read)| *read == Err(Unreadable::Layout)));
        let raw: Vec<u8> = found.into_iter().flat_map(|(raw, _)| raw).collect();
        prop_assert_eq!(raw, log);
    }
}

#[test]
fn rows_of_an_unknown_layout_are_as_long_as_the_terminals_count_says() {
    let mut splitter = LogSplitter::new(44 * 3, Some(3));
    let found = split(&mut splitter, &[&[0xee; 44 * 3]]);
    assert_eq!(splitter.layout(), Some(RowLayout::Unknown(44)));
    assert_eq!(found.len(), 3);
}

#[rstest]
#[case::no_count(None)]
#[case::none_counted(Some(0))]
#[case::no_whole_rows(Some(7))]
#[case::rows_that_are_too_short(Some(10_000))]
#[case::rows_that_are_too_long(Some(2))]
fn without_such_a_count_pieces_hold_whole_rows_of_every_common_layout(
    #[case] counted: Option<u32>,
) {
    let layout = RowLayout::unknown(10_000, counted);
    for common in [8, 16, 40, 49] {
        assert!(layout.size().is_multiple_of(common), "{layout:?}");
    }
    assert!(!layout.is_known());
    assert!(layout.to_string().parse::<RowLayout>().is_err());
}

fn a_log(count: u16) -> Log {
    let punch = |nth: u16| PunchRow {
        uid: nth % 50 + 1,
        pin: (100 + nth % 50).to_string(),
        time: time(
            2026,
            3,
            1,
            u8::try_from(nth / 60).unwrap(),
            u8::try_from(nth % 60).unwrap(),
            0,
        ),
        state: 0,
        verify: 15,
        work_code: 0,
    };
    Log {
        layout: RowLayout::R40,
        punches: (0..count).map(punch).collect(),
    }
}

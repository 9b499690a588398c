//! Section 8 of the fact sheet: the layout of a log's rows is found by how they read.

use proptest::{prelude::*, sample::select};
use rstest::rstest;

use super::{
    bytes, time,
    world::{LAYOUTS, Log, any_layout, any_log},
};
use crate::{LayoutError, PunchRow, RowLayout, Unreadable};

/// What the counters may say of a log: the truth, nothing, zero, one too many, twice as many, one.
fn told(log: &Log) -> impl Strategy<Value = Option<u32>> + use<> {
    let count = log.count();
    select(vec![
        Some(count),
        None,
        Some(0),
        Some(count + 1),
        Some(count * 2),
        Some(1),
        Some(u32::MAX),
    ])
}

fn derive(log: &Log, records: Option<u32>) -> Result<RowLayout, LayoutError> {
    let rows = log.rows();
    RowLayout::derive(
        rows.len(),
        records,
        &rows[..rows.len().min(RowLayout::SAMPLE)],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_layout_of_a_log_is_found_whatever_the_counters_say(
        (log, records) in any_layout()
            .prop_flat_map(|layout| any_log(layout, 1..=130))
            .prop_flat_map(|log| (Just(log.clone()), told(&log)))
    ) {
        prop_assert_eq!(derive(&log, records), Ok(log.layout));
    }

    #[test]
    fn a_log_whose_length_is_misstated_is_never_read_in_rows_of_another_layout(
        (log, records, wrong) in any_layout()
            .prop_flat_map(|layout| any_log(layout, 60..=130))
            .prop_flat_map(|log| (Just(log.clone()), told(&log), 1..400_usize))
    ) {
        let rows = log.rows();
        let sample = &rows[..RowLayout::SAMPLE.min(rows.len() - wrong)];
        let derived = RowLayout::derive(rows.len() - wrong, records, sample);
        prop_assert!(
            derived.is_err() || derived == Ok(log.layout),
            "{:?} for {:?}", derived, log.layout
        );
    }

    #[test]
    fn the_layout_of_one_or_two_rows_is_found(
        (log, records) in any_layout()
            .prop_flat_map(|layout| any_log(layout, 1..=2))
            .prop_flat_map(|log| (Just(log.clone()), told(&log)))
    ) {
        prop_assert_eq!(derive(&log, records), Ok(log.layout));
    }

    #[test]
    fn rows_that_cannot_be_read_do_not_hide_the_layout(
        log in any_layout().prop_flat_map(|layout| any_log(layout, 10..=60)),
        broken in 0..4_usize,
        garbage in prop::collection::vec(any::<u8>(), 80),
    ) {
        let (size, mut rows) = (log.layout.size(), log.rows());
        for nth in 0..broken {
            let at = nth * 7 % log.punches.len() * size;
            rows[at..at + size].copy_from_slice(&garbage[..size]);
        }
        let sample = &rows[..rows.len().min(RowLayout::SAMPLE)];
        prop_assert_eq!(RowLayout::derive(rows.len(), Some(log.count()), sample), Ok(log.layout));
    }

    #[test]
    fn a_clock_that_was_never_set_gives_no_wrong_layout(
        log in any_layout().prop_flat_map(|layout| any_log(layout, 1..=60))
    ) {
        let mut log = log;
        for (day, punch) in (0_u8..).zip(&mut log.punches) {
            punch.time = time(2000, 1, 1 + day / 24, day % 24, 0, 7);
        }
        match derive(&log, Some(log.count())) {
            Ok(layout) => prop_assert_eq!(layout, log.layout),
            Err(_) => prop_assert!(log.layout.size() <= 16, "a text row was refused"),
        }
    }
}

/// The trap: 40 n bytes divide by 8 always and by 16 for even n; 49 n by 8 for each eighth n.
#[rstest]
fn divisibility_decides_nothing(
    #[values(1, 2, 3, 5, 8, 10, 16, 40, 49, 80, 98)] count: usize,
    #[values(0, 1, 2, 3, 4, 5, 6, 7)] nth: usize,
) {
    let layout = LAYOUTS[nth];
    let log = Log {
        layout,
        punches: (0..count)
            .map(|nth| a_punch(u16::try_from(nth).unwrap()))
            .collect(),
    };
    for records in [None, Some(0), Some(log.count()), Some(log.count() + 1)] {
        assert_eq!(
            derive(&log, records),
            Ok(layout),
            "{count} rows counted as {records:?}"
        );
    }
}

#[test]
fn two_layouts_that_read_equally_well_are_refused() {
    // Layout A: slot 7, verified by 8 in 2035; layout B: slot 7, by finger, in 2000 by a clock that was never set.
    let row = bytes("0700080055004000");
    let refused = RowLayout::derive(8, Some(1), &row).unwrap_err();
    let [one, other] = refused.tied.expect("a tie");
    assert_eq!([one.size(), other.size()], [8, 8]);
    assert!(refused.to_string().contains("may as well be"), "{refused}");
}

#[test]
fn rows_of_no_known_layout_are_refused_with_their_number_of_bytes() {
    let refused = RowLayout::derive(80, Some(2), &[0xff; 80]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the rows of a log of 80 bytes are in no layout that is known (the terminal counts 2 rows)"
    );
    assert!(RowLayout::derive(0, None, &[]).is_err());
    assert!(RowLayout::derive(7, Some(1), &[1; 7]).is_err());
    assert!(RowLayout::derive(80, None, &[0; 80]).is_err());
}

/// Rows of 8 bytes of layout B by slots 1, 2, …, a minute apart, and behind each of the first `short` of them one of 4
/// bytes, so many seconds later.
fn mixed(long: u16, short: u16, seconds: u16) -> Vec<u8> {
    let mut rows = Vec::new();
    for nth in 0..long {
        RowLayout::B8.encode(&a_punch(nth), &mut rows);
        if nth < short {
            let uid = (nth + 500).to_le_bytes();
            let [low, high] = seconds.to_le_bytes();
            rows.extend([uid[0], uid[1], 0x08 | high << 6, low]);
        }
    }
    rows
}

#[rstest]
#[case::none(0, 0)]
#[case::few(2, 17)]
#[case::two_at_the_same_second(2, 0)]
#[case::many(20, 300)]
#[case::two_that_look_like_a_time(2, 0x33)]
fn rows_of_4_bytes_among_rows_of_8_are_unreadable_and_make_no_wrong_punch(
    #[case] short: u16,
    #[case] seconds: u16,
) {
    let log = mixed(60, short, seconds);
    assert_eq!(
        RowLayout::derive(log.len(), Some(u32::from(60 + short)), &log),
        Ok(RowLayout::B8)
    );
    let rows: Vec<_> = log.chunks(8).map(|row| RowLayout::B8.decode(row)).collect();
    let read: Vec<_> = rows.iter().filter_map(|row| row.as_ref().ok()).collect();
    let meant: Vec<_> = (0..60).map(a_punch).collect();
    for row in &read {
        assert!(
            meant
                .iter()
                .any(|punch| punch.time == row.time && Some(punch.uid) == row.uid),
            "{row:?}"
        );
    }
    assert_eq!(rows.contains(&Err(Unreadable::Mixed)), short > 0);
    assert!(read.len() >= usize::from(60 - short), "{}", read.len());
}

#[rstest]
#[case::one(1, 17)]
#[case::three(3, 17)]
#[case::five_at_the_same_second(5, 0)]
fn behind_an_odd_number_of_rows_of_4_bytes_no_row_is_read(
    #[case] short: u16,
    #[case] seconds: u16,
) {
    let mut log = mixed(40, 0, 0);
    log.extend(mixed(20, short, seconds));
    let layout = RowLayout::derive(log.len(), Some(u32::from(60 + short)), &log);
    assert_eq!(layout, Ok(RowLayout::B8));
    let rows: Vec<_> = log.chunks(8).map(|row| RowLayout::B8.decode(row)).collect();
    // Behind every second row of 4 bytes, one row is in step again.
    let in_step = 41 + usize::from(short / 2) * 3;
    assert!(rows[..41].iter().all(Result::is_ok));
    let meant: Vec<_> = (0..short / 2).map(|pair| a_punch(2 * pair + 2)).collect();
    let read: Vec<_> = rows[41..in_step].iter().flatten().collect();
    assert_eq!(read.len(), meant.len());
    for (row, punch) in read.into_iter().zip(meant) {
        assert_eq!((row.uid, row.time), (Some(punch.uid), punch.time));
    }
    assert!(
        rows[in_step..]
            .iter()
            .all(|row| *row == Err(Unreadable::Mixed)),
        "{:?}",
        &rows[in_step..]
    );
}

/// From the first row on nothing is in step: the layout cannot be told.
#[test]
fn a_log_that_begins_with_an_odd_number_of_rows_of_4_bytes_is_refused_by_its_bytes() {
    let log = mixed(60, 3, 17);
    let refused = RowLayout::derive(log.len(), Some(63), &log).unwrap_err();
    assert_eq!((refused.bytes, refused.tied), (492, None));
}

/// Where rows of 4 bytes come late, the sample shows none of them.
#[test]
fn a_row_of_4_bytes_far_behind_the_sample_makes_no_wrong_punch() {
    let mut log = mixed(500, 0, 0);
    log.extend([7, 0, 0x48, 17]);
    log.extend(mixed(40, 0, 0));
    let layout = RowLayout::derive(log.len(), Some(541), &log[..RowLayout::SAMPLE]);
    assert_eq!(layout, Ok(RowLayout::B8));
    let rows: Vec<_> = log.chunks(8).map(|row| RowLayout::B8.decode(row)).collect();
    assert_eq!(rows.len(), 541);
    assert!(rows[..500].iter().all(Result::is_ok));
    assert!(
        rows[500..].iter().all(|row| *row == Err(Unreadable::Mixed)),
        "{:?}",
        &rows[500..]
    );
}

#[test]
fn a_log_of_repeated_punches_is_not_taken_for_one_of_longer_rows() {
    let log = Log {
        layout: RowLayout::R40,
        punches: vec![a_punch(1); 40],
    };
    assert_eq!(derive(&log, Some(20)), Ok(RowLayout::R40));
    assert_eq!(derive(&log, Some(1)), Ok(RowLayout::R40));
}

#[test]
fn a_layout_has_a_name_that_is_read_back() {
    for layout in LAYOUTS.into_iter().chain([RowLayout::R16VerifyFirst]) {
        assert_eq!(layout.to_string().parse(), Ok(layout));
    }
    for wrong in ["", "7", "9", "1025", "forty", "-1"] {
        assert!(wrong.parse::<RowLayout>().is_err(), "{wrong}");
    }
}

fn a_punch(nth: u16) -> PunchRow {
    let clock = u8::try_from(nth % 60).unwrap();
    PunchRow {
        uid: nth % 40 + 1,
        pin: (1_000 + nth % 40).to_string(),
        time: time(
            2026,
            5,
            1 + u8::try_from(nth / 60).unwrap(),
            8,
            clock,
            clock,
        ),
        state: u8::try_from(nth % 2).unwrap(),
        verify: 1,
        work_code: 0,
    }
}

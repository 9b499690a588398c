//! Section 6 of the fact sheet.

use rstest::rstest;

use super::{bytes, unframed};
use crate::{Counts, FreeSizes};

#[test]
fn the_80_bytes_of_a_k20_are_read() {
    let told = FreeSizes::new(
        unframed(
            "5050827d58000000d0074c49582013000000000000000000000000000000000002000000000000000000000000000000000000000000000007000000000000000000000000000000f4010000f401000050c30000f4010000f201000050c30000",
        )
        .payload,
    );
    assert!(told.are_known());
    assert_eq!(
        (told.users(), told.records(), told.templates()),
        (Some(2), Some(0), Some(0))
    );
    assert_eq!(
        (told.user_capacity(), told.record_capacity(), told.admins()),
        (Some(500), Some(50_000), Some(0))
    );
}

#[test]
fn the_92_bytes_of_an_f18_are_read_and_made_again() {
    let payload = bytes(
        "00000000000000000000000000000000030000000000000003000000000000003a000000000000005a000000000000000200000002000000b80b000088130000a0860100b50b00008513000066860100000000000000000000000000",
    );
    let told = FreeSizes::new(payload.clone());
    assert_eq!((told.users(), told.user_capacity()), (Some(3), Some(5_000)));
    assert_eq!(
        (told.records(), told.record_capacity()),
        (Some(58), Some(100_000))
    );
    assert_eq!((told.templates(), told.admins()), (Some(3), Some(2)));
    assert_eq!(told.raw(), payload);
    let counts = Counts {
        users: 3,
        templates: 3,
        records: 58,
        operations: 90,
        admins: 2,
        passwords: 2,
        template_capacity: 3_000,
        user_capacity: 5_000,
        record_capacity: 100_000,
    };
    assert_eq!(FreeSizes::encode(&counts, 23), payload);
}

#[test]
fn a_speedface_that_counts_no_punches_is_taken_at_its_word() {
    let words = [
        0_u32, 0, 0, 0, 567, 0, 2, 0, 0, 0, 373, 0, 1, 1, 6_000, 10_000, 200_000, 5_998, 9_433,
        200_000,
    ];
    let told = FreeSizes::new(
        words
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect::<Vec<_>>(),
    );
    assert_eq!(
        (told.users(), told.records(), told.record_capacity()),
        (Some(567), Some(0), Some(200_000))
    );
}

#[rstest]
#[case::nothing(0)]
#[case::one_zero(4)]
#[case::cut_off(79)]
fn a_short_answer_tells_no_count(#[case] length: usize) {
    let told = FreeSizes::new(vec![0; length]);
    assert!(!told.are_known());
    assert_eq!(
        (told.users(), told.records(), told.record_capacity()),
        (None, None, None)
    );
}

#[rstest]
#[case(20)]
#[case(23)]
#[case(28)]
fn an_answer_of_every_length_seen_tells_the_counts(#[case] words: usize) {
    let counts = Counts {
        users: 7,
        records: 9,
        record_capacity: 5,
        ..Counts::default()
    };
    let payload = FreeSizes::encode(&counts, words);
    assert_eq!(payload.len(), words * 4);
    let told = FreeSizes::new(payload);
    assert_eq!(
        (told.users(), told.records(), told.record_capacity()),
        (Some(7), Some(9), Some(5))
    );
}

#[test]
fn a_capacity_of_zero_is_not_told() {
    assert_eq!(FreeSizes::new(vec![0; 92]).record_capacity(), None);
}

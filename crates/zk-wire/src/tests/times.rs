//! Section 7 of the fact sheet.

use proptest::prelude::*;
use rstest::rstest;

use super::{bytes, time};
use crate::WireTime;

#[rstest]
#[case("00000000", 0, "2000-01-01 00:00:00")]
#[case("31b16823", 594_063_665, "2018-06-25 17:41:05")]
#[case("6bb36823", 594_064_235, "2018-06-25 17:50:35")]
#[case("c29b6823", 594_058_178, "2018-06-25 16:09:38")]
#[case("ff69492e", 776_563_199, "2024-02-29 23:59:59")]
#[case("88558533", 864_376_200, "2026-11-23 08:30:00")]
#[case("fff792bf", 3_214_079_999, "2099-12-31 23:59:59")]
fn a_packed_time_is_read_and_packed_again(
    #[case] hex: &str,
    #[case] packed: u32,
    #[case] text: &str,
) {
    assert_eq!(
        u32::from_le_bytes(*bytes(hex).first_chunk().unwrap()),
        packed
    );
    let read = WireTime::from_u32(packed).unwrap();
    assert_eq!(read.to_string(), text);
    assert_eq!(read.to_u32(), packed);
}

#[test]
fn dates_that_do_not_exist_are_told_apart() {
    let day = |month: u32, day: u32| (((26 * 12) + month - 1) * 31 + day - 1) * 86_400;
    assert_eq!(
        WireTime::from_u32(day(2, 28)),
        Some(time(2026, 2, 28, 0, 0, 0))
    );
    assert_eq!(WireTime::from_u32(day(2, 29)), None);
    assert_eq!(WireTime::from_u32(day(2, 31)), None);
    assert_eq!(WireTime::from_u32(day(4, 31)), None);
    assert_eq!(WireTime::from_u32(3_214_080_000), None);
    assert_eq!(WireTime::from_u32(u32::MAX), None);
    assert_eq!(WireTime::new(2026, 0, 1, 0, 0, 0), None);
    assert_eq!(WireTime::new(2026, 13, 1, 0, 0, 0), None);
    assert_eq!(WireTime::new(2026, 1, 1, 24, 0, 0), None);
    assert_eq!(WireTime::new(2100, 1, 1, 0, 0, 0), None);
    assert_eq!(WireTime::from_event_bytes([26, 2, 29, 0, 0, 0]), None);
}

proptest! {
    #[test]
    fn whatever_is_a_date_packs_back_to_the_same_number(packed: u32) {
        if let Some(read) = WireTime::from_u32(packed) {
            prop_assert_eq!(read.to_u32(), packed);
            prop_assert_eq!(WireTime::from_event_bytes(read.to_event_bytes()), Some(read));
        }
    }

    #[test]
    fn packed_times_have_the_order_of_the_times(one in 0..3_214_080_000_u32, other in 0..3_214_080_000_u32) {
        if let (Some(a), Some(b)) = (WireTime::from_u32(one), WireTime::from_u32(other)) {
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
        }
    }
}

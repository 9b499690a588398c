//! Section 4 of the fact sheet.

use proptest::prelude::*;
use rstest::rstest;

use super::bytes;
use crate::{CommKey, ReplyNumber, TICKS};

#[rstest]
#[case(0, 0x45cf, 50, "617d323c")]
#[case(12, 0x45cf, 50, "614d323c")]
#[case(1, 1, 50, "61fd3279")]
#[case(12_345, 4321, 50, "6de13269")]
#[case(123_456, 0x5cbb, 50, "267f32a5")]
#[case(999_999, 65_535, 50, "22813296")]
#[case(0, 619, 50, "617d327b")]
#[case(1_234_567_890, 0x2058, 120, "6b7c78ba")]
#[case(131_071, 0x7fff, 50, "9e823286")]
#[case(131_071, 0x8000, 50, "617d3279")]
#[case(u32::MAX, 1, 50, "617d3279")]
fn a_key_is_scrambled_as_terminals_expect(
    #[case] key: u32,
    #[case] session: u16,
    #[case] ticks: u8,
    #[case] expected: &str,
) {
    let scrambled = CommKey::new(key).scramble(session, ticks);
    assert_eq!(scrambled.as_slice(), bytes(expected));
    assert!(CommKey::new(key).accepts(session, scrambled));
}

#[test]
fn a_key_is_never_printed() {
    assert_eq!(format!("{:?}", CommKey::new(4321)), "CommKey(***)");
    assert_eq!(CommKey::new(4321).get(), 4321);
}

#[test]
fn numbers_of_requests_leave_out_the_last() {
    let mut number = ReplyNumber::default();
    for _ in 0..65_534 {
        number = number.next();
    }
    assert_eq!(number.get(), 65_534);
    assert_eq!(number.next().get(), 0);
    assert_eq!(ReplyNumber::new(65_535).get(), 0);
}

proptest! {
    #[test]
    fn any_key_is_accepted_with_any_ticks_in_its_own_session_only(key: u32, session: u16, ticks: u8) {
        let scrambled = CommKey::new(key).scramble(session, ticks);
        prop_assert!(CommKey::new(key).accepts(session, scrambled));
        // 24 of the 32 bits of the sum are proven.
        prop_assert!(!CommKey::new(key).accepts(session.wrapping_add(0x100), scrambled));
        let other = CommKey::new(key ^ 1).scramble(session, TICKS);
        prop_assert_ne!(CommKey::new(key).scramble(session, TICKS), other);
    }
}

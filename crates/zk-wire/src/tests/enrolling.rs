//! Which user ids a terminal takes, and where new users go.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rstest::rstest;

use crate::{PinError, PinRules, free_slot, free_slots};

const DIGITS: PinRules = PinRules {
    width: 9,
    letters: false,
};
const LETTERS: PinRules = PinRules {
    width: 14,
    letters: true,
};

#[rstest]
#[case("1", DIGITS)]
#[case("007", DIGITS)]
#[case("123456789", DIGITS)]
#[case("A12b", LETTERS)]
#[case("12345678901234", LETTERS)]
fn a_user_id_within_the_rules_is_taken(#[case] pin: &str, #[case] rules: PinRules) {
    assert_eq!(rules.check(pin), Ok(()));
}

#[rstest]
#[case(Some("14"), Some("1"), (14, true))]
#[case(Some(" 5 "), Some("0"), (5, false))]
#[case(Some("0"), None, (9, true))]
#[case(Some("wide"), Some(" 0"), (9, false))]
#[case(None, None, (9, true))]
fn the_rules_are_what_the_terminal_tells(
    #[case] width: Option<&str>,
    #[case] letters: Option<&str>,
    #[case] rules: (u8, bool),
) {
    let told = PinRules::told(width, letters);
    assert_eq!((told.width, told.letters), rules);
}

#[rstest]
#[case("", DIGITS, "names nobody")]
#[case("000", DIGITS, "names nobody")]
#[case("1234567890", DIGITS, "has 10 characters; this terminal takes 9")]
#[case(
    "12a",
    DIGITS,
    "has \'a\' in it; this terminal takes digits only until letters are switched on"
)]
#[case("1-2", DIGITS, "has \'-\' in it; this terminal takes digits only")]
#[case(
    "1 2",
    LETTERS,
    "has \' \' in it; this terminal takes digits and the letters A to Z only"
)]
#[case("é", LETTERS, "has \'é\' in it")]
#[case("123456789012345678901234", PinRules { width: 200, letters: false }, "")]
#[case("1234567890123456789012345", PinRules { width: 200, letters: false }, "has 25 characters")]
fn a_user_id_against_the_rules_is_refused_with_the_reason(
    #[case] pin: &str,
    #[case] rules: PinRules,
    #[case] reason: &str,
) {
    let told = rules
        .check(pin)
        .map_or_else(|error| error.to_string(), |()| String::new());
    assert!(
        told.contains(reason) && told.is_empty() == reason.is_empty(),
        "{told}"
    );
}

#[test]
fn a_terminal_that_says_nothing_takes_nine_digits() {
    assert_eq!(PinRules::default(), DIGITS);
    let refused = PinRules::default().check("1234567890");
    assert!(matches!(refused, Err(PinError::TooLong { width: 9, .. })));
}

#[rstest]
#[case::nobody_yet(&[], Some(1))]
#[case::one_more(&[1, 2, 3], Some(4))]
#[case::above_the_highest_before_a_gap(&[1, 9], Some(10))]
#[case::a_gap_at_last(&[1, 2, 65_535], Some(3))]
#[case::the_last(&[65_534], Some(65_535))]
fn a_new_user_goes_above_the_highest_slot_and_into_a_gap_at_last(
    #[case] used: &[u16],
    #[case] slot: Option<u16>,
) {
    assert_eq!(free_slot(used.iter().copied()), slot);
}

#[test]
fn a_full_terminal_has_no_slot() {
    assert_eq!(free_slot(1..=u16::MAX), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn the_free_slots_are_all_that_are_not_used(used in prop::collection::btree_set(0..=u16::MAX, 0..50)) {
        let free: Vec<u16> = free_slots(used.iter().copied()).collect();
        let distinct: BTreeSet<u16> = free.iter().copied().collect();
        prop_assert_eq!(free.len(), distinct.len());
        prop_assert!(distinct.is_disjoint(&used) && !distinct.contains(&0));
        let used_slots = used.iter().filter(|slot| **slot > 0).count();
        prop_assert_eq!(free.len() + used_slots, 65_535);
    }
}

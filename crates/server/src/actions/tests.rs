use super::{clock_off, is_clock_wrong, length};

#[test]
fn a_length_rounds_down_to_its_larger_unit() {
    const DAY: i64 = 86_400;
    for (seconds, text) in [
        (59, "59 s"),
        (3_599, "59 min"),
        (DAY - 1, "23 h"),
        (2 * DAY - 1, "1 day"),
        (729 * DAY, "729 days"),
        (730 * DAY, "2 years"),
        (26 * 365 * DAY, "26 years"),
    ] {
        assert_eq!(length(seconds), text);
    }
}

#[test]
fn a_clock_that_is_off_is_told_with_its_direction() {
    assert_eq!(clock_off(4), "4 s ahead");
    assert_eq!(clock_off(-200), "3 min behind");
    assert_eq!(clock_off(0), "in step");
    assert!(!is_clock_wrong(-60));
    assert!(is_clock_wrong(-61));
}

use super::local;
use crate::{Validity, settle_places};

fn from_to(from: Option<&str>, until: Option<&str>) -> Validity {
    let day = |day: &str| local(&format!("2026-{day} 00:00:00"));
    Validity {
        from: from.map(day),
        until: until.map(day),
    }
}

#[test]
fn a_mapping_holds_from_its_first_second_and_not_at_its_end() {
    let march = from_to(Some("03-01"), Some("04-01"));
    assert!(march.covers(local("2026-03-01 00:00:00")));
    assert!(march.covers(local("2026-03-31 23:59:59")));
    assert!(!march.covers(local("2026-04-01 00:00:00")));
    assert!(!march.covers(local("2026-02-28 23:59:59")));
    assert!(Validity::ALWAYS.covers(local("1999-01-01 00:00:00")));
}

#[test]
fn what_another_takes_leaves_what_is_before_and_after_it() {
    let all = Validity::ALWAYS;
    let march = from_to(Some("03-01"), Some("04-01"));
    assert_eq!(
        all.without(&march),
        (
            Some(from_to(None, Some("03-01"))),
            Some(from_to(Some("04-01"), None))
        )
    );
    assert_eq!(march.without(&all), (None, None));
    let april = from_to(Some("04-01"), None);
    assert_eq!(march.without(&april), (Some(march), None));
    assert_eq!(march.within(&april), None);
}

#[test]
fn a_terminals_own_mapping_comes_before_that_of_its_group() {
    let own = [(from_to(Some("03-01"), Some("04-01")), 1)];
    let shared = [
        (from_to(None, Some("03-15")), 2),
        (from_to(Some("03-15"), None), 3),
    ];
    assert_eq!(
        settle_places(&own, &shared),
        [
            (from_to(None, Some("03-01")), 2),
            (from_to(Some("03-01"), Some("04-01")), 1),
            (from_to(Some("04-01"), None), 3),
        ]
    );
}

#[test]
fn a_mapping_without_any_time_is_nobodys() {
    let void = (from_to(Some("03-01"), Some("03-01")), 1);
    assert_eq!(settle_places(&[void], &[]), []);
}

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    Address, LocalTime, Pin, PunchState, RecordId, Role, Secret, TimeFlag, TimeRange,
    TimeRangeError, batch_key, is_implausible,
};

fn time(text: &str) -> LocalTime {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

#[test]
fn a_local_time_reads_and_writes_the_seeds_form() {
    assert_eq!(
        time("2025-05-04 09:00:00").to_string(),
        "2025-05-04 09:00:00"
    );
    assert_eq!(
        time("2025-05-04T09:00:00").to_string(),
        "2025-05-04 09:00:00"
    );
    assert_eq!(time("2025-05-04 09:00:00").date(), "2025-05-04");
    assert_eq!(time("2025-05-04 09:00:00").time(), "09:00:00");
    assert!("2025-02-30 09:00:00".parse::<LocalTime>().is_err());
}

#[test]
fn gap_hour_is_shifted_and_flagged() {
    let resolved = time("2026-03-29 02:30:00")
        .resolve(&zone("Europe/Berlin"))
        .unwrap();
    assert_eq!(resolved.flag, TimeFlag::Gap);
    assert_eq!(
        resolved.instant,
        "2026-03-29T01:30:00Z".parse::<Timestamp>().unwrap()
    );
}

#[test]
fn fold_hour_takes_the_first_and_is_flagged() {
    let resolved = time("2026-10-25 02:30:00")
        .resolve(&zone("Europe/Berlin"))
        .unwrap();
    assert_eq!(resolved.flag, TimeFlag::Fold);
    assert_eq!(
        resolved.instant,
        "2026-10-25T00:30:00Z".parse::<Timestamp>().unwrap()
    );
}

#[test]
fn times_that_cannot_be_right_are_told_from_those_that_can() {
    let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let implausible = |text: &str, after: Option<&str>| {
        let at = time(text);
        is_implausible(
            at,
            at.resolve(&TimeZone::UTC).unwrap().instant,
            now,
            after.map(time),
        )
    };
    assert!(implausible("2000-01-01 00:00:00", None));
    assert!(implausible("2009-12-31 23:59:59", None));
    assert!(!implausible("2010-01-01 00:00:00", None));
    assert!(implausible("2026-11-24 12:00:01", None));
    assert!(!implausible("2026-11-24 12:00:00", None));
    assert!(implausible(
        "2026-09-01 08:00:00",
        Some("2026-11-20 08:00:00")
    ));
    assert!(!implausible(
        "2026-10-25 08:00:00",
        Some("2026-11-20 08:00:00")
    ));
}

#[test]
fn a_record_id_depends_on_identity_pin_time_and_state_only() {
    let at = time("2026-11-23 08:30:00");
    let id = |identity: &str, pin: &str, state: u8| {
        RecordId::derive(
            identity,
            &Pin::new(pin).unwrap(),
            at,
            PunchState::new(state),
        )
    };
    assert_eq!(id("S1", "7", 0), id("S1", "7", 0));
    assert_eq!(id("S1", "7", 0).as_str().len(), 32);
    for other in [id("S2", "7", 0), id("S1", "07", 0), id("S1", "7", 1)] {
        assert_ne!(id("S1", "7", 0), other);
    }
    // The id goes out to receivers as idempotency key: it must never change between versions.
    assert_eq!(
        id("ZKEMU0000001", "100234", 0).as_str(),
        "260df8f1d96c50196dfa3e9c63824b37"
    );
}

#[test]
fn a_batch_key_depends_on_the_order_of_its_records() {
    let one = RecordId::from_stored("a".to_owned());
    let two = RecordId::from_stored("b".to_owned());
    assert_eq!(batch_key([&one, &two]), batch_key([&one, &two]));
    assert_ne!(batch_key([&one, &two]), batch_key([&two, &one]));
}

#[test]
fn a_pin_keeps_leading_zeros_and_refuses_what_no_terminal_stores() {
    assert_eq!(Pin::new("00042").unwrap().as_str(), "00042");
    assert!(Pin::new("").is_err());
    assert!(Pin::new("1 2").is_err());
    assert!(Pin::new("1234567890123456789012345").is_err());
}

#[test]
fn addresses_are_read_with_and_without_port() {
    for (text, shown) in [
        ("192.168.37.10", "192.168.37.10:4370"),
        ("gate-1.office.example:5005", "gate-1.office.example:5005"),
        ("[fe80::1]:4371", "[fe80::1]:4371"),
        ("::1", "[::1]:4370"),
    ] {
        assert_eq!(text.parse::<Address>().unwrap().to_string(), shown);
    }
    for wrong in ["", "host:", "host:70000", "host:0", "a b", "http://x"] {
        assert!(wrong.parse::<Address>().is_err(), "{wrong:?}");
    }
}

#[test]
fn a_range_includes_both_ends_and_a_bare_end_date_is_the_whole_day() {
    let range = TimeRange::parse(Some("2026-11-01"), Some("2026-11-23")).unwrap();
    assert_eq!(range.from, Some(time("2026-11-01 00:00:00")));
    assert_eq!(range.to, Some(time("2026-11-23 23:59:59")));
    let open = TimeRange::parse(Some(""), None).unwrap();
    assert_eq!(open, TimeRange::default());
}

#[test]
fn a_bad_or_reversed_range_is_refused() {
    assert!(matches!(
        TimeRange::parse(Some("tomorrow"), None),
        Err(TimeRangeError::NotATime { .. })
    ));
    assert!(matches!(
        TimeRange::parse(Some("2026-11-01T08:00:00Z"), None),
        Err(TimeRangeError::NotATime { .. })
    ));
    assert!(matches!(
        TimeRange::parse(Some("2026-13-01"), None),
        Err(TimeRangeError::NotATime { .. })
    ));
    assert!(matches!(
        TimeRange::parse(Some("2026-11-02"), Some("2026-11-01")),
        Err(TimeRangeError::Reversed { .. })
    ));
}

#[test]
fn roles_include_the_ones_before_them() {
    assert!(Role::Admin > Role::Operator && Role::Operator > Role::Viewer);
    assert_eq!("operator".parse::<Role>().unwrap(), Role::Operator);
    assert!("root".parse::<Role>().is_err());
}

#[test]
fn a_secret_is_never_shown() {
    assert_eq!(
        format!("{:?} {}", Secret::new(1234), Secret::new("x")),
        "*** ***"
    );
}

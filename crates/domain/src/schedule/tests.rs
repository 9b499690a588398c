use jiff::Timestamp;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn cron(expr: &str, zone: &str) -> Schedule {
    Schedule::Cron {
        expr: expr.to_owned(),
        zone: zone.to_owned(),
    }
}

#[test]
fn at_once_has_no_next_moment() {
    assert_eq!(
        Schedule::AtOnce.next_after(at("2026-11-23T08:00:00Z")),
        None
    );
}

#[test]
fn every_so_many_minutes_counts_from_the_last_time() {
    let schedule = Schedule::Every { minutes: 45 };
    assert_eq!(
        schedule.next_after(at("2026-11-23T08:00:07Z")),
        Some(at("2026-11-23T08:45:07Z"))
    );
}

#[test]
fn a_cron_expression_goes_by_the_clock_of_its_zone() {
    let schedule = cron("30 6 * * MON-FRI", "Africa/Cairo");
    // A Friday; Cairo is two hours ahead.
    assert_eq!(
        schedule.next_after(at("2026-11-27T04:29:59Z")),
        Some(at("2026-11-27T04:30:00Z"))
    );
    assert_eq!(
        schedule.next_after(at("2026-11-27T04:30:00Z")),
        Some(at("2026-11-30T04:30:00Z"))
    );
}

#[test]
fn a_time_that_the_clocks_skip_comes_right_after_the_gap() {
    let schedule = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        schedule.next_after(at("2026-03-28T20:00:00Z")),
        Some(at("2026-03-29T01:00:00Z"))
    );
    assert_eq!(
        schedule.next_after(at("2026-03-29T01:00:00Z")),
        Some(at("2026-03-30T00:30:00Z"))
    );
}

#[test]
fn a_time_that_comes_twice_counts_once() {
    let schedule = cron("30 2 * * *", "Europe/Berlin");
    let first = schedule.next_after(at("2026-10-24T20:00:00Z")).unwrap();
    assert_eq!(first, at("2026-10-25T00:30:00Z"));
    assert_eq!(schedule.next_after(first), Some(at("2026-10-26T01:30:00Z")));
}

#[test]
fn a_schedule_that_cannot_be_kept_is_refused_with_its_reason() {
    let now = at("2026-11-23T08:00:00Z");
    for (schedule, said) in [
        (Schedule::Every { minutes: 0 }, "every 0 minutes"),
        (Schedule::Every { minutes: 600_000 }, "every 600000 minutes"),
        (cron("nonsense", "UTC"), "no cron expression"),
        (cron("0 30 6 * * *", "UTC"), "no cron expression"),
        (cron("61 6 * * *", "UTC"), "no cron expression"),
        (cron(&"1,".repeat(200), "UTC"), "too long"),
        (cron("30 6 * * *", "Atlantis/Capital"), "no time zone"),
        (cron("0 0 30 2 *", "UTC"), "never comes"),
    ] {
        let error = schedule.check(now).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(cron("0 0 29 2 *", "UTC").check(now), Ok(()));
}

#[test]
fn a_schedule_reads_what_it_writes() {
    for schedule in [
        Schedule::AtOnce,
        Schedule::Every { minutes: 5 },
        cron("0 * * * *", "UTC"),
    ] {
        let text = serde_json::to_string(&schedule).unwrap();
        assert_eq!(
            serde_json::from_str::<Schedule>(&text).unwrap(),
            schedule,
            "{text}"
        );
    }
}

use axum::http::{HeaderMap, HeaderValue, header::ACCEPT};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Assets, Moment, Pill, Place, Tone, sentence_of, wants_page};

fn now() -> Timestamp {
    "2026-11-25T08:30:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> String {
    Moment::new(
        now() - SignedDuration::from_secs(seconds),
        now(),
        &TimeZone::UTC,
    )
    .ago
}

#[test]
fn a_moment_says_how_long_ago_it_was_in_its_larger_unit() {
    let told: Vec<String> = [0, 14, 59, 60, 7_199, 86_400, 5 * 86_400]
        .into_iter()
        .map(ago)
        .collect();
    assert_eq!(
        told,
        [
            "just now",
            "14 s ago",
            "59 s ago",
            "1 min ago",
            "1 h ago",
            "1 day ago",
            "5 days ago"
        ]
    );
}

#[test]
fn a_moment_to_come_says_in_how_long() {
    assert_eq!(ago(-20), "in 20 s");
}

#[test]
fn what_is_planned_and_overdue_is_due_now() {
    let planned = |seconds| {
        Moment::planned(
            now() + SignedDuration::from_secs(seconds),
            now(),
            &TimeZone::UTC,
        )
        .ago
    };
    assert_eq!(
        (planned(-3), planned(0), planned(20)),
        ("now".to_owned(), "now".to_owned(), "in 20 s".to_owned())
    );
}

#[test]
fn a_moment_tells_its_zone_on_a_closer_look() {
    let moment = Moment::new(now(), now(), &TimeZone::get("Asia/Karachi").unwrap());
    assert_eq!(moment.exact, "2026-11-25 13:30:00 Asia/Karachi");
    assert_eq!(moment.machine, "2026-11-25T08:30:00Z");
}

#[test]
fn a_text_of_a_log_becomes_a_sentence() {
    assert_eq!(
        sentence_of("nothing listens there"),
        "Nothing listens there."
    );
    assert_eq!(sentence_of("is it on?"), "Is it on?");
    assert_eq!(sentence_of("export_url is no URL"), "export_url is no URL.");
    assert_eq!(sentence_of("état inconnu"), "État inconnu.");
}

#[test]
fn only_our_own_pages_are_places() {
    assert_eq!(Place::at("/users"), Some(Place::Users));
    for foreign in [
        "//evil.example",
        "https://evil.example/users",
        "/users/../x",
        "users",
        "",
        "/users?x=//e",
    ] {
        assert_eq!(Place::at(foreign), None, "{foreign}");
    }
}

#[test]
fn every_tone_is_read_back_from_its_word() {
    for tone in [Tone::Good, Tone::Busy, Tone::Warn, Tone::Bad, Tone::Idle] {
        assert_eq!(Tone::parse(&tone.to_string()), Some(tone));
    }
    assert_eq!(Tone::parse("\"><script>"), None);
    assert_eq!(Pill::new(Tone::Bad, "Offline").word, "Offline");
}

#[test]
fn assets_carry_a_hash_of_their_content_in_their_address() {
    let assets = Assets::get();
    for (url, name, ending) in [
        (&assets.style, "/assets/app-", ".css"),
        (&assets.script, "/assets/live-", ".js"),
        (&assets.icon, "/assets/favicon-", ".svg"),
    ] {
        let hash = url
            .strip_prefix(name)
            .and_then(|rest| rest.strip_suffix(ending))
            .unwrap();
        assert_eq!(hash.len(), 12, "{url}");
        assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{url}");
    }
}

#[test]
fn what_a_page_loads_first_is_small() {
    let size = include_bytes!("../../../assets/app.css").len()
        + include_bytes!("../../../assets/live.js").len()
        + include_bytes!("../../../assets/favicon.svg").len();
    assert!(size < 60_000, "{size} bytes before the page itself");
}

#[test]
fn browsers_get_pages_and_programs_do_not() {
    let accept = |value| HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(value))]);
    assert!(wants_page(&accept(
        "text/html,application/xhtml+xml,*/*;q=0.8"
    )));
    assert!(!wants_page(&accept("*/*")));
    assert!(!wants_page(&HeaderMap::new()));
}

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use storage::{NoticeLevel, RunKind, RunOutcome};

use super::rows::{NoticeRow, RunRow};
use crate::{
    actions::{NoticeView, RunView},
    ui::frame::Tone,
};

fn now() -> Timestamp {
    "2026-11-25T08:30:00Z".parse().unwrap()
}

fn run() -> RunView {
    RunView {
        id: 1,
        device: 7,
        kind: RunKind::Punches,
        outcome: RunOutcome::Ok,
        started_at: now(),
        finished_at: Some(now() + SignedDuration::from_millis(1_250)),
        tries: 1,
        device_says: Some(100),
        seen: 100,
        stored: 3,
        repeats: 0,
        unreadable: 0,
        error_code: None,
        error: None,
    }
}

fn row(run: &RunView) -> RunRow {
    RunRow::new(run, &[], now(), &TimeZone::UTC)
}

#[test]
fn a_read_says_what_was_new_and_how_long_it_took() {
    let row = row(&run());
    assert_eq!(row.result, "3 new of 100 punches");
    assert_eq!(row.took.as_deref(), Some("1.2 s"));
    assert_eq!((row.pill.tone, row.kind), (Tone::Good, "Punches"));
}

#[test]
fn a_read_tells_repeats_unreadable_rows_and_what_the_terminal_counts() {
    let odd = RunView {
        repeats: 1,
        unreadable: 2,
        device_says: Some(104),
        ..run()
    };
    assert_eq!(
        row(&odd).result,
        "3 new of 100 punches, 1 exact repeat, 2 unreadable rows kept raw, the terminal says 104"
    );
}

#[test]
fn failures_in_a_row_share_one_line_without_a_length() {
    let failed = RunView {
        kind: RunKind::Contact,
        outcome: RunOutcome::Failed,
        tries: 5,
        error: Some("nothing listens there".to_owned()),
        ..run()
    };
    let row = row(&failed);
    assert_eq!(row.result, "Nothing listens there. 5 times in a row.");
    assert_eq!((row.took, row.pill.tone), (None, Tone::Bad));
}

#[test]
fn a_run_of_a_terminal_that_is_gone_still_says_whose_it_was() {
    assert_eq!(row(&run()).terminal, "terminal 7, removed");
}

#[test]
fn a_notice_has_the_tone_of_its_level() {
    let notice = |level| {
        let view = NoticeView {
            id: 1,
            at: now(),
            level,
            code: "paused".to_owned(),
            device: None,
            destination: None,
            text: "delivery is paused".to_owned(),
        };
        NoticeRow::new(&view, now(), &TimeZone::UTC)
    };
    assert_eq!(notice(NoticeLevel::Error).tone, Tone::Bad);
    assert_eq!(notice(NoticeLevel::Warning).tone, Tone::Warn);
    assert_eq!(notice(NoticeLevel::Info).text, "Delivery is paused.");
}

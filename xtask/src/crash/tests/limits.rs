use super::{
    super::{
        journal::Event::{self, Arrived, Failed, Killed, Refused, Started, Stopped},
        request::Punch,
        roster::Roster,
    },
    batch, complaints_with, delivered, n, punch,
};

fn log() -> Vec<Punch> {
    (0..20)
        .map(|minute| punch("1", &format!("2026-01-01 08:{minute:02}:00")))
        .collect()
}

fn complaints(events: &[Event]) -> usize {
    complaints_with(events, &log(), &Roster::default()).len()
}

/// Eight are too many, its halves are not.
fn lesson(log: &[Punch]) -> Vec<Event> {
    [
        vec![Arrived(batch("a", &log[..8])), Refused(n(0), 413)],
        delivered(1, "b", &log[..4]),
        delivered(2, "c", &log[4..8]),
    ]
    .concat()
}

#[test]
fn a_larger_batch_after_an_answer_413_is_told_also_in_a_later_life() {
    let log = log();
    let right = [lesson(&log), delivered(3, "d", &log[8..12])].concat();
    assert_eq!(complaints(&right), 0);
    let wrong = [lesson(&log), delivered(3, "d", &log[8..13])].concat();
    assert_eq!(complaints(&wrong), 1);
    let later = [
        lesson(&log),
        vec![Killed, Started],
        delivered(3, "d", &log[8..13]),
    ]
    .concat();
    assert_eq!(complaints(&later), 1);
}

#[test]
fn a_kill_may_swallow_the_lesson_and_a_good_end_may_not() {
    let log = log();
    let after = |end: Event| {
        [
            vec![
                Arrived(batch("a", &log[..8])),
                Refused(n(0), 413),
                end,
                Started,
            ],
            delivered(1, "a", &log[..8]),
            delivered(2, "b", &log[8..16]),
        ]
        .concat()
    };
    assert_eq!(complaints(&after(Killed)), 0);
    assert_eq!(complaints(&after(Stopped)), 1);
}

#[test]
fn what_was_made_before_the_lesson_may_come_as_it_was() {
    let log = log();
    let events = [
        vec![Arrived(batch("z", &log[..8])), Failed(n(0))],
        vec![Arrived(batch("y", &log[8..12])), Refused(n(1), 413)],
        delivered(2, "z", &log[..8]),
        delivered(3, "x", &log[8..10]),
        delivered(4, "w", &log[10..12]),
    ]
    .concat();
    assert_eq!(complaints(&events), 0);
}

use super::{
    super::{
        journal::{
            Event::{self, Acknowledged, Arrived, Failed, Killed, Stopped, Taken},
            RequestNumber,
        },
        judge::{Log, judge},
        request::Punch,
    },
    batch, punch,
};

fn n(number: usize) -> RequestNumber {
    RequestNumber(number)
}

fn log() -> Vec<Punch> {
    vec![
        punch("1", "2026-01-01 08:00:00"),
        punch("2", "2026-01-01 08:01:00"),
        punch("1", "2026-01-01 17:00:00"),
    ]
}

fn complaints(events: &[Event]) -> Vec<String> {
    let logs = [Log(log())];
    judge(events, &logs, &logs).complaints
}

/// One request that is taken and acknowledged.
fn delivered(number: usize, key: &str, punches: &[Punch]) -> Vec<Event> {
    vec![
        Arrived(batch(key, punches)),
        Taken(n(number)),
        Acknowledged(n(number)),
    ]
}

#[test]
fn every_punch_once_is_right() {
    let log = log();
    let events = [delivered(0, "a", &log[..2]), delivered(1, "b", &log[2..])].concat();
    assert_eq!(complaints(&events), [""; 0]);
}

#[test]
fn a_failed_batch_again_under_its_key_is_right() {
    let log = log();
    let events = [
        vec![Arrived(batch("a", &log)), Failed(n(0))],
        delivered(1, "a", &log),
    ]
    .concat();
    assert_eq!(complaints(&events), [""; 0]);
}

#[test]
fn a_punch_that_never_arrived_is_told() {
    let log = log();
    assert_eq!(complaints(&delivered(0, "a", &log[..2])).len(), 1);
}

#[test]
fn a_punch_that_is_in_no_terminal_is_told() {
    let mut sent = log();
    sent.push(punch("9", "2026-01-01 09:00:00"));
    assert_eq!(complaints(&delivered(0, "a", &sent)).len(), 1);
}

#[test]
fn a_punch_under_two_keys_is_told() {
    let log = log();
    let events = [delivered(0, "a", &log), delivered(1, "b", &log[2..])].concat();
    assert_eq!(complaints(&events).len(), 1);
}

#[test]
fn a_key_with_two_bodies_is_told() {
    let log = log();
    let events = [
        vec![Arrived(batch("a", &log[..2])), Failed(n(0))],
        delivered(1, "a", &log),
    ]
    .concat();
    assert_eq!(complaints(&events).len(), 1);
}

#[test]
fn an_answer_that_the_kill_may_have_swallowed_excuses_a_resend() {
    let log = log();
    let events = [
        delivered(0, "a", &log),
        vec![Killed],
        delivered(1, "a", &log),
    ]
    .concat();
    assert_eq!(complaints(&events), [""; 0]);
}

#[test]
fn an_answer_to_the_dead_excuses_a_resend() {
    let log = log();
    let events = [
        vec![
            Arrived(batch("a", &log)),
            Taken(n(0)),
            Killed,
            Acknowledged(n(0)),
        ],
        delivered(1, "a", &log),
    ]
    .concat();
    assert_eq!(complaints(&events), [""; 0]);
}

#[test]
fn a_resend_after_the_answer_was_read_is_told() {
    let log = log();
    let again = [delivered(0, "a", &log), delivered(1, "a", &log)].concat();
    assert_eq!(complaints(&again).len(), 1);
    let later = [
        delivered(0, "a", &log[..2]),
        delivered(1, "b", &log[2..]),
        vec![Killed],
        delivered(2, "a", &log[..2]),
    ]
    .concat();
    assert_eq!(complaints(&later).len(), 1);
    let after_a_good_end = [
        delivered(0, "a", &log),
        vec![Stopped],
        delivered(1, "a", &log),
    ]
    .concat();
    assert_eq!(complaints(&after_a_good_end).len(), 1);
}

#[test]
fn two_requests_at_once_are_told() {
    let log = log();
    let events = [
        Arrived(batch("a", &log[..2])),
        Arrived(batch("b", &log[2..])),
        Taken(n(0)),
        Taken(n(1)),
        Acknowledged(n(0)),
        Acknowledged(n(1)),
    ];
    assert_eq!(complaints(&events).len(), 1);
}

#[test]
fn one_persons_punches_out_of_order_are_told() {
    let log = log();
    let events = [delivered(0, "a", &log[1..]), delivered(1, "b", &log[..1])].concat();
    assert_eq!(complaints(&events).len(), 1);
}

#[test]
fn requests_of_another_shape_are_told() {
    let log = log();
    let mut nameless = batch("a", &log);
    nameless.idempotency_key = None;
    let mut marked = batch("a", &log);
    marked.record_id = Some("x".to_owned());
    let mut broken = batch("b", &[]);
    broken.body = b"{".to_vec();
    for request in [nameless, marked] {
        assert_eq!(
            complaints(&[Arrived(request), Taken(n(0)), Acknowledged(n(0))]).len(),
            1
        );
    }
    let events = [delivered(0, "a", &log), vec![Arrived(broken), Failed(n(1))]].concat();
    assert_eq!(complaints(&events).len(), 1);
}

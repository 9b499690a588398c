use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::{
        journal::Event::{
            self, Acknowledged, Arrived, Failed, Killed, Refused, Started, Stopped, Taken,
            TakenInPart,
        },
        judge::{self, Case, Facts, Log, Verdict},
        request::{Punch, Request},
        roster::Roster,
    },
    bare, batch, delivered, doors, id, n, numbers, punch, record, taken,
};

fn log() -> Vec<Punch> {
    vec![
        punch("1", "2026-01-01 08:00:00"),
        punch("2", "2026-01-01 08:01:00"),
        punch("1", "2026-01-01 17:00:00"),
    ]
}

fn case<'a>(events: &'a [Event], logs: &'a [Log]) -> Case<'a> {
    Case {
        receiver: "A",
        events,
        expected: logs,
    }
}

fn judge(cases: &[Case<'_>]) -> Verdict {
    let log = log();
    let facts = Facts {
        known: &[Log(log.clone())],
        roster: &Roster::default(),
        numbers: &numbers(&log),
    };
    judge::judge(cases, &facts)
}

fn complaints(events: &[Event]) -> Vec<String> {
    let logs = [Log(log())];
    judge(&[case(events, &logs)]).complaints
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
fn a_refused_batch_in_halves_under_other_keys_is_right() {
    let log = log();
    let events = [
        vec![Arrived(batch("a", &log)), Refused(n(0), 413)],
        delivered(1, "b", &log[..2]),
        delivered(2, "c", &log[2..]),
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
    // Even when the receiver did not take it.
    let events = [
        delivered(0, "a", &log()),
        vec![Arrived(batch("b", &sent[3..])), Failed(n(1))],
    ]
    .concat();
    assert_eq!(complaints(&events).len(), 1);
}

#[test]
fn a_punch_under_two_ids_is_told_also_by_two_receivers() {
    let log = log();
    let mut other = record(&log[2]);
    other["record_id"] = "another".into();
    let body = serde_json::json!({ "device_info": { "port": 4370 }, "records": [other] });
    let body = body.to_string().into_bytes();
    let other = Arc::new(Request::new(Some("b".to_owned()), None, body, &doors()));
    let events = [delivered(0, "a", &log), taken(1, Arc::clone(&other))].concat();
    // Nor does the ledger know the second.
    assert_eq!(complaints(&events).len(), 2);

    let logs = [Log(log.clone())];
    let last = [Log(log[2..].to_vec())];
    let (here, there) = (delivered(0, "a", &log), taken(0, other));
    let verdict = judge(&[case(&here, &logs), case(&there, &last)]);
    assert_eq!(verdict.complaints.len(), 2);
}

#[test]
fn a_bare_record_is_known_by_what_others_were_told() {
    let logs = [Log(log())];
    let alone = [Log(log()[..1].to_vec())];
    let (here, there) = (delivered(0, "a", &log()), taken(0, bare(&log()[0])));
    let verdict = judge(&[case(&here, &logs), case(&there, &alone)]);
    assert_eq!(verdict.complaints, [""; 0]);
    let unknown = judge(&[case(&there, &alone)]);
    // That nobody knows it, and that the punch itself is missing.
    assert_eq!(unknown.complaints.len(), 2);
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
fn an_earlier_punch_of_a_person_after_a_later_one_is_told() {
    let log = log();
    let events = [delivered(0, "a", &log[1..]), delivered(1, "b", &log[..1])].concat();
    assert_eq!(complaints(&events).len(), 1);
}

#[test]
fn a_record_that_was_refused_alone_may_come_after_later_ones() {
    let log = log();
    let later = |status| {
        [
            vec![Arrived(batch("a", &log[..1])), Refused(n(0), status)],
            delivered(1, "b", &log[1..]),
            delivered(2, "a", &log[..1]),
        ]
        .concat()
    };
    assert_eq!(complaints(&later(500)), [""; 0]);
    // It was to be tried bare first.
    assert_eq!(complaints(&later(422)).len(), 1);
    let bare_too = [
        vec![Arrived(bare(&log[0])), Refused(n(0), 422)],
        delivered(1, "b", &log[1..]),
        delivered(2, &id(&log[0]), &log[..1]),
    ]
    .concat();
    // A bare record's key is not that of a batch.
    assert_eq!(complaints(&bare_too).len(), 1);
}

#[test]
fn an_answer_that_the_kill_may_have_swallowed_excuses_a_resend() {
    let log = log();
    let events = [
        delivered(0, "a", &log),
        vec![Killed, Started],
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
            Started,
            Acknowledged(n(0)),
        ],
        delivered(1, "a", &log),
    ]
    .concat();
    assert_eq!(complaints(&events), [""; 0]);
}

#[test]
fn a_request_that_is_read_when_its_sender_is_dead_already_excuses_a_resend() {
    let log = log();
    let of_the_dead = [vec![Killed], delivered(0, "a", &log), vec![Started]].concat();
    let again = [of_the_dead.clone(), delivered(1, "a", &log)].concat();
    assert_eq!(complaints(&again), [""; 0]);
    // Nor is it in flight any more.
    let slow = [
        vec![Killed, Arrived(batch("a", &log)), Taken(n(0)), Started],
        delivered(1, "a", &log),
    ]
    .concat();
    assert_eq!(complaints(&slow), [""; 0]);
    let twice = [again, delivered(2, "a", &log)].concat();
    assert_eq!(complaints(&twice).len(), 1);
}

#[test]
fn a_resend_after_the_answer_was_read_is_told_whatever_its_key() {
    let log = log();
    let again = [delivered(0, "a", &log), delivered(1, "a", &log)].concat();
    assert_eq!(complaints(&again).len(), 1);
    let in_part = [delivered(0, "a", &log), delivered(1, "b", &log[1..])].concat();
    assert_eq!(complaints(&in_part).len(), 1);
    let later = [
        delivered(0, "a", &log[..2]),
        delivered(1, "b", &log[2..]),
        vec![Killed, Started],
        delivered(2, "a", &log[..2]),
    ]
    .concat();
    assert_eq!(complaints(&later).len(), 1);
    let after_a_good_end = [
        delivered(0, "a", &log),
        vec![Stopped, Started],
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
fn what_a_list_leaves_out_may_come_again_and_after_later_ones_and_what_it_names_may_not() {
    let log = log();
    let all = batch("a", &log);
    let named: BTreeSet<String> = log[1..].iter().map(id).collect();
    let listed = vec![
        Arrived(all),
        TakenInPart(n(0), Arc::new(named)),
        Acknowledged(n(0)),
    ];
    let rest = [listed.clone(), delivered(1, "b", &log[..1])].concat();
    assert_eq!(complaints(&rest), [""; 0]);
    assert_eq!(complaints(&listed).len(), 1);
    let again = [rest, delivered(2, "c", &log[1..])].concat();
    assert_eq!(complaints(&again).len(), 1);
}

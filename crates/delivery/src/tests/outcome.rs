use std::time::Duration;

use jiff::Timestamp;
use rstest::rstest;

use crate::{
    hidden::Hidden,
    outcome::{
        Answer, Attempt, Blame, Conflict, Doubt, Outcome, Probe, classify, or_already_there,
    },
};

const IDS: [&str; 3] = ["r0", "r1", "r2"];

fn now() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn answered(status: u16, body: &str, retry_after: Option<&str>) -> Outcome {
    let answer = Answer {
        status,
        retry_after: retry_after.map(str::to_owned),
        body: body.as_bytes().to_vec(),
        hidden: Hidden::default(),
    };
    classify(&Attempt::Answered(answer), &IDS, now())
}

#[rstest]
#[case(200, "")]
#[case(201, r#"{"status":"success"}"#)]
#[case(202, "OK")]
#[case(204, "")]
#[case(200, "<html>error</html>")]
#[case(200, r#"{"status":"accepted","errors":[]}"#)]
#[case(200, r#"{"status":"success","error":"none"}"#)]
#[case(200, r#"{"success":true,"errors":["an older one"]}"#)]
#[case(200, r#"{"jsonrpc":"2.0","id":1,"result":[7]}"#)]
#[case(200, r#"{"jsonrpc":"2.0","id":1,"result":true,"error":null}"#)]
#[case(200, r#"{"status":1}"#)]
#[case(207, r#"{"accepted":[0,1,2],"rejected":[]}"#)]
fn a_success_is_delivered(#[case] status: u16, #[case] body: &str) {
    assert_eq!(answered(status, body, None), Outcome::Delivered);
}

#[rstest]
#[case(r#"{"status":"error","message":"database is down"}"#)]
#[case(r#"{"status":"FAILED"}"#)]
#[case(r#"{"success":false}"#)]
#[case(r#"{"ok":false,"error":"closed"}"#)]
#[case(r#"{"status":422,"message":"unknown"}"#)]
#[case(r#"{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error"}}"#)]
#[case(r#"{"data":null,"errors":[{"message":"unknown"}]}"#)]
fn a_success_that_calls_itself_an_error_is_tried_again(#[case] body: &str) {
    let Outcome::Transient(transient) = answered(200, body, None) else {
        panic!("not transient")
    };
    assert_eq!(
        (transient.doubt, transient.blame),
        (Doubt::MayBeTaken, Blame::Unclear)
    );
}

#[rstest]
#[case(408, Doubt::MayBeTaken)]
#[case(425, Doubt::NotTaken)]
#[case(429, Doubt::NotTaken)]
#[case(501, Doubt::MayBeTaken)]
#[case(502, Doubt::MayBeTaken)]
#[case(503, Doubt::MayBeTaken)]
#[case(504, Doubt::MayBeTaken)]
#[case(599, Doubt::MayBeTaken)]
fn a_failure_for_now_is_the_destinations(#[case] status: u16, #[case] doubt: Doubt) {
    let Outcome::Transient(transient) = answered(status, "", None) else {
        panic!("not transient")
    };
    assert_eq!(
        (transient.doubt, transient.blame),
        (doubt, Blame::Destination)
    );
}

#[test]
fn answer_500_may_be_a_records_fault() {
    let Outcome::Transient(transient) = answered(500, "", None) else {
        panic!("not transient")
    };
    assert_eq!(transient.blame, Blame::Unclear);
}

#[rstest]
#[case(Attempt::NotSent("no connection".to_owned()), Doubt::NotTaken)]
#[case(Attempt::NoAnswer("timeout".to_owned()), Doubt::MayBeTaken)]
fn no_answer_is_a_failure_for_now(#[case] attempt: Attempt, #[case] doubt: Doubt) {
    let Outcome::Transient(transient) = classify(&attempt, &IDS, now()) else {
        panic!("not transient")
    };
    assert_eq!(
        (transient.doubt, transient.blame),
        (doubt, Blame::Destination)
    );
}

#[rstest]
#[case("120", Some(120))]
#[case("Mon, 23 Nov 2026 08:05:00 GMT", Some(300))]
#[case("Mon, 23 Nov 2026 07:00:00 GMT", Some(0))]
#[case("soon", None)]
fn retry_after_is_read_as_seconds_and_as_a_date(#[case] header: &str, #[case] secs: Option<u64>) {
    let Outcome::Transient(transient) = answered(503, "", Some(header)) else {
        panic!("not transient")
    };
    assert_eq!(transient.retry_after, secs.map(Duration::from_secs));
}

#[rstest]
#[case(400, Conflict::No)]
#[case(405, Conflict::No)]
#[case(409, Conflict::Maybe)]
#[case(417, Conflict::No)]
#[case(422, Conflict::No)]
fn a_refusal_belongs_to_the_records(#[case] status: u16, #[case] expected: Conflict) {
    let Outcome::Refused { conflict, reason } =
        answered(status, r#"{"message":"no such person"}"#, None)
    else {
        panic!("not refused")
    };
    assert_eq!(conflict, expected);
    assert!(reason.contains("no such person"), "{reason}");
}

#[test]
fn answer_413_asks_for_less() {
    assert_eq!(answered(413, "", None), Outcome::TooLarge);
}

#[rstest]
#[case(301, "redirected", Probe::EveryHour)]
#[case(307, "redirected", Probe::EveryHour)]
#[case(401, "unauthorized", Probe::EveryHour)]
#[case(403, "unauthorized", Probe::EveryHour)]
#[case(404, "not_found", Probe::EveryHour)]
#[case(410, "gone", Probe::Never)]
fn a_shut_door_pauses(#[case] status: u16, #[case] code: &str, #[case] probe: Probe) {
    let Outcome::Shut(shut) = answered(status, "", None) else {
        panic!("not shut")
    };
    assert_eq!((shut.code, shut.probe), (code, probe));
}

#[test]
fn what_is_said_of_single_records_counts_more_than_what_is_said_of_all() {
    let body = r#"{"status":"error","rejected":[{"index":1,"error":"unknown"}]}"#;
    let Outcome::Partly(verdicts) = answered(200, body, None) else {
        panic!("not partly")
    };
    assert_eq!(
        verdicts.rejected.into_iter().collect::<Vec<_>>(),
        [(1, "unknown".to_owned())]
    );
}

fn named(status: u16, body: &str, records: usize) -> Outcome {
    let rules = [(200, "exists"), (500, "exists"), (417, "a déjà")].map(|(status, text)| {
        domain::AlreadyThere {
            status,
            text: text.to_owned(),
        }
    });
    let attempt = Attempt::Answered(Answer {
        status,
        retry_after: None,
        body: body.as_bytes().to_vec(),
        hidden: Hidden::default(),
    });
    let outcome = classify(&attempt, IDS.get(..records).unwrap_or(&IDS), now());
    or_already_there(outcome, &attempt, &rules, records)
}

#[rstest]
#[case(200, r#"{"success":false,"message":"it exists"}"#)]
#[case(500, "duplicate key: it exists")]
#[case(417, r#"{"message":"Dana a d\u00e9j\u00e0 point\u00e9"}"#)]
fn a_named_answer_to_one_record_says_that_it_is_there(#[case] status: u16, #[case] body: &str) {
    assert_eq!(named(status, body, 1), Outcome::AlreadyThere);
    let Outcome::Refused { conflict, .. } = named(status, body, 3) else {
        panic!("of three records it does not say which")
    };
    assert_eq!(conflict, Conflict::No);
}

#[rstest]
#[case(200, r#"{"success":true,"message":"it exists"}"#)]
#[case(417, "it exists")]
#[case(422, "it exists")]
#[case(503, "it exists")]
#[case(401, "it exists")]
fn any_other_answer_keeps_its_meaning(#[case] status: u16, #[case] body: &str) {
    let known = answered(status, body, None);
    assert_eq!(named(status, body, 3), known);
}

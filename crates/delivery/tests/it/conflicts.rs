#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use domain::{AlreadyThere, RequestSpec};
use storage::{AttemptFilter, DestinationChange};
use test_kit::receiver::{Reply, Request, rules};

use crate::bench::Bench;

#[tokio::test]
async fn a_conflict_about_a_record_that_may_have_arrived_says_that_it_did() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::Close);
    bench.receiver.answer(rules::always(409));
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    bench.turn(6);
    bench.settled(2).await;
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked), (1, 0));
}

#[tokio::test]
async fn a_conflict_about_a_batch_that_may_have_arrived_is_cleared_record_by_record() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::Close);
    bench.receiver.answer(rules::always(409));
    bench.punch_people(4).await;
    bench.settled(1).await;
    bench.turn(6);
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 4)
        .await;
    assert_eq!(bench.counts().await.parked, 0);
}

#[tokio::test]
async fn a_conflict_about_a_record_that_cannot_have_arrived_is_a_refusal() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(409));
    bench.punch(&["1"]).await;
    bench.settled(2).await;
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked), (0, 1));
}

/// Answers as Frappe does to a check-in that it has; `status` is what it answers to all others.
fn has_person_2(others: u16) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let has = r#"{"exc_type":"ValidationError","_server_messages":"[\"{\\\"message\\\": \\\"This employee already has a log with the same timestamp.\\\"}\"]"}"#;
    move |request| {
        if request.pins().iter().any(|pin| pin == "2") {
            Reply::json(417, has)
        } else if others == 200 {
            Reply::ok()
        } else {
            Reply::json(
                others,
                r#"{"exc_type":"ValidationError","message":"Inactive Employee"}"#,
            )
        }
    }
}

async fn knows_what_417_means(bench: &Bench) {
    let id = bench.destination().await.id;
    let change = DestinationChange {
        spec: Some(RequestSpec {
            already_there: vec![AlreadyThere {
                status: 417,
                text: "already has a log with the same timestamp".to_owned(),
            }],
            ..RequestSpec::default()
        }),
        ..DestinationChange::default()
    };
    let saved = bench.delivery().update_destination(id, change).await;
    saved.unwrap();
}

#[tokio::test]
async fn an_answer_that_the_settings_name_says_that_a_record_is_there_already() {
    let mut bench = Bench::running().await;
    knows_what_417_means(&bench).await;
    bench.receiver.answer(has_person_2(200));
    bench.punch_people(5).await;
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 5)
        .await;
    let id = bench.destination().await.id;
    let named = AttemptFilter::Class("already_there".to_owned());
    let attempts = bench.store.attempts(id, &named, None, 10).await.unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!((attempts[0].status, attempts[0].records), (Some(417), 1));
    assert!(attempts[0].answer.is_some(), "what it said is kept");
}

#[tokio::test]
async fn the_same_status_with_other_words_is_a_refusal_whatever_the_settings_name() {
    let mut bench = Bench::running().await;
    knows_what_417_means(&bench).await;
    bench.receiver.answer(has_person_2(417));
    bench.punch(&["1", "2"]).await;
    bench
        .until("one of each", |_, counts| {
            (counts.delivered, counts.parked) == (1, 1)
        })
        .await;
}

#[tokio::test]
async fn without_such_settings_a_record_that_is_there_already_is_parked() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(has_person_2(200));
    bench.punch(&["1", "2"]).await;
    bench
        .until("one of each", |_, counts| {
            (counts.delivered, counts.parked) == (1, 1)
        })
        .await;
}

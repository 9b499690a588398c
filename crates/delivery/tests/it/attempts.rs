//! What is kept of each request, and how it is shown.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use delivery::{HeldBack, Sameness, Standing};
use domain::{
    BodySpec, DestinationFilter, Field, FieldValue, Mode, PunchId, RequestAuth, RequestSpec,
    Secret, Unwanted,
};
use storage::{AttemptFilter, AttemptKind, DestinationChange, Replay};
use test_kit::receiver::{Reply, rules};

use crate::bench::{Bench, local};

async fn attempts(bench: &Bench) -> Vec<storage::Attempt> {
    let id = bench.destination().await.id;
    bench
        .store
        .attempts(id, &AttemptFilter::All, None, 100)
        .await
        .unwrap()
}

fn with_secrets() -> DestinationChange {
    DestinationChange {
        spec: Some(RequestSpec {
            auth: RequestAuth::Bearer {
                token: Secret::new("s3cr3t-token".to_owned()),
            },
            headers: vec![Field {
                name: "X-Site".to_owned(),
                value: FieldValue::Value("HQ".to_owned()),
            }],
            ..RequestSpec::default()
        }),
        ..DestinationChange::default()
    }
}

#[tokio::test]
async fn every_request_has_a_row_with_what_was_said_and_what_comes_next() {
    let mut bench = Bench::running().await;
    bench
        .receiver
        .answer_next(Reply::json(503, r#"{"message":"maintenance"}"#));
    bench.receiver.answer_next(Reply::Close);
    bench.punch(&["1", "2"]).await;
    for sent in 1..=2 {
        bench.settled(sent).await;
        bench.turn(20);
    }
    bench.settled(3).await;
    let mut kept = attempts(&bench).await;
    kept.reverse();
    let told: Vec<_> = kept
        .iter()
        .map(|attempt| (attempt.class.as_str(), attempt.status))
        .collect();
    assert_eq!(
        told,
        [
            ("server_error", Some(503)),
            ("no_answer", None),
            ("delivered", Some(200))
        ]
    );
    assert_eq!(
        kept[0].answer.as_deref(),
        Some(&br#"{"message":"maintenance"}"#[..])
    );
    assert!(kept[0].next_at.unwrap() > kept[0].at);
    assert!(kept[0].error.as_ref().unwrap().contains("maintenance"));
    assert!(
        kept.iter()
            .all(|attempt| attempt.records == 2 && attempt.duration_ms.is_some())
    );
    assert_eq!(kept[2].answer, None, "of a plain success nothing is kept");
    assert_eq!(kept[0].body, kept[2].body, "the same bytes");
}

#[tokio::test]
async fn no_more_than_4_kb_of_an_answer_are_kept() {
    let mut bench = Bench::running().await;
    bench
        .receiver
        .answer_next(Reply::json(503, &"x".repeat(100_000)));
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    assert_eq!(
        attempts(&bench).await[0].answer.as_ref().unwrap().len(),
        4_096
    );
}

#[tokio::test]
async fn a_refused_batch_has_a_row_for_each_request_it_took() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::poison("2", 422));
    bench.punch(&["1", "2"]).await;
    bench
        .until("one parked", |_, counts| {
            counts.parked == 1 && counts.delivered == 1
        })
        .await;
    let kept = attempts(&bench).await;
    assert_eq!(kept.len(), bench.receiver.requests().len());
    let classes: Vec<_> = kept.iter().rev().map(|each| each.class.as_str()).collect();
    assert_eq!(classes, ["refused", "delivered", "refused", "refused"]);
    let id = bench.destination().await.id;
    let parked = bench.store.parked(id, None, 1).await.unwrap();
    let of_record = bench
        .store
        .attempts_of_record(parked[0].id, 10)
        .await
        .unwrap();
    assert_eq!(of_record.len(), 3, "as a pair, alone, and bare");
}

#[tokio::test]
async fn an_attempt_is_written_again_from_the_ledger_with_its_secrets_masked() {
    let mut bench = Bench::running().await;
    let id = bench.destination().await.id;
    let delivery = bench.delivery().clone();
    delivery
        .update_destination(id, with_secrets())
        .await
        .unwrap();
    bench.receiver.answer(rules::poison("2", 422));
    bench.punch(&["1", "2", "3"]).await;
    bench
        .until("one parked", |_, counts| {
            counts.parked == 1 && counts.delivered == 2
        })
        .await;
    let requests = bench.receiver.requests();
    assert_eq!(
        requests[0].header("authorization"),
        Some("Bearer s3cr3t-token")
    );
    for (attempt, sent) in attempts(&bench).await.iter().rev().zip(&requests) {
        let shown = delivery.shown_attempt(attempt.id).await.unwrap().unwrap();
        assert_eq!(shown.sameness, Sameness::Same);
        let request = shown.request.unwrap().unwrap();
        assert_eq!(request.body, sent.text());
        assert!(!format!("{request:?}").contains("s3cr3t"), "{request:?}");
    }
    let change = DestinationChange {
        with_record_id: Some(true),
        ..DestinationChange::default()
    };
    delivery.update_destination(id, change).await.unwrap();
    let first = attempts(&bench).await.last().unwrap().id;
    let shown = delivery.shown_attempt(first).await.unwrap().unwrap();
    assert_eq!(shown.sameness, Sameness::Changed);
}

#[tokio::test]
async fn a_test_sends_one_marked_record_and_changes_nothing() {
    let bench = Bench::running().await;
    let id = bench.destination().await.id;
    let delivery = bench.delivery().clone();
    delivery
        .update_destination(id, with_secrets())
        .await
        .unwrap();
    delivery.pause(id).await.unwrap();
    bench
        .receiver
        .answer_next(Reply::json(422, r#"{"message":"who is that"}"#));
    let sent = delivery.test_send(id).await.unwrap().unwrap();
    let attempt = sent.attempt.unwrap();
    assert_eq!(
        (attempt.kind, attempt.class.as_str()),
        (AttemptKind::Test, "refused")
    );
    assert!(attempt.error.unwrap().contains("who is that"));
    let requests = bench.receiver.requests();
    assert_eq!(requests[0].header("x-zk-attendance-test"), Some("1"));
    assert!(requests[0].text().contains("TEST, please ignore"));
    assert!(requests[0].key().starts_with("test-"));
    assert!(!format!("{:?}", sent.request).contains("s3cr3t"));
    let destination = bench.destination().await;
    assert_eq!(
        (destination.failures, destination.pause, destination.mode),
        (0, None, Mode::Paused)
    );
    bench.turn(3_600);
    let shown = delivery.shown_attempt(attempt.id).await.unwrap().unwrap();
    assert_eq!(shown.sameness, Sameness::Same);
    let request = shown.request.unwrap().unwrap();
    assert_eq!(request.body, requests[0].text());
    assert!(!format!("{request:?}").contains("s3cr3t"));
    assert_eq!(Ok(request), sent.request);
    let otherwise = DestinationChange {
        spec: Some(RequestSpec {
            body: BodySpec::Events,
            ..RequestSpec::default()
        }),
        ..DestinationChange::default()
    };
    delivery.update_destination(id, otherwise).await.unwrap();
    let shown = delivery.shown_attempt(attempt.id).await.unwrap().unwrap();
    assert_eq!(shown.sameness, Sameness::Changed);
}

#[tokio::test]
async fn a_dry_run_shows_the_next_request_and_sends_nothing() {
    let mut bench = Bench::running().await;
    let id = bench.destination().await.id;
    let delivery = bench.delivery().clone();
    delivery.pause(id).await.unwrap();
    bench.punch(&["1", "2"]).await;
    let run = delivery.dry_run(id).await.unwrap().unwrap();
    assert_eq!(run.held_back, [HeldBack::Paused]);
    let next = run.next.unwrap();
    assert_eq!((next.records.len(), next.again), (2, false));
    let shown = next.request.unwrap();
    assert_eq!(bench.receiver.requests().len(), 0);
    assert_eq!(run.counts.waiting, 2);
    delivery.resume(id).await.unwrap();
    let requests = bench.settled(1).await;
    assert_eq!(requests[0].text(), shown.body);
    let run = delivery.dry_run(id).await.unwrap().unwrap();
    assert_eq!((run.next, run.held_back), (None, Vec::new()));
}

#[tokio::test]
async fn it_is_explained_why_a_punch_was_sent_or_not() {
    let mut bench = Bench::running().await;
    let id = bench.destination().await.id;
    let delivery = bench.delivery().clone();
    let filter = DestinationFilter {
        people: vec!["1".to_owned(), "2".to_owned()],
        ..DestinationFilter::since(local("2020-01-01 00:00:00"))
    };
    let change = DestinationChange {
        filter: Some(filter),
        ..DestinationChange::default()
    };
    delivery.update_destination(id, change).await.unwrap();
    bench.receiver.answer(rules::poison("2", 422));
    bench.punch(&["1", "2", "3"]).await;
    bench
        .until("one parked", |_, counts| {
            counts.parked == 1 && counts.delivered == 1
        })
        .await;
    delivery.pause(id).await.unwrap();
    bench.punch(&["1"]).await;
    let why = async |punch| {
        delivery
            .explain(id, PunchId(punch))
            .await
            .unwrap()
            .map(|explanation| explanation.standing)
    };
    assert!(matches!(
        why(1).await,
        Some(Standing::Delivered { at: Some(_) })
    ));
    assert!(matches!(
        why(2).await,
        Some(Standing::Parked { reason: Some(_) })
    ));
    assert_eq!(why(3).await, Some(Standing::Unwanted(Unwanted::Person)));
    // It may have been chosen just before the pause; it is not sent all the same.
    assert!(matches!(
        why(4).await,
        Some(Standing::Waiting | Standing::Batched)
    ));
    assert_eq!(why(5).await, None);
    let held = delivery.explain(id, PunchId(4)).await.unwrap().unwrap();
    assert_eq!(held.held_back, [HeldBack::Paused]);
}

#[tokio::test]
async fn what_was_parked_for_one_cause_goes_again() {
    let mut bench = Bench::running().await;
    let id = bench.destination().await.id;
    bench.receiver.answer(rules::poison("2", 422));
    bench.punch(&["1", "2", "3", "2"]).await;
    bench
        .until("two parked", |_, counts| {
            counts.parked == 2 && counts.delivered == 2
        })
        .await;
    let causes = bench.store.parked_causes(id, 10).await.unwrap();
    assert_eq!((causes.len(), causes[0].count), (1, 2));
    bench.receiver.answer(rules::always(200));
    let replay = Replay::Cause {
        cause: causes[0].cause.clone().unwrap(),
        reason: None,
    };
    let delivery = bench.delivery().clone();
    assert_eq!(delivery.replay(id, replay).await.unwrap(), 2);
    bench
        .until("both to arrive", |_, counts| counts.delivered == 4)
        .await;
}

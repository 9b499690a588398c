//! Answers that come slowly, never end, or break off.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use std::time::Duration;

use rstest::rstest;
use test_kit::receiver::Reply;

use crate::bench::Bench;

/// Sends two records into this answer, with little patience; gives the class of the attempt.
async fn class_of(reply: Reply) -> (Bench, String) {
    let mut bench = Bench::new().await;
    bench.settings.timeout = Duration::from_millis(1_500);
    bench.start();
    bench.receiver.answer_next(reply);
    bench.punch(&["1", "2"]).await;
    bench.settled(1).await;
    let id = bench.destination().await.id;
    let all = storage::AttemptFilter::All;
    let kept = bench.store.attempts(id, &all, None, 10).await.unwrap();
    let class = kept.last().unwrap().class.clone();
    (bench, class)
}

#[rstest]
#[case::says_nothing(Reply::Hang, "no_answer")]
#[case::closes(Reply::Close, "no_answer")]
#[case::breaks_off(Reply::Cut { status: 200 }, "no_answer")]
#[case::stalls(Reply::Stall { status: 200 }, "no_answer")]
#[tokio::test]
async fn a_success_that_is_not_whole_is_asked_for_again(
    #[case] reply: Reply,
    #[case] expected: &str,
) {
    let (bench, class) = class_of(reply).await;
    assert_eq!(class, expected);
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked), (0, 0));
    bench.turn(6);
    let requests = bench.settled(2).await;
    assert_eq!(requests[1].key(), requests[0].key());
    assert_eq!(requests[1].text(), requests[0].text());
    assert_eq!(bench.counts().await.delivered, 2);
}

#[rstest]
#[case::stalls(Reply::Stall { status: 503 })]
#[case::never_ends(Reply::Endless { status: 503 })]
#[case::breaks_off(Reply::Cut { status: 503 })]
#[tokio::test]
async fn an_error_counts_though_its_explanation_does_not_end(#[case] reply: Reply) {
    let (bench, class) = class_of(reply).await;
    assert_eq!(class, "server_error");
    bench.turn(6);
    bench.settled(2).await;
    assert_eq!(bench.counts().await.delivered, 2);
}

#[tokio::test]
async fn a_success_that_goes_on_for_ever_is_a_success_once_enough_of_it_was_read() {
    let (bench, class) = class_of(Reply::Endless { status: 200 }).await;
    assert_eq!(class, "delivered");
    assert_eq!(bench.counts().await.delivered, 2);
}

#[tokio::test]
async fn a_refusal_that_stalls_is_a_refusal() {
    let (bench, class) = class_of(Reply::Stall { status: 422 }).await;
    assert_eq!(class, "refused");
    bench
        .until("both to be delivered alone", |_, counts| {
            counts.delivered == 2
        })
        .await;
}

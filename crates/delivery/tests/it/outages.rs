use std::time::Duration;

use rstest::rstest;
use storage::ExportChange;
use test_kit::receiver::{Reply, rules};

use crate::bench::Bench;

#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]
/// Sends three records into this answer, waits out the schedule, and finds the same request again.
async fn is_sent_again_byte_for_byte(reply: Reply, is_in_doubt: bool) {
    let mut bench = Bench::new().await;
    bench.settings.timeout = Duration::from_millis(1_500);
    bench.start();
    bench.receiver.answer_next(reply);
    bench.punch(&["1", "2", "3"]).await;
    bench.settled(1).await;
    let destination = bench.destination().await;
    assert_eq!(destination.failures, 1);
    assert!(destination.last_error.is_some());
    let open = bench.store.open_batches(destination.id).await.unwrap();
    assert_eq!(open[0].in_doubt, is_in_doubt);
    bench.punch(&["4"]).await;
    bench.turn(6);
    let requests = bench.settled(2).await;
    assert_eq!(requests[1].text(), requests[0].text());
    assert_eq!(requests[1].key(), requests[0].key());
    let requests = bench.settled(3).await;
    assert_eq!(requests[2].pins(), ["4"]);
    let destination = bench.destination().await;
    assert_eq!(
        (
            destination.failures,
            destination.retry_at,
            destination.last_error
        ),
        (0, None, None)
    );
    assert_eq!(bench.counts().await.delivered, 4);
}

#[rstest]
#[case(408, true)]
#[case(425, false)]
#[case(429, false)]
#[case(500, true)]
#[case(502, true)]
#[case(503, true)]
#[case(504, true)]
#[tokio::test]
async fn a_failure_for_now_is_tried_again_under_the_same_id(
    #[case] status: u16,
    #[case] is_in_doubt: bool,
) {
    is_sent_again_byte_for_byte(Reply::status(status), is_in_doubt).await;
}

#[rstest]
#[case::no_answer(Reply::Hang)]
#[case::closed(Reply::Close)]
#[case::cut_in_the_middle(Reply::Cut { status: 200 })]
#[case::never_ending(Reply::Stall { status: 200 })]
#[case::a_success_that_is_none(Reply::json(200, r#"{"status":"error","message":"disk full"}"#))]
#[tokio::test]
async fn an_answer_that_leaves_doubt_is_asked_for_again_under_the_same_id(#[case] reply: Reply) {
    is_sent_again_byte_for_byte(reply, true).await;
}

#[tokio::test]
async fn a_receiver_that_is_down_is_tried_on_one_schedule_and_nothing_is_parked() {
    let mut bench = Bench::new().await;
    bench.receiver.answer(rules::always(503));
    bench
        .save(ExportChange {
            batch_size: Some(2),
            ..ExportChange::default()
        })
        .await;
    bench.start();
    bench.punch_people(10).await;
    for (attempt, secs) in (1..).zip([5, 15, 30, 60, 120, 300, 300, 300, 300, 300]) {
        bench.settled(attempt).await;
        let destination = bench.destination().await;
        assert_eq!(u64::from(destination.failures), attempt);
        let wait = destination
            .retry_at
            .unwrap()
            .duration_since(bench.now())
            .as_secs_f64();
        assert!(
            wait >= f64::from(secs) && wait <= f64::from(secs) * 1.1,
            "{attempt}: {wait}"
        );
        bench.turn(i64::from(secs) + i64::from(secs) / 10 + 1);
    }
    let requests = bench.settled(11).await;
    assert!(
        requests
            .iter()
            .all(|request| request.key() == requests[0].key() && request.body == requests[0].body)
    );
    bench.receiver.answer(rules::always(200));
    bench.turn(400);
    bench.settled(16).await;
    let counts = bench.counts().await;
    assert_eq!(
        (counts.delivered, counts.parked, counts.waiting),
        (10, 0, 0)
    );
}

#[tokio::test]
async fn the_receivers_own_wish_to_wait_wins() {
    let mut bench = Bench::running().await;
    bench
        .receiver
        .answer_next(Reply::status(503).with_header("Retry-After", "120"));
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    let retry_at = bench.destination().await.retry_at.unwrap();
    assert_eq!(retry_at.duration_since(bench.now()).as_secs(), 120);
    bench.turn(120);
    bench.settled(2).await;
    assert_eq!(bench.receiver.taken().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_does_not_run_takes_everything_when_it_does() {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            url: Some(Some("http://127.0.0.1:1/".to_owned())),
            ..ExportChange::default()
        })
        .await;
    bench.start();
    bench.punch_people(3).await;
    bench.settled(1).await;
    let destination = bench.destination().await;
    let open = bench.store.open_batches(destination.id).await.unwrap();
    assert!(!open[0].in_doubt, "nothing was sent");
    let url = bench.receiver.url();
    bench
        .save(ExportChange {
            url: Some(Some(url)),
            ..ExportChange::default()
        })
        .await;
    bench.settled(2).await;
    assert_eq!(bench.receiver.taken().len(), 3);
}

#[tokio::test]
async fn saving_the_settings_makes_everything_due_at_once() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::status(503));
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    bench.save(ExportChange::default()).await;
    bench.settled(2).await;
    assert_eq!(bench.receiver.taken().len(), 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stretch_the_schedule() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::status(503));
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    bench.turn(-5 * 60 * 60);
    let requests = bench.settled(2).await;
    assert_eq!(requests[1].key(), requests[0].key());
    assert_eq!(bench.counts().await.delivered, 1);
}

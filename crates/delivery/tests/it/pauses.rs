use rstest::rstest;
use storage::{ExportChange, NoticeLevel};
use test_kit::receiver::{Receiver, Reply, rules};

use crate::bench::Bench;

#[rstest]
#[case(401, "unauthorized")]
#[case(403, "unauthorized")]
#[case(404, "not_found")]
#[case(301, "redirected")]
#[case(308, "redirected")]
#[tokio::test]
async fn a_shut_door_pauses_keeps_the_queue_and_is_tried_once_an_hour(
    #[case] status: u16,
    #[case] code: &str,
) {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(status));
    bench.punch_people(3).await;
    for attempt in 1..=3 {
        bench.settled(attempt).await;
        let pause = bench.destination().await.pause.unwrap();
        assert_eq!(pause.code, code);
        assert_eq!(
            pause
                .probe_at
                .unwrap()
                .duration_since(bench.now())
                .as_secs(),
            3_600
        );
        bench.punch_people(1).await;
        bench.turn(3_599);
        bench.turn(2);
    }
    let requests = bench.settled(4).await;
    assert!(
        requests
            .iter()
            .all(|request| request.body == requests[0].body && request.key() == requests[0].key())
    );
    let paused = bench.notices().await;
    assert_eq!(paused.len(), 1, "people are told once");
    assert_eq!(paused[0].level, NoticeLevel::Error);
    bench.receiver.answer(rules::always(200));
    bench.turn(3_601);
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 6)
        .await;
    assert!(bench.destination().await.pause.is_none());
    assert_eq!(
        bench.told("destination_resumed").await,
        ["destination_paused", "destination_resumed"]
    );
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_tried_until_the_settings_are_saved() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::status(410));
    bench.punch_people(2).await;
    bench.settled(1).await;
    let pause = bench.destination().await.pause.unwrap();
    assert_eq!((pause.code.as_str(), pause.probe_at), ("gone", None));
    bench.turn(100_000);
    bench.save(ExportChange::default()).await;
    let requests = bench.settled(2).await;
    assert_eq!(requests.len(), 2, "nothing was sent in between");
    assert_eq!(bench.counts().await.delivered, 2);
}

#[tokio::test]
async fn saving_unchanged_settings_resumes_at_once() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::status(401));
    bench.punch_people(2).await;
    bench.settled(1).await;
    bench.save(ExportChange::default()).await;
    bench.settled(2).await;
    assert_eq!(bench.counts().await.delivered, 2);
}

#[tokio::test]
async fn a_probe_that_fails_for_now_leaves_the_pause_and_waits_an_hour() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::status(401));
    bench.receiver.answer_next(Reply::status(503));
    bench.punch_people(2).await;
    bench.settled(1).await;
    bench.turn(3_601);
    bench.settled(2).await;
    let destination = bench.destination().await;
    assert_eq!(destination.failures, 0);
    assert_eq!(
        destination
            .pause
            .unwrap()
            .probe_at
            .unwrap()
            .duration_since(bench.now())
            .as_secs(),
        3_600
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut bench = Bench::running().await;
    let elsewhere = Receiver::start().await;
    bench
        .receiver
        .answer_next(Reply::status(307).with_header("Location", &elsewhere.url()));
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    assert_eq!(bench.destination().await.pause.unwrap().code, "redirected");
    bench.save(ExportChange::default()).await;
    bench.settled(2).await;
    assert!(elsewhere.requests().is_empty());
}

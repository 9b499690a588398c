use std::time::Duration;

use test_kit::receiver::Reply;

use crate::bench::Bench;

#[tokio::test]
async fn an_endless_answer_is_read_up_to_64_kib_and_no_further() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::Endless { status: 200 });
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    assert_eq!(bench.counts().await.delivered, 1);
}

#[tokio::test]
async fn a_refusal_whose_explanation_never_ends_is_a_refusal() {
    let mut bench = Bench::new().await;
    bench.settings.timeout = Duration::from_millis(1_500);
    bench.start();
    bench.receiver.answer(|_| Reply::Stall { status: 422 });
    bench.punch(&["1"]).await;
    bench.settled(2).await;
    let parked = bench
        .store
        .parked(bench.destination().await.id, None, 1)
        .await
        .unwrap();
    assert!(
        parked[0].reason.as_ref().unwrap().contains("422: abcde"),
        "{:?}",
        parked[0].reason
    );
}

#[tokio::test]
async fn a_connection_that_the_receiver_closed_while_idle_loses_nothing() {
    let mut bench = Bench::running().await;
    for sent in 1..=20 {
        bench.punch(&["1"]).await;
        bench.deliver_all().await;
        assert_eq!(bench.counts().await.delivered, sent);
        bench.receiver.close_idle_connections();
    }
    assert_eq!(bench.receiver.taken().len(), 20);
    assert_eq!(bench.counts().await.parked, 0);
}

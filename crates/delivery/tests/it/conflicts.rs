use test_kit::receiver::{Reply, rules};

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

use std::{sync::Arc, time::Duration};

use delivery::Delivery;
use test_kit::{
    HandClock,
    receiver::{Gate, Reply},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::bench::{Bench, open_store};

#[tokio::test]
async fn a_batch_whose_answer_was_never_seen_goes_again_at_once_under_its_id_with_its_bytes() {
    let mut bench = Bench::new().await;
    bench.punch_people(5).await;
    bench.store.close().await.unwrap();
    bench.receiver.answer_next(Reply::Hang);
    // A program of its own, that is killed while it waits for the answer.
    let (kill, killed) = tokio::sync::oneshot::channel::<()>();
    let (folder, clock, settings) = (
        bench.folder().to_owned(),
        Arc::<HandClock>::clone(&bench.clock),
        bench.settings.clone(),
    );
    let program = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let store = open_store(&folder).await;
            let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
            let running = Delivery::start(settings, store, clock, &tracker, stop).unwrap();
            killed.await.unwrap();
            drop(running);
        });
        runtime.shutdown_background();
    });
    bench.receiver.wait_for_requests(1).await;
    kill.send(()).unwrap();
    program.join().unwrap();

    bench.store = open_store(bench.folder()).await;
    bench.turn(100);
    bench.start();
    let requests = bench.settled(1).await;
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].key(), requests[0].key());
    assert_eq!(requests[1].text(), requests[0].text());
    let destination = bench.destination().await;
    assert_eq!((destination.failures, destination.delivered_count), (0, 5));
}

#[tokio::test]
async fn what_was_delivered_is_not_sent_again_after_a_restart() {
    let mut bench = Bench::running().await;
    bench.punch_people(5).await;
    bench.settled(1).await;
    bench.stopped().await;
    bench.punch_people(1).await;
    bench.start();
    let requests = bench.settled(1).await;
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].records().len(), 1);
}

#[tokio::test]
async fn a_request_in_flight_may_end_when_the_program_stops_and_nothing_new_is_sent() {
    let mut bench = Bench::running().await;
    let gate = Gate::default();
    bench
        .receiver
        .answer_next(Reply::Later(gate.clone(), Box::new(Reply::ok())));
    bench.punch_people(3).await;
    bench.receiver.wait_for_requests(1).await;
    bench.punch_people(3).await;
    bench.stop();
    gate.open();
    bench.stopped().await;
    assert_eq!(bench.receiver.requests().len(), 1);
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.waiting), (3, 3));
}

#[tokio::test]
async fn a_request_still_in_flight_after_8_s_is_left_in_doubt() {
    let mut bench = Bench::new().await;
    // Not what ends the request.
    bench.settings.timeout = Duration::from_mins(2);
    bench.start();
    bench.receiver.answer_next(Reply::Hang);
    bench.punch_people(3).await;
    bench.receiver.wait_for_requests(1).await;
    let asked = tokio::time::Instant::now();
    bench.stopped().await;
    let waited = asked.elapsed().as_secs_f64();
    assert!((7.5..60.0).contains(&waited), "{waited}");
    bench.start();
    let requests = bench.settled(1).await;
    assert_eq!(requests[1].text(), requests[0].text());
    assert_eq!(requests[1].key(), requests[0].key());
    assert_eq!(
        bench.destination().await.failures,
        0,
        "our own end advances no schedule"
    );
}

#[tokio::test]
async fn the_schedule_survives_a_restart() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::status(503));
    bench.punch_people(1).await;
    bench.settled(1).await;
    let retry_at = bench.destination().await.retry_at;
    assert!(retry_at.is_some());
    bench.stopped().await;
    bench.start();
    bench.punch_people(1).await;
    assert_eq!(bench.destination().await.retry_at, retry_at);
    bench.turn(6);
    let requests = bench.settled(2).await;
    assert_eq!(requests[1].body, requests[0].body);
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_down_is_asked_for_again_under_the_same_id() {
    let mut bench = Bench::running().await;
    let gate = Gate::default();
    bench
        .receiver
        .answer_next(Reply::Later(gate.clone(), Box::new(Reply::ok())));
    bench.punch_people(3).await;
    bench.receiver.wait_for_requests(1).await;
    bench.store.close().await.unwrap();
    gate.open();
    bench
        .receiver
        .wait_until("its answer to be sent", |requests| requests[0].is_taken())
        .await;
    bench.wake();
    bench.stopped().await;
    assert_eq!(
        bench.receiver.requests().len(),
        1,
        "without a commit nothing is sent"
    );
    bench.store = open_store(bench.folder()).await;
    bench.start();
    let requests = bench.settled(1).await;
    assert_eq!(requests[1].text(), requests[0].text());
    assert_eq!(requests[1].key(), requests[0].key());
    assert_eq!(bench.counts().await.delivered, 3);
}

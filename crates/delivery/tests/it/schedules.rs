//! When records go: by a schedule, and no faster than a receiver allows.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use domain::{DestinationId, Schedule};
use storage::DestinationChange;

use crate::bench::Bench;

async fn change(bench: &Bench, change: DestinationChange) -> DestinationId {
    let id = bench.destination().await.id;
    bench
        .delivery()
        .update_destination(id, change)
        .await
        .unwrap();
    id
}

fn every(minutes: u32) -> DestinationChange {
    DestinationChange {
        schedule: Some(Schedule::Every { minutes }),
        ..DestinationChange::default()
    }
}

#[tokio::test]
async fn records_wait_for_the_schedule_and_then_all_go() {
    let mut bench = Bench::running().await;
    change(&bench, every(60)).await;
    bench
        .until("the schedule to be looked at", |destination, _| {
            destination.next_run_at.is_some()
        })
        .await;
    bench.punch_people(3).await;
    bench.turn(3_599);
    bench
        .until("nothing to be sent", |_, counts| counts.waiting == 3)
        .await;
    assert_eq!(bench.receiver.requests().len(), 0);
    bench.turn(1);
    bench
        .until("all to be sent", |destination, counts| {
            counts.delivered == 3 && destination.next_run_at.is_some()
        })
        .await;
    let next = bench.destination().await.next_run_at.unwrap();
    assert_eq!(next.duration_since(bench.now()).as_secs(), 3_600);
    bench.punch(&["9"]).await;
    bench.turn(3_600);
    bench
        .until("the next one", |_, counts| counts.delivered == 4)
        .await;
}

#[tokio::test]
async fn a_run_that_is_cut_off_by_an_outage_goes_on_when_the_receiver_is_back() {
    let mut bench = Bench::running().await;
    change(
        &bench,
        DestinationChange {
            batch_size: Some(1),
            ..every(60)
        },
    )
    .await;
    bench
        .until("the schedule to be looked at", |destination, _| {
            destination.next_run_at.is_some()
        })
        .await;
    bench.punch_people(4).await;
    bench.receiver.answer_next(test_kit::receiver::Reply::ok());
    bench
        .receiver
        .answer_next(test_kit::receiver::Reply::status(503));
    bench.turn(3_600);
    bench
        .until("the outage", |destination, counts| {
            destination.failures == 1 && counts.delivered == 1
        })
        .await;
    bench.turn(6);
    bench
        .until("the rest of the run", |_, counts| counts.delivered == 4)
        .await;
}

#[tokio::test]
async fn a_cron_expression_lets_records_go_by_the_clock_of_its_zone() {
    let mut bench = Bench::running().await;
    // It is 10:00 in Cairo.
    let cron = Schedule::Cron {
        expr: "30 10 * * *".to_owned(),
        zone: "Africa/Cairo".to_owned(),
    };
    change(
        &bench,
        DestinationChange {
            schedule: Some(cron),
            ..DestinationChange::default()
        },
    )
    .await;
    bench
        .until("the schedule to be looked at", |destination, _| {
            destination.next_run_at.is_some()
        })
        .await;
    bench.punch(&["1"]).await;
    assert_eq!(bench.receiver.requests().len(), 0);
    bench.turn(30 * 60);
    bench
        .until("the run", |_, counts| counts.delivered == 1)
        .await;
}

#[tokio::test]
async fn what_a_person_asks_for_goes_before_the_schedule() {
    let mut bench = Bench::running().await;
    let id = change(&bench, every(60)).await;
    bench.punch(&["1", "2"]).await;
    let filter = storage::PunchFilter {
        people: vec!["2".to_owned()],
        ..storage::PunchFilter::default()
    };
    bench
        .store
        .queue_for_sending(id, &filter, storage::Resend::Skip, bench.now())
        .await
        .unwrap();
    bench.wake();
    bench
        .until("the one asked for", |_, counts| counts.delivered == 1)
        .await;
    assert_eq!(bench.receiver.requests()[0].pins(), ["2"]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stretch_the_wait() {
    let mut bench = Bench::running().await;
    change(&bench, every(60)).await;
    bench
        .until("the schedule to be looked at", |destination, _| {
            destination.next_run_at.is_some()
        })
        .await;
    bench.punch(&["1"]).await;
    bench.turn(-10 * 3_600);
    bench
        .until("the schedule to be made anew", |destination, _| {
            destination
                .next_run_at
                .is_some_and(|at| at.duration_since(bench.now()).as_secs() <= 3_600)
        })
        .await;
    bench.turn(3_600);
    bench
        .until("the run", |_, counts| counts.delivered == 1)
        .await;
}

#[tokio::test]
async fn a_queue_drains_at_the_receivers_rate_also_after_a_pause() {
    let mut bench = Bench::running().await;
    let id = change(
        &bench,
        DestinationChange {
            rate_limit: Some(Some(6)),
            batch_size: Some(10),
            ..DestinationChange::default()
        },
    )
    .await;
    let delivery = bench.delivery().clone();
    delivery.pause(id).await.unwrap();
    bench.punch_people(40).await;
    delivery.resume(id).await.unwrap();
    for sent in 1..=4 {
        bench.settled(sent).await;
        bench.turn(9);
        bench
            .until("the worker to wait", |_, counts| {
                counts.delivered == 10 * sent
            })
            .await;
        let requests = bench.receiver.requests();
        assert_eq!(requests.len() as u64, sent, "ten seconds apart");
        bench.turn(1);
    }
    bench
        .until("the queue to be empty", |_, counts| counts.delivered == 40)
        .await;
}

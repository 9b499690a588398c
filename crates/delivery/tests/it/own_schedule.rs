//! A record that fails by itself while others pass.

use domain::PunchId;
use jiff::SignedDuration;
use storage::DestinationChange;
use test_kit::receiver::{Request, rules};

use crate::bench::Bench;

/// Makes everybody pass but one, whose record waits by itself by then.
async fn with_one_that_fails() -> Bench {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::poison("bad", 500));
    bench.punch(&["1", "bad", "2", "3"]).await;
    bench
        .drive("the others to be delivered", |counts| {
            counts.delivered == 3 && counts.waiting == 1
        })
        .await;
    bench
}

fn of_bad(requests: &[Request]) -> usize {
    requests
        .iter()
        .filter(|request| request.pins() == ["bad"])
        .count()
}

#[tokio::test]
async fn it_is_tried_less_and_less_often_for_a_week_and_then_parked() {
    let mut bench = with_one_that_fails().await;
    let id = bench.destination().await.id;
    let mut waits = Vec::new();
    let began = bench.now();
    loop {
        let bad = bench.store.delivery(id, PunchId(2)).await.unwrap().unwrap();
        let Some(due) = bad.due_at else { break };
        let wait = due.duration_since(bench.now());
        waits.push(wait.as_secs());
        let before = of_bad(&bench.receiver.requests());
        bench.turn(wait.as_secs().max(0) + 1);
        // Others go on meanwhile: only so is it the record's own fault.
        bench.punch(&["4"]).await;
        bench
            .eventually("the record to be tried", async || {
                let tried = of_bad(&bench.receiver.requests()) > before;
                let counts = bench.counts().await;
                tried && counts.batched == 0 && counts.waiting + counts.parked == 1
            })
            .await;
    }
    let steps = [30, 120, 600, 1_800, 7_200, 18_000, 36_000];
    for (wait, step) in waits.iter().skip(1).zip(steps) {
        assert!(
            (step - 1..=step + step / 10 + 1).contains(wait),
            "{waits:?}"
        );
    }
    assert!(waits.len() > 15, "{waits:?}");
    let counts = bench.counts().await;
    assert_eq!((counts.parked, counts.waiting), (1, 0));
    let lived = bench.now().duration_since(began);
    assert!(lived >= SignedDuration::from_hours(7 * 24), "{lived:?}");
    assert!(lived <= SignedDuration::from_hours(8 * 24), "{lived:?}");
    let parked = bench.store.parked_causes(id, 10).await.unwrap();
    assert_eq!(parked[0].cause.as_deref(), Some("server_error"));
    bench.receiver.answer(rules::always(200));
    bench
        .delivery()
        .clone()
        .replay(id, storage::Replay::Parked)
        .await
        .unwrap();
    bench
        .until("it to arrive at last", |_, counts| {
            counts.parked == 0 && counts.waiting == 0
        })
        .await;
}

#[tokio::test]
async fn how_long_it_may_fail_is_the_destinations_own_setting() {
    let mut bench = with_one_that_fails().await;
    let id = bench.destination().await.id;
    let change = DestinationChange {
        give_up_after: Some(SignedDuration::from_mins(1)),
        ..DestinationChange::default()
    };
    bench
        .delivery()
        .clone()
        .update_destination(id, change)
        .await
        .unwrap();
    bench.turn(61);
    bench.punch(&["4"]).await;
    bench
        .until("it to be parked", |_, counts| counts.parked == 1)
        .await;
}

#[tokio::test]
async fn it_holds_up_nobody_and_the_receiver_is_not_blamed() {
    let mut bench = with_one_that_fails().await;
    bench.punch(&["1", "2", "bad"]).await;
    bench
        .drive("the others to be delivered", |counts| counts.delivered == 5)
        .await;
    let destination = bench.destination().await;
    assert_eq!(destination.pause, None);
    assert_eq!(bench.counts().await.parked, 0);
}

//! Several destinations beside each other.

use domain::{DestinationFilter, Mode};
use storage::{DestinationChange, NewDestination, Past};
use test_kit::receiver::{Receiver, Reply, rules};

use crate::bench::{Bench, local};

fn everything(name: &str, receiver: &Receiver) -> NewDestination {
    NewDestination::plain(name, receiver.url(), local("2020-01-01 00:00:00"))
}

#[tokio::test]
async fn each_destination_gets_what_its_filter_wants() {
    let mut bench = Bench::running().await;
    let (all, few) = (Receiver::start().await, Receiver::start().await);
    let delivery = bench.delivery().clone();
    delivery
        .create_destination(everything("all", &all))
        .await
        .unwrap();
    let narrow = NewDestination {
        filter: DestinationFilter {
            people: vec!["2".to_owned()],
            ..DestinationFilter::since(local("2020-01-01 00:00:00"))
        },
        ..everything("few", &few)
    };
    delivery.create_destination(narrow).await.unwrap();
    bench.punch(&["1", "2", "3", "2"]).await;
    let of_all = all
        .wait_until("four records", |requests| count(requests) == 4)
        .await;
    assert!(
        of_all
            .iter()
            .all(|request| request.header("idempotency-key").is_some())
    );
    few.wait_until("two records", |requests| count(requests) == 2)
        .await;
    assert!(
        few.requests()
            .iter()
            .all(|request| request.pins().iter().all(|pin| pin == "2"))
    );
    bench
        .until("the default one too", |_, counts| counts.delivered == 4)
        .await;
}

fn count(requests: &[test_kit::receiver::Request]) -> usize {
    requests.iter().map(|request| request.records().len()).sum()
}

#[tokio::test]
async fn one_destination_that_is_down_does_not_hold_up_another() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(503));
    let other = Receiver::start().await;
    let delivery = bench.delivery().clone();
    let made = delivery
        .create_destination(everything("other", &other))
        .await
        .unwrap();
    bench.punch(&["1", "2"]).await;
    other
        .wait_until("both", |requests| count(requests) == 2)
        .await;
    bench
        .until("the first to fail", |destination, _| {
            destination.failures > 0
        })
        .await;
    let health = bench.store.destination(made.id).await.unwrap().unwrap();
    assert_eq!((health.failures, health.pause), (0, None));
}

#[tokio::test]
async fn history_is_queued_in_the_background_and_nobodys_later_punch_overtakes_it() {
    let mut bench = Bench::new().await;
    let pins: Vec<String> = (0..6_000).map(|index| (index % 7).to_string()).collect();
    let pins: Vec<&str> = pins.iter().map(String::as_str).collect();
    bench.punch(&pins).await;
    bench.start();
    let receiver = Receiver::start().await;
    let new = NewDestination {
        past: Past::Queue,
        ..everything("history", &receiver)
    };
    let made = bench
        .delivery()
        .clone()
        .create_destination(new)
        .await
        .unwrap();
    bench.punch(&["0", "1", "2"]).await;
    receiver
        .wait_until("all of it", |requests| count(requests) == 6_003)
        .await;
    let taken = receiver.taken();
    assert_eq!(taken.len(), 6_003);
    for pin in 0..7 {
        let of_one: Vec<_> = taken
            .iter()
            .filter(|name| name.starts_with(&format!("{pin} ")))
            .collect();
        assert!(of_one.is_sorted(), "person {pin}");
    }
    let counts = bench.until_settled(made.id).await;
    assert_eq!((counts.delivered, counts.waiting), (6_003, 0));
}

#[tokio::test]
async fn a_removed_destination_gets_nothing_more_and_leaves_nothing() {
    let mut bench = Bench::running().await;
    let receiver = Receiver::start().await;
    receiver.answer(rules::always(503));
    let delivery = bench.delivery().clone();
    let made = delivery
        .create_destination(everything("gone soon", &receiver))
        .await
        .unwrap();
    bench.punch_people(3).await;
    receiver.wait_for_requests(1).await;
    delivery.delete_destination(made.id).await.unwrap();
    bench.punch_people(3).await;
    bench
        .until("the other one", |_, counts| counts.delivered == 6)
        .await;
    bench
        .eventually("the rows to be gone", async || {
            bench.store.deleted_destinations().await.unwrap().is_empty()
        })
        .await;
    let sent = receiver.requests().len();
    bench.turn(3_600);
    bench.punch(&["9"]).await;
    bench
        .until("the other one again", |_, counts| counts.delivered == 7)
        .await;
    assert_eq!(receiver.requests().len(), sent);
}

#[tokio::test]
async fn a_paused_destination_sends_nothing_not_even_what_is_asked_for_until_it_is_resumed() {
    let mut bench = Bench::running().await;
    let id = bench.destination().await.id;
    let delivery = bench.delivery().clone();
    assert_eq!(delivery.pause(id).await.unwrap().mode, Mode::Paused);
    bench.punch(&["1", "2"]).await;
    bench
        .store
        .queue_for_sending(
            id,
            &storage::PunchFilter::default(),
            storage::Resend::Skip,
            bench.now(),
        )
        .await
        .unwrap();
    bench.wake();
    // Another destination's delivery shows that the workers looked.
    let other = Receiver::start().await;
    let new = NewDestination {
        past: Past::Queue,
        ..everything("other", &other)
    };
    delivery.create_destination(new).await.unwrap();
    other
        .wait_until("both", |requests| count(requests) == 2)
        .await;
    assert_eq!(bench.receiver.requests().len(), 0);
    delivery.resume(id).await.unwrap();
    bench.until("both", |_, counts| counts.delivered == 2).await;
}

#[tokio::test]
async fn what_waits_goes_to_the_new_url_after_a_change() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::status(404));
    bench.punch(&["1"]).await;
    bench
        .until("the pause", |destination, _| destination.pause.is_some())
        .await;
    let better = Receiver::start().await;
    let change = DestinationChange {
        url: Some(Some(better.url())),
        ..DestinationChange::default()
    };
    let id = bench.destination().await.id;
    let saved = bench
        .delivery()
        .update_destination(id, change)
        .await
        .unwrap();
    assert_eq!(saved.destination.pause, None);
    better.wait_for_requests(1).await;
}

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use rstest::rstest;
use storage::ExportChange;
use test_kit::receiver::{Reply, Request};

use crate::bench::Bench;

/// A receiver with a bad day: for its first 60 requests it fails in many ways, and person 6 it never takes.
fn bad_day(seed: u64, never: u16) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let state = AtomicU64::new(seed);
    move |request| {
        let dice = state
            .load(Ordering::SeqCst)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.store(dice, Ordering::SeqCst);
        if request.number < 60 {
            match (dice >> 33) % 8 {
                0 => return Reply::status(503),
                // A record that is answered 500 while others pass waits by itself and may then come late.
                1 if never != 500 => return Reply::status(500),
                2 => return Reply::Close,
                3 if request.records().len() > 3 => return Reply::status(413),
                4 => return Reply::status(429),
                _ => {}
            }
        }
        if request.pins().iter().any(|pin| pin == "6") {
            Reply::status(never)
        } else {
            Reply::ok()
        }
    }
}

/// A bench with 60 punches of seven people at two terminals; gives how many of them are of person 6.
async fn busy_morning(seed: u64) -> (Bench, u64) {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            batch_size: Some(7),
            ..ExportChange::default()
        })
        .await;
    let other = bench.register("192.168.37.11", "SN2").await;
    let mut dice = seed;
    let mut of_six = 0;
    for _ in 0..60 {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(99);
        let pin = (dice >> 40) % 7;
        of_six += u64::from(pin == 6);
        let terminal = if (dice >> 50).is_multiple_of(3) {
            other
        } else {
            bench.terminal
        };
        bench.punch_at(terminal, &[&pin.to_string()]).await;
    }
    (bench, of_six)
}

/// Each once, everybody's in the order of their times.
fn arrived_in_order(taken: Vec<String>) {
    let mut last: HashMap<String, String> = HashMap::new();
    for name in taken {
        let (pin, time) = name.split_once(' ').unwrap_or((name.as_str(), ""));
        let before = last.insert(pin.to_owned(), time.to_owned());
        assert!(
            before.as_deref().is_none_or(|before| before < time),
            "{name} came after {before:?}"
        );
    }
    assert!(!last.contains_key("6"));
}

#[rstest]
#[tokio::test]
async fn everybodys_punches_arrive_in_order_whatever_happens_and_refused_ones_are_parked(
    #[values(1, 2)] seed: u64,
) {
    let (mut bench, of_six) = busy_morning(seed).await;
    bench.receiver.answer(bad_day(seed, 422));
    bench.start();
    bench.deliver_all().await;
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked), (60 - of_six, of_six));
    let taken = bench.receiver.taken();
    assert_eq!(taken.len() as u64, counts.delivered);
    arrived_in_order(taken);
}

#[rstest]
#[tokio::test]
async fn everybodys_punches_arrive_in_order_although_one_persons_are_answered_500(
    #[values(1, 2)] seed: u64,
) {
    let (mut bench, of_six) = busy_morning(seed).await;
    bench.receiver.answer(bad_day(seed, 500));
    bench.start();
    bench
        .drive("all others to be delivered", |counts| {
            counts.delivered == 60 - of_six
        })
        .await;
    assert_eq!(bench.counts().await.parked, 0);
    arrived_in_order(bench.receiver.taken());
}

#[tokio::test]
async fn nobodys_later_records_go_ahead_while_the_earlier_half_of_a_batch_is_answered_500() {
    let mut bench = Bench::new().await;
    for _ in 0..4 {
        bench.punch_people(4).await;
    }
    // Sixteen at once are too many, and of the halves the earlier one fails for as long as it likes.
    bench.receiver.answer(|request| {
        let is_earlier = |record: &serde_json::Value| {
            let time = record["timestamp"].as_str().unwrap_or_default();
            time.rsplit(':').next().is_some_and(|second| second < "08")
        };
        if request.records().len() > 8 {
            Reply::status(413)
        } else if request.number < 30 && request.records().iter().any(is_earlier) {
            Reply::status(500)
        } else {
            Reply::ok()
        }
    });
    bench.start();
    bench.deliver_all().await;
    assert!(bench.receiver.requests().len() > 30);
    arrived_in_order(bench.receiver.taken());
}

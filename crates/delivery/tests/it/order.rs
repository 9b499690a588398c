use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use rstest::rstest;
use storage::ExportChange;
use test_kit::receiver::{Reply, Request};

use crate::bench::Bench;

/// A receiver with a bad day: for its first 60 requests it fails in many ways, and one person it never takes.
fn bad_day(seed: u64) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let state = AtomicU64::new(seed);
    move |request| {
        let mut dice = state
            .load(Ordering::SeqCst)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.store(dice, Ordering::SeqCst);
        dice >>= 33;
        if request.number < 60 {
            match dice % 8 {
                0 => return Reply::status(503),
                1 => return Reply::status(500),
                2 => return Reply::Close,
                3 if request.records().len() > 3 => return Reply::status(413),
                4 => return Reply::status(429),
                _ => {}
            }
        }
        if request.pins().iter().any(|pin| pin == "6") {
            Reply::status(422)
        } else {
            Reply::ok()
        }
    }
}

#[rstest]
#[tokio::test]
async fn everybodys_punches_arrive_once_each_and_in_order_whatever_happens(
    #[values(1, 2, 3, 4, 5, 6)] seed: u64,
) {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            batch_size: Some(7),
            ..ExportChange::default()
        })
        .await;
    let other = bench.register("192.168.37.11", "SN2").await;
    bench.receiver.answer(bad_day(seed));
    let mut dice = seed;
    for _ in 0..60 {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(99);
        let pin = ((dice >> 40) % 7).to_string();
        let terminal = if (dice >> 50).is_multiple_of(3) {
            other
        } else {
            bench.terminal
        };
        bench.punch_at(terminal, &[&pin]).await;
    }
    bench.start();
    bench.deliver_all().await;
    let counts = bench.counts().await;
    assert_eq!(counts.delivered + counts.parked, 60);
    let mut last: HashMap<String, String> = HashMap::new();
    let taken = bench.receiver.taken();
    assert_eq!(taken.len() as u64, counts.delivered);
    for name in taken {
        let (pin, time) = name.split_once(' ').unwrap();
        let before = last.insert(pin.to_owned(), time.to_owned());
        assert!(
            before.as_deref().is_none_or(|before| before < time),
            "{name} came after {before:?}"
        );
    }
    assert!(!last.contains_key("6"));
}

//! Weeks without a receiver, on a clock that is turned.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use jiff::SignedDuration;
use storage::{Attempt, AttemptFilter};
use test_kit::receiver::{Reply, rules};

use crate::bench::Bench;

const DAY: i64 = 24 * 60 * 60;
const DAYS: u64 = 8 * 7;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn attempts_of(bench: &Bench) -> Vec<Attempt> {
    let id = bench.destination().await.id;
    let all = AttemptFilter::All;
    bench.store.attempts(id, &all, None, 1_000).await.unwrap()
}

#[tokio::test]
async fn eight_weeks_of_outage_park_nothing_and_everything_arrives_in_order_after() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(|request| match request.number % 5 {
        0 => Reply::status(503),
        1 => Reply::status(500),
        2 => Reply::Close,
        3 => Reply::Cut { status: 200 },
        _ => Reply::json(200, r#"{"status":"error"}"#),
    });
    let mut punched = 0;
    let mut attempts = 0;
    for day in 0..DAYS {
        bench.punch_people(20).await;
        punched += 20;
        // Four looks a day: whatever is due then is tried once.
        for _ in 0..4 {
            attempts += 1;
            bench.settled(attempts).await;
            bench.turn(DAY / 4);
        }
        let counts = bench.counts().await;
        assert_eq!(
            (counts.parked, counts.waiting + counts.batched),
            (0, punched),
            "day {day}"
        );
    }
    let during = bench.receiver.requests().len();
    let destination = bench.destination().await;
    assert_eq!(destination.pause, None);
    let retry = destination.retry_at.unwrap().duration_since(bench.now());
    assert!(retry.as_secs() <= 330, "{retry:?}");
    // Failures of the last 30 days are there to be looked at, four a day, and none before.
    let month = bench.now() - SignedDuration::from_hours(30 * 24);
    bench.wake();
    bench
        .eventually("older attempts to be forgotten", async || {
            let kept = attempts_of(&bench).await;
            kept.len() >= 30 * 4 - 4 && kept.iter().all(|attempt| attempt.at >= month - HOUR)
        })
        .await;
    bench.receiver.answer(rules::always(200));
    bench.deliver_all().await;
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked), (punched, 0));
    let taken = bench.receiver.taken();
    assert_eq!(taken.len() as u64, punched);
    for person in 1..=20 {
        let of_one: Vec<_> = taken
            .iter()
            .filter(|name| name.starts_with(&format!("{person} ")))
            .collect();
        assert!(
            of_one.len() as u64 == DAYS && of_one.is_sorted(),
            "{person}: {of_one:?}"
        );
    }
    let after = bench.receiver.requests().len() - during;
    assert!(after < 60, "{after} requests to catch up");
    let planned = usize::try_from(DAYS).unwrap() * 4;
    assert!(during <= planned + 8, "{during} requests in eight weeks");
}

#[tokio::test]
async fn a_month_behind_a_shut_door_costs_a_request_an_hour_and_nothing_is_lost() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(401));
    bench.punch_people(10).await;
    for hours in 1..=30 * 24 {
        bench.settled(hours).await;
        bench.turn(3_601);
    }
    let counts = bench.counts().await;
    assert_eq!((counts.parked, counts.waiting + counts.batched), (0, 10));
    let requests = bench.receiver.requests().len();
    assert!((720..=722).contains(&requests), "{requests}");
    bench.receiver.answer(rules::always(200));
    bench.turn(3_601);
    bench
        .until("all to arrive", |_, counts| counts.delivered == 10)
        .await;
}

#[tokio::test]
async fn attempts_of_long_ago_are_forgotten_while_their_records_stay() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::status(503));
    bench.punch_people(3).await;
    bench.settled(1).await;
    bench.turn(6);
    bench.settled(2).await;
    let id = bench.destination().await.id;
    let kept = async || {
        let all = AttemptFilter::All;
        bench
            .store
            .attempts(id, &all, None, 10)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(kept().await, 2);
    bench.turn(29 * DAY);
    bench.wake();
    bench.turn(2 * DAY);
    bench
        .eventually("old attempts to be forgotten", async || kept().await == 0)
        .await;
    assert_eq!(bench.counts().await.delivered, 3);
}

use test_kit::receiver::{Reply, rules};

use crate::bench::Bench;

/// Lets the schedule pass until so many attempts are settled.
async fn attempts_on_schedule(bench: &Bench, from: u64, to: u64) {
    for attempt in from..=to {
        bench.settled(attempt).await;
        bench.turn(400);
    }
}

#[tokio::test]
async fn a_batch_is_halved_after_four_answers_500_and_the_bad_record_waits_by_itself() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::poison("11", 500));
    bench.punch_people(16).await;
    attempts_on_schedule(&bench, 1, 3).await;
    bench
        .until("all others to be delivered", |_, counts| {
            counts.delivered == 15 && counts.waiting == 1
        })
        .await;
    let requests = bench.receiver.requests();
    assert!(
        requests[..4]
            .iter()
            .all(|request| request.body == requests[0].body),
        "four times the same"
    );
    assert!(
        requests.len() <= 4 + 2 * 4 + 1,
        "{} requests",
        requests.len()
    );
    let destination = bench.destination().await;
    assert_eq!(
        (
            destination.failures,
            destination.retry_at,
            destination.pause
        ),
        (0, None, None)
    );
    bench.receiver.answer(rules::always(200));
    bench.turn(6);
    bench
        .until("the last to be delivered", |_, counts| {
            counts.delivered == 16
        })
        .await;
    assert_eq!(bench.receiver.requests().last().unwrap().pins(), ["11"]);
    assert_eq!(bench.counts().await.parked, 0);
}

#[tokio::test]
async fn a_bad_record_that_is_told_as_an_error_inside_a_success_blocks_nobody_else() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(|request| {
        if request.pins().contains(&"11".to_owned()) {
            Reply::json(
                200,
                r#"{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"no such person"}}"#,
            )
        } else {
            Reply::json(200, r#"{"jsonrpc":"2.0","id":1,"result":true}"#)
        }
    });
    bench.punch_people(16).await;
    attempts_on_schedule(&bench, 1, 3).await;
    bench
        .until("all others to be delivered", |_, counts| {
            counts.delivered == 15 && counts.waiting == 1
        })
        .await;
    let destination = bench.destination().await;
    assert_eq!((destination.failures, destination.retry_at), (0, None));
    assert_eq!(bench.counts().await.parked, 0);
}

#[tokio::test]
async fn when_neither_half_passes_it_is_the_destination() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(500));
    bench.punch_people(16).await;
    attempts_on_schedule(&bench, 1, 3).await;
    let requests = bench.settled(6).await;
    assert_eq!(
        requests
            .iter()
            .map(|each| each.records().len())
            .collect::<Vec<_>>(),
        [16, 16, 16, 16, 8, 8]
    );
    bench
        .until("the schedule to hold again", |destination, _| {
            destination.retry_at.is_some()
        })
        .await;
    let counts = bench.counts().await;
    assert_eq!((counts.parked, counts.waiting + counts.batched), (0, 16));
    attempts_on_schedule(&bench, 6, 30).await;
    assert_eq!(bench.counts().await.parked, 0);
    bench.receiver.answer(rules::always(200));
    bench.deliver_all().await;
    assert_eq!(bench.receiver.taken().len(), 16);
    assert_eq!(bench.counts().await.delivered, 16);
}

#[tokio::test]
async fn a_half_keeps_its_id_and_bytes_however_often_it_is_sent() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(500));
    bench.punch_people(8).await;
    attempts_on_schedule(&bench, 1, 20).await;
    assert_one_body_an_id(&bench);
}

#[tokio::test]
async fn bad_records_of_people_in_both_halves_block_nobody_else() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(|request| {
        let pins = request.pins();
        if pins.iter().any(|pin| pin == "1" || pin == "16") {
            Reply::status(500)
        } else {
            Reply::ok()
        }
    });
    bench.punch_people(16).await;
    bench
        .drive("the others to be delivered", |counts| {
            counts.delivered == 14
        })
        .await;
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked), (14, 0));
}

#[tokio::test]
async fn a_single_record_answered_500_is_told_from_a_broken_receiver_by_the_next_persons_record() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::poison("1", 500));
    bench.punch(&["1"]).await;
    attempts_on_schedule(&bench, 1, 5).await;
    bench.settled(6).await;
    bench.punch(&["1", "2"]).await;
    bench.turn(400);
    bench
        .until("the other to be delivered", |_, counts| {
            counts.delivered == 1
        })
        .await;
    bench
        .until(
            "the bad ones to wait by themselves",
            |destination, counts| destination.retry_at.is_none() || counts.waiting == 2,
        )
        .await;
    assert_eq!(bench.counts().await.parked, 0);
    bench.receiver.answer(rules::always(200));
    bench.deliver_all().await;
    assert_eq!(bench.counts().await.delivered, 3);
}

#[tokio::test]
async fn a_record_that_fails_by_itself_for_a_week_is_parked_while_others_pass() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::poison("1", 500));
    bench.punch(&["1", "2"]).await;
    attempts_on_schedule(&bench, 1, 3).await;
    bench
        .until("the other to be delivered", |_, counts| {
            counts.delivered == 1 && counts.waiting == 1
        })
        .await;
    let mut others = 1;
    for _ in 0..60 {
        bench.turn(4 * 3_600);
        bench.punch(&["2"]).await;
        others += 1;
        bench
            .until("the other to be delivered", |_, counts| {
                counts.delivered == others
            })
            .await;
        if bench.counts().await.parked == 1 {
            break;
        }
    }
    let counts = bench.counts().await;
    assert_eq!((counts.parked, counts.waiting + counts.batched), (1, 0));
    let hours = others * 4;
    assert!((7 * 24..9 * 24).contains(&hours), "parked after {hours} h");
    assert_one_body_an_id(&bench);
}

fn assert_one_body_an_id(bench: &Bench) {
    let mut bodies = std::collections::HashMap::new();
    for request in bench.receiver.requests() {
        let body = bodies
            .entry(request.key().to_owned())
            .or_insert_with(|| request.body.clone());
        assert_eq!(*body, request.body, "one id, one body");
    }
}

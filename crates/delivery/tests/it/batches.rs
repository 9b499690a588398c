use storage::ExportChange;
use test_kit::receiver::{Gate, Reply};

use crate::bench::Bench;

fn sizes(requests: &[test_kit::receiver::Request]) -> Vec<usize> {
    requests
        .iter()
        .map(|request| request.records().len())
        .collect()
}

#[tokio::test]
async fn batches_hold_500_records_unless_set_otherwise() {
    let mut bench = Bench::new().await;
    bench.punch_people(1_100).await;
    bench.start();
    assert_eq!(sizes(&bench.settled(3).await), [500, 500, 100]);
    // What is chosen from here on is chosen by the new settings.
    bench.stopped().await;
    bench
        .save(ExportChange {
            batch_size: Some(40),
            ..ExportChange::default()
        })
        .await;
    bench.punch_people(100).await;
    bench.start();
    assert_eq!(sizes(&bench.settled(3).await)[3..], [40, 40, 20]);
    assert_eq!(bench.receiver.taken().len(), 1_200);
    assert_eq!(bench.counts().await.delivered, 1_200);
}

#[tokio::test]
async fn a_batch_never_mixes_terminals() {
    let mut bench = Bench::new().await;
    let other = bench.register("192.168.37.11", "SN2").await;
    bench.punch(&["1", "2"]).await;
    bench.punch_at(other, &["3"]).await;
    bench.punch(&["4", "3"]).await;
    bench.punch_at(other, &["5"]).await;
    bench.start();
    let requests = bench.settled(3).await;
    let seen: Vec<(String, Vec<String>)> = requests
        .iter()
        .map(|request| {
            (
                request.json()["device_info"]["ip"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
                request.pins(),
            )
        })
        .collect();
    let pins = |pins: &[&str]| pins.iter().map(|&pin| pin.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        seen,
        [
            ("192.168.37.10".to_owned(), pins(&["1", "2", "4"])),
            ("192.168.37.11".to_owned(), pins(&["3", "5"])),
            ("192.168.37.10".to_owned(), pins(&["3"])),
        ]
    );
}

#[tokio::test]
async fn one_request_is_in_flight_at_a_time() {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            batch_size: Some(1),
            ..ExportChange::default()
        })
        .await;
    bench.start();
    let gate = Gate::default();
    bench
        .receiver
        .answer_next(Reply::Later(gate.clone(), Box::new(Reply::ok())));
    bench.punch(&["1"]).await;
    bench.receiver.wait_for_requests(1).await;
    bench.punch(&["2", "3"]).await;
    bench.wake();
    // The second request can only be told from the first's answer.
    assert_eq!(bench.receiver.requests().len(), 1);
    gate.open();
    let requests = bench.settled(3).await;
    let answered: Vec<_> = requests.iter().map(|request| request.answered).collect();
    assert_eq!(answered, [Some(200); 3]);
}

#[tokio::test]
async fn two_batches_have_two_ids_and_the_same_records_the_same() {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            batch_size: Some(2),
            ..ExportChange::default()
        })
        .await;
    bench.punch_people(4).await;
    bench.start();
    let requests = bench.settled(2).await;
    assert_ne!(requests[0].key(), requests[1].key());
    assert!(
        requests
            .iter()
            .all(|request| request.header("x-record-id").is_none())
    );
}

#[tokio::test]
async fn nothing_is_claimed_while_auto_export_is_off_and_all_of_it_when_it_is_switched_on() {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            auto_export: Some(false),
            ..ExportChange::default()
        })
        .await;
    bench.start();
    bench.punch_people(3).await;
    assert_eq!(bench.counts().await.waiting, 3);
    bench
        .save(ExportChange {
            auto_export: Some(true),
            ..ExportChange::default()
        })
        .await;
    let requests = bench.settled(1).await;
    assert_eq!(sizes(&requests), [3]);
}

#[tokio::test]
async fn nothing_is_sent_without_a_url_and_a_new_url_is_the_same_destination() {
    let mut bench = Bench::running().await;
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    bench
        .save(ExportChange {
            url: Some(None),
            ..ExportChange::default()
        })
        .await;
    bench.punch(&["2"]).await;
    let other = test_kit::receiver::Receiver::start().await;
    bench
        .save(ExportChange {
            url: Some(Some(other.url())),
            ..ExportChange::default()
        })
        .await;
    bench.settled(2).await;
    assert_eq!(other.requests()[0].pins(), ["2"]);
    assert_eq!(bench.receiver.requests().len(), 1);
}

#[tokio::test]
async fn records_of_many_terminals_that_stand_mixed_still_go_in_large_batches() {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            batch_size: Some(50),
            ..ExportChange::default()
        })
        .await;
    let mut terminals = Vec::new();
    for number in 0..20 {
        let host = format!("192.168.38.{number}");
        terminals.push(bench.register(&host, &format!("M{number}")).await);
    }
    for round in 0..30 {
        for (number, terminal) in terminals.iter().enumerate() {
            let pin = format!("{}", number * 100 + round);
            bench.punch_at(*terminal, &[&pin]).await;
        }
    }
    bench.start();
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 600)
        .await;
    let requests = bench.receiver.requests().len();
    assert!(requests <= 25, "{requests} requests, about one a terminal");
}

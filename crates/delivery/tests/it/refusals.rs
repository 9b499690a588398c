use rstest::rstest;
use storage::ExportChange;
use test_kit::receiver::{Reply, Request, rules};

use crate::bench::Bench;

#[rstest]
#[case(400)]
#[case(409)]
#[case(422)]
#[case(417)]
#[tokio::test]
async fn one_bad_record_among_many_is_found_with_few_requests_and_parked(#[case] status: u16) {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::poison("300", status));
    bench.punch_people(512).await;
    bench
        .until("all but one to be delivered", |_, counts| {
            counts.delivered == 511 && counts.parked == 1
        })
        .await;
    // Twelve to send 512 records in two batches and find one, the second batch, and the bare try.
    let requests = bench.receiver.requests();
    assert!(requests.len() <= 2 * 9 + 4, "{} requests", requests.len());
    let parked = bench
        .store
        .parked(bench.destination().await.id, None, 10)
        .await
        .unwrap();
    assert_eq!(parked[0].pin.as_str(), "300");
    assert!(
        parked[0]
            .reason
            .as_ref()
            .unwrap()
            .contains(&status.to_string())
    );
    assert!(bench.destination().await.pause.is_none());
    assert_eq!(bench.told("records_parked").await, ["records_parked"]);
}

#[tokio::test]
async fn a_refused_batch_of_one_is_tried_once_bare_and_then_parked() {
    let mut bench = Bench::running().await;
    bench
        .receiver
        .answer(|_| Reply::json(422, r#"{"error":"unknown employee"}"#));
    bench.punch(&["1"]).await;
    let requests = bench.settled(2).await;
    assert_eq!(
        requests.iter().map(Request::is_bare).collect::<Vec<_>>(),
        [false, true]
    );
    assert_ne!(requests[0].key(), requests[1].key());
    let parked = bench
        .store
        .parked(bench.destination().await.id, None, 10)
        .await
        .unwrap();
    assert!(
        parked[0]
            .reason
            .as_ref()
            .unwrap()
            .contains("unknown employee")
    );
    bench.receiver.answer(|_| Reply::ok());
    bench.punch(&["2"]).await;
    let requests = bench.settled(3).await;
    assert_eq!(
        requests[2].pins(),
        ["2"],
        "a parked record blocks nobody and is not sent by itself"
    );
}

#[tokio::test]
async fn a_receiver_that_takes_bare_records_only_gets_them_after_three_rescues() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::single_records_only);
    bench.punch_people(12).await;
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 12)
        .await;
    assert!(bench.destination().await.bare_only);
    let learned = "destination_takes_single_records";
    assert_eq!(bench.told(learned).await, [learned]);
    let before = bench.receiver.requests().len();
    bench.punch_people(3).await;
    bench
        .until("the next to be delivered", |_, counts| {
            counts.delivered == 15
        })
        .await;
    let requests = bench.receiver.requests();
    assert_eq!(requests.len(), before + 3, "no batch is tried any more");
    assert!(
        requests[before..]
            .iter()
            .all(|request| request.header("x-record-id") == Some(request.key()))
    );
    assert_eq!(bench.counts().await.parked, 0);
}

#[tokio::test]
async fn ten_refused_in_a_row_are_put_back_and_the_destination_is_paused() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(400));
    bench.punch_people(40).await;
    bench
        .until("the pause", |destination, _| destination.pause.is_some())
        .await;
    let destination = bench.destination().await;
    let pause = destination.pause.clone().unwrap();
    assert_eq!(pause.code, "refuses_everything");
    assert_eq!(
        pause
            .probe_at
            .unwrap()
            .duration_since(bench.now())
            .as_secs(),
        3_600
    );
    let counts = bench.counts().await;
    assert_eq!((counts.parked, counts.waiting + counts.batched), (0, 40));
    let requests = bench.receiver.requests();
    assert!(requests.len() <= 35, "{} requests", requests.len());
    bench.told("destination_paused").await;
    bench.receiver.answer(rules::always(200));
    bench.turn(3_601);
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 40)
        .await;
    assert!(bench.destination().await.pause.is_none());
    bench.told("destination_resumed").await;
    let taken = bench.receiver.taken();
    assert_eq!(taken.len(), 40);
    assert!(
        taken.is_sorted_by_key(|name| name.split(' ').nth(2).map(str::to_owned)),
        "in the order of arrival"
    );
}

#[tokio::test]
async fn many_refused_records_of_one_person_pause_nothing_and_block_nobody() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::poison("unknown", 422));
    let mut pins = vec!["1"; 3];
    pins.extend(["unknown"; 25]);
    pins.extend(["1", "2", "1"]);
    bench.punch(&pins).await;
    bench
        .until("the others to be delivered", |_, counts| {
            counts.delivered == 6 && counts.parked == 25
        })
        .await;
    assert!(bench.destination().await.pause.is_none());
    let taken = bench.receiver.taken();
    let of_one: Vec<_> = taken.iter().filter(|name| name.starts_with("1 ")).collect();
    assert!(of_one.len() == 5 && of_one.is_sorted(), "{of_one:?}");
}

#[tokio::test]
async fn a_probe_that_is_refused_waits_an_hour_again_and_parks_nothing() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(400));
    bench.punch_people(20).await;
    bench
        .until("the pause", |destination, _| destination.pause.is_some())
        .await;
    let mut sent = u64::try_from(bench.receiver.requests().len()).unwrap();
    for _ in 0..12 {
        bench.turn(3_601);
        sent += 1;
        bench.settled(sent).await;
        let wait = bench
            .destination()
            .await
            .pause
            .unwrap()
            .probe_at
            .unwrap()
            .duration_since(bench.now());
        assert_eq!(wait.as_secs(), 3_600);
    }
    assert_eq!(
        bench.receiver.requests().len() as u64,
        sent,
        "one request an hour"
    );
    let counts = bench.counts().await;
    assert_eq!((counts.parked, counts.waiting + counts.batched), (0, 20));
}

#[tokio::test]
async fn a_bad_record_does_not_keep_a_receiver_paused_that_takes_the_others_again() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::always(400));
    bench.punch_people(20).await;
    bench
        .until("the pause", |destination, _| destination.pause.is_some())
        .await;
    bench.receiver.answer(rules::poison("1", 400));
    let mut sent = u64::try_from(bench.receiver.requests().len()).unwrap();
    while bench.destination().await.pause.is_some() {
        bench.turn(3_601);
        sent += 1;
        assert!(sent < 60, "still paused");
        bench.settled(sent).await;
    }
    bench
        .until("the others to be delivered", |_, counts| {
            counts.delivered == 19 && counts.parked == 1
        })
        .await;
}

#[tokio::test]
async fn a_receiver_with_a_limit_gets_smaller_batches_from_then_on() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::at_most(100));
    bench.punch_people(250).await;
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 250)
        .await;
    assert_eq!(bench.destination().await.max_batch, Some(63));
    let before = bench.receiver.requests().len();
    bench.punch_people(130).await;
    bench
        .until("the next to be delivered", |_, counts| {
            counts.delivered == 380
        })
        .await;
    let sizes: Vec<usize> = bench.receiver.requests()[before..]
        .iter()
        .map(|request| request.records().len())
        .collect();
    assert_eq!(sizes, [63, 63, 4]);
}

#[tokio::test]
async fn a_single_record_that_is_too_large_is_parked() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::poison("1", 413));
    bench.punch(&["1", "2"]).await;
    bench
        .until("one to be parked", |_, counts| {
            counts.parked == 1 && counts.delivered == 1
        })
        .await;
    assert_eq!(
        bench
            .receiver
            .requests()
            .iter()
            .filter(|request| request.is_bare())
            .count(),
        1
    );
}

#[tokio::test]
async fn another_url_is_another_receiver_of_which_nothing_is_known() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::single_records_only);
    bench.punch_people(4).await;
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 4)
        .await;
    bench.receiver.answer(rules::always(200));
    let url = format!("{}?other", bench.receiver.url());
    bench
        .save(ExportChange {
            url: Some(Some(url)),
            ..ExportChange::default()
        })
        .await;
    bench.punch_people(2).await;
    bench
        .until("the next to be delivered", |_, counts| {
            counts.delivered == 6
        })
        .await;
    assert_eq!(bench.receiver.requests().last().unwrap().records().len(), 2);
}

#[tokio::test]
async fn what_a_413_taught_holds_for_batches_that_were_opened_before_it() {
    let mut bench = Bench::new().await;
    bench.receiver.answer(|request| {
        if request.records().len() > 70 {
            Reply::status(413)
        } else {
            Reply::ok()
        }
    });
    bench.punch_people(500).await;
    bench.start();
    bench
        .until("all to be delivered", |_, counts| counts.delivered == 500)
        .await;
    let too_large = bench
        .receiver
        .requests()
        .iter()
        .filter(|request| request.answered == Some(413))
        .count();
    // 500, 250 and 125 of them; the other halves are not tried.
    assert_eq!(too_large, 3);
    assert_eq!(bench.receiver.taken().len(), 500);
    let keys: std::collections::HashSet<String> = bench
        .receiver
        .requests()
        .iter()
        .map(|request| request.key().to_owned())
        .collect();
    assert_eq!(keys.len(), bench.receiver.requests().len());
}

use test_kit::receiver::Reply;

use crate::bench::Bench;

#[tokio::test]
async fn records_that_the_receiver_names_are_parked_and_the_others_delivered() {
    let mut bench = Bench::running().await;
    bench.receiver.answer_next(Reply::json(
        207,
        r#"{"accepted":[0],"rejected":[{"index":1,"error":"left in May"}]}"#,
    ));
    bench.punch(&["1", "2", "3"]).await;
    bench.settled(1).await;
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked, counts.waiting), (1, 1, 1));
    let parked = bench
        .store
        .parked(bench.destination().await.id, None, 10)
        .await
        .unwrap();
    assert_eq!(
        (parked[0].pin.as_str(), parked[0].reason.as_deref()),
        ("2", Some("left in May"))
    );
    // The third was not mentioned: it has a schedule of its own, the destination has none.
    assert_eq!(bench.destination().await.retry_at, None);
    bench.punch(&["4"]).await;
    assert_eq!(bench.settled(2).await[1].pins(), ["4"]);
    bench.turn(6);
    assert_eq!(bench.settled(3).await[2].pins(), ["3"]);
    assert_eq!(bench.counts().await.delivered, 3);
}

#[tokio::test]
async fn a_verdict_on_each_of_many_records_is_read_to_its_end() {
    let mut bench = Bench::running().await;
    let words = "w".repeat(600);
    bench.receiver.answer(move |request| {
        let results: Vec<_> = request
            .pins()
            .iter()
            .map(|pin| {
                let status = if pin == "150" { 422 } else { 200 };
                serde_json::json!({"status": status, "message": words})
            })
            .collect();
        Reply::json(207, &serde_json::json!({ "results": results }).to_string())
    });
    bench.punch_people(200).await;
    bench
        .until("a verdict on each", |_, counts| {
            (counts.delivered, counts.parked) == (199, 1)
        })
        .await;
}

#[tokio::test]
async fn a_list_that_takes_nothing_is_a_refusal_of_each() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(|request| {
        let all: Vec<usize> = (0..request.records().len()).collect();
        Reply::json(200, &serde_json::json!({ "rejected": all }).to_string())
    });
    bench.punch_people(12).await;
    bench
        .until("the pause", |destination, _| destination.pause.is_some())
        .await;
    let counts = bench.counts().await;
    assert_eq!(
        (
            counts.parked,
            counts.waiting + counts.batched,
            counts.delivered
        ),
        (0, 12, 0)
    );
    assert_eq!(
        bench.destination().await.pause.unwrap().code,
        "refuses_everything"
    );
}

#[tokio::test]
async fn a_list_in_which_all_failed_for_now_is_a_failure_for_now() {
    let mut bench = Bench::running().await;
    bench
        .receiver
        .answer_next(Reply::json(207, r#"[{"status":503},{"status":429}]"#));
    bench.punch(&["1", "2"]).await;
    bench.settled(1).await;
    assert_eq!(bench.destination().await.failures, 1);
    bench.turn(6);
    let requests = bench.settled(2).await;
    assert_eq!(requests[1].body, requests[0].body);
    assert_eq!(bench.counts().await.delivered, 2);
}

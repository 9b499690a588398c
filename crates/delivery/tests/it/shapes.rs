use storage::ExportChange;
use test_kit::receiver::rules;

use crate::bench::Bench;

#[tokio::test]
async fn a_batch_has_exactly_the_seeds_shape() {
    let mut bench = Bench::running().await;
    bench.punch(&["007", "8"]).await;
    let requests = bench.settled(1).await;
    assert_eq!(
        requests[0].text(),
        concat!(
            r#"{"device_info":{"ip":"192.168.37.10","port":4370,"export_time":"2026-11-23 10:00:00"},"records":["#,
            r#"{"employee_id":"007","employee_name":"Person 007","timestamp":"2026-11-23 06:00:00","#,
            r#""date":"2026-11-23","time":"06:00:00","punch_type":"Check In"},"#,
            r#"{"employee_id":"8","employee_name":"Person 8","timestamp":"2026-11-23 06:00:01","#,
            r#""date":"2026-11-23","time":"06:00:01","punch_type":"Check In"}]}"#
        )
    );
    assert_eq!(requests[0].method, "POST");
    assert_eq!(requests[0].target, "/punches");
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_single_record_has_exactly_the_seeds_shape_and_its_id_in_the_headers() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(rules::single_records_only);
    bench.punch(&["007"]).await;
    let requests = bench.settled(2).await;
    assert_eq!(
        requests[1].text(),
        concat!(
            r#"{"employee_id":"007","employee_name":"Person 007","timestamp":"2026-11-23 06:00:00","#,
            r#""date":"2026-11-23","time":"06:00:00","punch_type":"Check In"}"#
        )
    );
    assert_eq!(requests[1].header("x-record-id"), Some(requests[1].key()));
    assert_eq!(requests[1].key().len(), 32);
}

#[tokio::test]
async fn a_record_that_waits_alone_is_a_batch_of_one() {
    let mut bench = Bench::running().await;
    bench.punch(&["7"]).await;
    let requests = bench.settled(1).await;
    assert!(!requests[0].is_bare());
    assert_eq!(requests[0].records().len(), 1);
    assert_eq!(requests[0].header("x-record-id"), None);
    assert_eq!(requests[0].key().len(), 32);
}

#[tokio::test]
async fn records_carry_their_id_when_that_is_switched_on() {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            with_record_id: Some(true),
            ..ExportChange::default()
        })
        .await;
    bench.start();
    bench.receiver.answer(rules::single_records_only);
    bench.punch(&["7"]).await;
    let requests = bench.settled(2).await;
    let id = requests[0].records()[0]["record_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(requests[0].text().ends_with(&format!(
        r#""punch_type":"Check In","record_id":"{id}"}}]}}"#
    )));
    assert_eq!(requests[1].key(), id);
    assert_eq!(requests[1].records()[0]["record_id"], id.as_str());
}

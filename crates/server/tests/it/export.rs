use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Receiver, Reply, punch, punches};

use crate::world::{World, now};

#[tokio::test]
async fn settings_are_echoed_as_they_were_saved() {
    let world = World::open().await;
    insta::assert_json_snapshot!(
        "export_config_unset",
        world.get("/api/export-config").await.good().envelope()
    );
    let saved = world
        .post(
            "/api/export-config",
            &json!({
                "export_url": "https://your-endpoint.com/data",
                "auto_export": false,
                "batch_size": "250",
                "start_from": "2025-05-04",
                "include_record_id": 1,
                "colour": "red",
            }),
        )
        .await
        .good();
    insta::assert_json_snapshot!("export_config_saved", saved.envelope());
    let read = world.get("/api/export-config").await.good().data();
    for key in [
        "export_url",
        "auto_export",
        "batch_size",
        "start_from",
        "include_record_id",
    ] {
        assert_eq!(read[key], saved.data()[key], "{key}");
    }
}

#[tokio::test]
async fn the_start_is_the_moment_of_the_first_url_where_nothing_is_said() {
    let world = World::open().await;
    let saved = world
        .post(
            "/api/export-config",
            &json!({ "export_url": "http://192.0.2.1/" }),
        )
        .await
        .good();
    assert_eq!(saved.data()["start_from"], "2026-11-23 10:00:00");
}

#[tokio::test]
async fn the_start_is_that_moment_on_the_clock_that_is_furthest_behind() {
    let world = World::open().await;
    for (address, zone) in [
        ("192.0.2.20", "Asia/Karachi"),
        ("192.0.2.21", "America/New_York"),
    ] {
        let device = json!({ "address": address, "zone": zone, "enabled": false });
        let added = world.post("/api/v1/devices", &device).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
    let url = json!({ "export_url": "http://192.0.2.1/" });
    let saved = world.post("/api/export-config", &url).await.good();
    assert_eq!(saved.data()["start_from"], "2026-11-23 05:00:00");
}

#[tokio::test]
async fn null_and_empty_clear_the_url_and_nothing_else() {
    let world = World::open().await;
    for blank in [Value::Null, json!(""), json!("  ")] {
        let set =
            json!({ "export_url": "http://192.0.2.1/", "auto_export": true, "batch_size": 7 });
        world.post("/api/export-config", &set).await.good();
        let cleared = world
            .post("/api/export-config", &json!({ "export_url": blank }))
            .await
            .good()
            .data();
        assert_eq!(cleared["export_url"], Value::Null);
        assert_eq!(
            (&cleared["auto_export"], &cleared["batch_size"]),
            (&json!(true), &json!(7))
        );
    }
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_by_name_and_change_nothing() {
    let world = World::open().await;
    for (body, names) in [
        (
            json!({ "export_url": "http://169.254.169.254/latest" }),
            "export_url",
        ),
        (json!({ "export_url": "http://[::1]:9/" }), "export_url"),
        (json!({ "export_url": "ftp://192.0.2.1/" }), "export_url"),
        (json!({ "export_url": "not a url" }), "export_url"),
        (
            json!({ "export_url": "http://user:secret@192.0.2.1/" }),
            "export_url",
        ),
        (json!({ "export_url": 7.5 }), "export_url"),
        (json!({ "batch_size": 0 }), "batch_size"),
        (json!({ "batch_size": 10001 }), "batch_size"),
        (json!({ "auto_export": "maybe" }), "auto_export"),
        (json!({ "start_from": "soon" }), "start_from"),
        (json!({ "include_record_id": [] }), "include_record_id"),
    ] {
        let answer = world.post("/api/export-config", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.message().contains(names),
            "{body}: {}",
            answer.message()
        );
    }
    assert_eq!(
        world.get("/api/export-config").await.data()["export_url"],
        Value::Null
    );
}

async fn with_receiver(receiver: &Receiver, auto_export: bool) -> World {
    let world = World::open().await;
    let settings = json!({ "export_url": receiver.url(), "auto_export": auto_export, "start_from": "2026-11-22" });
    world.post("/api/export-config", &settings).await.good();
    world
}

#[tokio::test]
async fn sending_without_a_url_is_refused() {
    let world = World::open().await;
    let answer = world.post("/api/send-attendance", &json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (400, "no_export_url")
    );
}

#[tokio::test]
async fn sending_waits_for_the_receiver_and_sends_once() {
    let receiver = Receiver::start().await;
    let world = with_receiver(&receiver, false).await;
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(&gate, punches("GATE1", 3, 1), now())
        .await;
    world
        .ledger
        .take_in(
            &gate,
            vec![punch("GATE1", "0042", "2026-11-01 09:00:00")],
            now(),
        )
        .await;

    let asked = json!({ "emp_no": ["0042"], "start_date": "2026-11-01", "end_date": "2026-11-01" });
    let first = world.post("/api/send-attendance", &asked).await.good();
    let data = first.data();
    let job = data["job_id"].as_i64().unwrap();
    assert_eq!(
        data,
        json!({ "matched": 1, "queued": 1, "delivered": 1, "skipped": 0, "failed": 0, "job_id": job }),
        "{}",
        first.message()
    );
    assert_eq!(receiver.requests().len(), 1);
    let records = receiver.requests()[0].records();
    assert_eq!(records[0]["employee_id"], "0042");

    let again = world
        .post("/api/send-attendance?emp_no=0042", &json!({}))
        .await
        .good()
        .data();
    assert_eq!(
        (&again["delivered"], &again["skipped"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(receiver.requests().len(), 1);

    let forced = world
        .post(
            "/api/send-attendance?emp_no=0042",
            &json!({ "force": true }),
        )
        .await
        .good()
        .data();
    assert_eq!(
        (&forced["delivered"], &forced["skipped"]),
        (&json!(1), &json!(0))
    );
    let requests = receiver.requests();
    assert_eq!(requests[1].key(), requests[0].key());

    let all = world.post("/api/send-attendance", &Value::Null).await;
    assert_eq!(all.status, 400, "null is no object");
    let all = world.send(crate::world::request(
        axum::http::Method::POST,
        "/api/send-attendance",
        None,
        axum::body::Body::empty(),
    ));
    let all = all.await.good().data();
    assert_eq!(
        (&all["matched"], &all["delivered"], &all["skipped"]),
        (&json!(4), &json!(3), &json!(1))
    );

    let job = world
        .get(&format!("/api/v1/jobs/{job}"))
        .await
        .good()
        .data();
    assert_eq!(
        (&job["kind"], &job["state"]),
        (&json!("send_attendance"), &json!("done"))
    );
    assert_eq!(job["result"]["delivered"], 1);
}

#[tokio::test]
async fn a_body_wins_over_the_query() {
    let receiver = Receiver::start().await;
    let world = with_receiver(&receiver, false).await;
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(&gate, punches("GATE1", 4, 2), now())
        .await;
    let sent = world
        .post(
            "/api/send-attendance?emp_no=1&force=1",
            &json!({ "user_id": 2 }),
        )
        .await
        .good()
        .data();
    assert_eq!(sent["matched"], 2);
    assert!(
        receiver
            .requests()
            .iter()
            .flat_map(test_kit::Request::pins)
            .all(|pin| pin == "2")
    );
}

#[tokio::test]
async fn what_is_refused_is_counted_as_failed() {
    let receiver = Receiver::start().await;
    receiver.answer(|_| Reply::status(422));
    let world = with_receiver(&receiver, false).await;
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(
            &gate,
            vec![punch("GATE1", "1", "2026-11-23 08:00:00")],
            now(),
        )
        .await;
    let sent = world.post("/api/send-attendance", &json!({})).await.good();
    assert_eq!(
        (&sent.data()["delivered"], &sent.data()["failed"]),
        (&json!(0), &json!(1)),
        "{}",
        sent.message()
    );
}

#[tokio::test]
async fn saving_unchanged_settings_resumes_a_paused_destination() {
    let receiver = Receiver::start().await;
    receiver.answer_next(Reply::status(401));
    let world = with_receiver(&receiver, true).await;
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(
            &gate,
            vec![punch("GATE1", "1", "2026-11-23 08:00:00")],
            now(),
        )
        .await;
    world.post("/api/export-config", &json!({})).await.good();
    let paused = world
        .until("/api/export-config", "a pause", |data| {
            data["paused"].is_object()
        })
        .await;
    assert!(
        paused["paused"]["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty())
    );
    let status = world.get("/api/sync-status").await.good().data();
    assert_eq!(
        (&status["destinations"][0]["state"], &status["waiting"]),
        (&json!("paused"), &json!(1))
    );

    world.post("/api/export-config", &json!({})).await.good();
    let wait = tokio::time::timeout(Duration::from_secs(20), receiver.wait_for_requests(2));
    assert_eq!(wait.await.unwrap().len(), 2);
    world
        .until("/api/sync-status", "delivery", |data| {
            data["delivered"] == 1
        })
        .await;
}

#[tokio::test]
async fn sending_to_a_paused_destination_answers_at_once_and_says_so() {
    let receiver = Receiver::start().await;
    receiver.answer(|_| Reply::status(403));
    let world = with_receiver(&receiver, false).await;
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(&gate, punches("GATE1", 3, 1), now())
        .await;
    let everything = json!({});
    let sent = world.post("/api/send-attendance", &everything);
    let sent = tokio::time::timeout(Duration::from_secs(15), sent)
        .await
        .unwrap()
        .good();
    assert_eq!(
        (&sent.data()["queued"], &sent.data()["delivered"]),
        (&json!(3), &json!(0))
    );
    assert!(sent.message().contains("paused"), "{}", sent.message());
}

#[tokio::test]
async fn a_misspelt_filter_sends_nothing_instead_of_everything() {
    let receiver = Receiver::start().await;
    let world = with_receiver(&receiver, false).await;
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(&gate, punches("GATE1", 3, 1), now())
        .await;
    let body = json!({ "empno": "1", "force": true });
    let answer = world.post("/api/send-attendance", &body).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let message = answer.message();
    assert!(
        message.contains("empno") && message.contains("emp_no"),
        "{message}"
    );
    assert!(receiver.requests().is_empty());
}

//! How a terminal is treated: settings, held punches, corrections.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use test_kit::{implausible, punch};

use crate::world::{World, now};

const LIST: &str = "/api/v1/devices";

#[tokio::test]
async fn a_device_is_treated_as_it_is_set() {
    let world = World::open().await;
    let new = json!({
        "address": "192.0.2.20", "enabled": false, "live": "off", "clock_policy": "correct", "clock_correct_over": 60,
        "code_page": "CP1256", "order16": "verify_first", "site": "Warehouse",
    });
    let added = world.post(LIST, &new).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let added = added.data();
    for (key, value) in [
        ("live", json!("off")),
        ("clock_policy", json!("correct")),
        ("clock_correct_over", json!(60)),
        ("code_page", json!("windows-1256")),
        ("order16", json!("verify_first")),
        ("site", json!("Warehouse")),
    ] {
        assert_eq!(added[key], value, "{key}");
    }
    let wish = json!({
        "live": "auto", "clock_policy": "measure", "code_page": "auto", "order16": "state_first", "site": null,
    });
    let changed = world
        .call(Method::PATCH, &format!("{LIST}/1"), None, &wish)
        .await
        .good()
        .data();
    for (key, value) in [
        ("live", json!("auto")),
        ("clock_policy", json!("measure")),
        ("clock_correct_over", Value::Null),
        ("code_page", Value::Null),
        ("order16", json!("state_first")),
        ("site", Value::Null),
    ] {
        assert_eq!(changed[key], value, "{key}");
    }
}

#[tokio::test]
async fn treatment_that_cannot_be_is_refused_by_name() {
    let world = World::open().await;
    for (body, names) in [
        (json!({ "live": "always" }), "live"),
        (json!({ "clock_policy": "guess" }), "clock_policy"),
        (json!({ "clock_correct_over": 1 }), "clock_correct_over"),
        (
            json!({ "clock_policy": "measure", "clock_correct_over": 60 }),
            "clock_correct_over",
        ),
        (json!({ "code_page": "klingon" }), "code_page"),
        (json!({ "order16": "either" }), "order16"),
        (json!({ "site": "two\nlines" }), "site"),
        (json!({ "lvie": "off" }), "lvie"),
    ] {
        let mut body = body;
        body["address"] = json!("192.0.2.20");
        let answer = world.post(LIST, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(
            answer.message().contains(names),
            "{body}: {}",
            answer.message()
        );
    }
}

#[tokio::test]
async fn a_zone_that_was_wrong_since_a_day_corrects_the_instants_from_then_on() {
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    let punches = vec![
        punch("GATE1", "1", "2026-11-20 08:00:00"),
        punch("GATE1", "1", "2026-11-22 08:00:00"),
    ];
    world.ledger.take_in(&gate, punches, now()).await;
    let path = format!("{LIST}/GATE1");
    let alone = world
        .call(
            Method::PATCH,
            &path,
            None,
            &json!({ "zone_from": "2026-11-21" }),
        )
        .await;
    assert_eq!(alone.status, StatusCode::BAD_REQUEST);
    let wish = json!({ "zone": "Asia/Baghdad", "zone_from": "2026-11-21" });
    let changed = world.call(Method::PATCH, &path, None, &wish).await.good();
    assert_eq!(changed.data()["corrected_records"], 1);
    assert_eq!(changed.data()["zone"], "Asia/Baghdad");
    let corrections = world
        .get("/api/v1/corrections?device=GATE1")
        .await
        .good()
        .data();
    let correction = &corrections["corrections"][0];
    assert_eq!(corrections["corrections"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&correction["kind"], &correction["instant"]),
        (&json!("zone"), &json!("2026-11-22T05:00:00Z"))
    );
    assert_eq!(correction["by"], "this machine");
}

async fn with_held() -> World {
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    let punches = vec![
        punch("GATE1", "1", "2026-11-22 08:00:00"),
        implausible(punch("GATE1", "1", "2000-01-01 08:00:00")),
        implausible(punch("GATE1", "007", "2000-01-01 09:00:00")),
    ];
    world.ledger.take_in(&gate, punches, now()).await;
    world
}

#[tokio::test]
async fn held_punches_are_listed_by_filter_and_page() {
    let world = with_held().await;
    let first = world
        .get("/api/v1/punches/held?limit=1&shift_seconds=3600")
        .await
        .good()
        .data();
    assert_eq!(first["total"], 2);
    assert_eq!(
        (
            &first["records"][0]["timestamp"],
            &first["records"][0]["shifted"],
            &first["records"][0]["flag"]
        ),
        (
            &json!("2000-01-01 08:00:00"),
            &json!("2000-01-01 09:00:00"),
            &json!("implausible")
        )
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world
        .get(&format!("/api/v1/punches/held?cursor={cursor}"))
        .await
        .good()
        .data();
    assert_eq!(second["records"][0]["employee_id"], "007");
    let of_one = world
        .get("/api/v1/punches/held?emp_no=007&device=GATE1")
        .await
        .good()
        .data();
    assert_eq!(of_one["total"], 1);
    let alarms = world.get("/api/sync-status").await.good().data()["alarms"].clone();
    assert_eq!(alarms[0]["code"], "held_records", "{alarms}");
}

#[tokio::test]
async fn a_release_says_first_what_it_would_do_and_moves_times() {
    let world = with_held().await;
    let path = "/api/v1/punches/held/release";
    let days = 9_822 * 86_400;
    let wish = json!({ "emp_no": "1", "shift_seconds": days, "reason": "the battery was empty" });
    let mut dry = wish.clone();
    dry["dry_run"] = json!(true);
    let planned = world.post(path, &dry).await.good().data();
    assert_eq!(
        (&planned["released"], &planned["queued"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(planned["records"][0]["shifted"], "2026-11-22 08:00:00");
    assert_eq!(
        world.get("/api/v1/punches/held").await.data()["total"],
        2,
        "nothing was done"
    );
    let done = world.post(path, &wish).await.good().data();
    assert_eq!((&done["released"], &done["left"]), (&json!(1), &json!(0)));
    let left = world.get("/api/v1/punches/held").await.data();
    assert_eq!(left["records"][0]["employee_id"], "007");
    let correction = world.get("/api/v1/corrections").await.data()["corrections"][0].clone();
    assert_eq!(
        (&correction["given"], &correction["timestamp"]),
        (&json!("2000-01-01 08:00:00"), &json!("2026-11-22 08:00:00"))
    );
    assert_eq!(correction["reason"], "the battery was empty");

    let id = left["records"][0]["id"].clone();
    let one = json!({ "ids": [id], "reason": "it is so" });
    assert_eq!(world.post(path, &one).await.good().data()["released"], 1);
    assert_eq!(world.get("/api/v1/punches/held").await.data()["total"], 0);
}

#[tokio::test]
async fn a_release_without_a_reason_or_with_a_misspelt_filter_does_nothing() {
    let world = with_held().await;
    for (body, names) in [
        (json!({}), "reason"),
        (json!({ "reason": " " }), "reason"),
        (json!({ "reason": "x", "empno": "1" }), "empno"),
        (json!({ "reason": "x", "ids": [] }), "ids"),
        (
            json!({ "reason": "x", "shift_seconds": "a day" }),
            "shift_seconds",
        ),
    ] {
        let answer = world.post("/api/v1/punches/held/release", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(
            answer.message().contains(names),
            "{body}: {}",
            answer.message()
        );
    }
    assert_eq!(world.get("/api/v1/punches/held").await.data()["total"], 2);
}

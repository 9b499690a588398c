use axum::http::Method;
use serde_json::{Value, json};

use crate::world::World;

const LIST: &str = "/api/v1/devices";

#[tokio::test]
async fn a_device_is_registered_changed_and_removed_without_being_reachable() {
    let world = World::open().await;
    let new = json!({
        "name": "Front gate",
        "address": "192.0.2.20",
        "protocol": "UDP",
        "key": 4711,
        "zone": "Asia/Karachi",
        "interval": "5m",
        "enabled": false,
    });
    let added = world.post(LIST, &new).await;
    assert_eq!(added.status, 201, "{}", added.text());
    insta::assert_json_snapshot!("device_added", added.envelope());
    assert!(!added.text().contains("4711"), "the key is never shown");

    let change =
        json!({ "interval": null, "zone": null, "key": "***", "name": "Gate", "timeout": 2.5 });
    let changed = world
        .call(Method::PATCH, &format!("{LIST}/1"), None, &change)
        .await
        .good()
        .data();
    assert_eq!(changed["interval"], Value::Null);
    assert_eq!(changed["zone"], Value::Null);
    assert_eq!(changed["key"], "***");
    assert_eq!(
        (&changed["name"], &changed["timeout"]),
        (&json!("Gate"), &json!(2.5))
    );
    let keyless = world
        .call(
            Method::PATCH,
            &format!("{LIST}/1"),
            None,
            &json!({ "key": null }),
        )
        .await
        .good()
        .data();
    assert_eq!(keyless["key"], Value::Null);

    let removed = world
        .call(
            Method::DELETE,
            &format!("{LIST}/192.0.2.20"),
            None,
            &json!({}),
        )
        .await
        .good()
        .data();
    assert!(removed["closed_at"].is_string());
    assert_eq!(world.get(LIST).await.good().data()["count"], 0);
    let still_known = world.get(&format!("{LIST}/1")).await.good().data();
    assert_eq!(still_known["name"], "Gate");
    let late = world
        .call(
            Method::PATCH,
            &format!("{LIST}/1"),
            None,
            &json!({ "name": "x" }),
        )
        .await;
    assert_eq!(late.status, 409);
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_by_name() {
    let world = World::open().await;
    for (body, names) in [
        (json!({}), "address"),
        (json!({ "address": "" }), "address"),
        (json!({ "address": "a b" }), "address"),
        (json!({ "address": "192.0.2.1:0" }), "address"),
        (
            json!({ "address": "192.0.2.1", "protocol": "serial" }),
            "protocol",
        ),
        (json!({ "address": "192.0.2.1", "key": "secret" }), "key"),
        (
            json!({ "address": "192.0.2.1", "zone": "Mars/Olympus" }),
            "zone",
        ),
        (json!({ "address": "192.0.2.1", "interval": 9 }), "interval"),
        (
            json!({ "address": "192.0.2.1", "interval": "25h" }),
            "interval",
        ),
        (
            json!({ "address": "192.0.2.1", "interval": "often" }),
            "interval",
        ),
        (json!({ "address": "192.0.2.1", "timeout": 0 }), "timeout"),
        (
            json!({ "address": "192.0.2.1", "enabled": "perhaps" }),
            "enabled",
        ),
        (
            json!({ "address": "192.0.2.1", "name": "two\nlines" }),
            "name",
        ),
    ] {
        let answer = world.post(LIST, &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.message().contains(names),
            "{body}: {}",
            answer.message()
        );
    }
    assert_eq!(world.get(LIST).await.good().data()["count"], 0);
}

#[tokio::test]
async fn two_devices_cannot_have_one_address() {
    let world = World::open().await;
    let body = json!({ "address": "192.0.2.20", "enabled": false });
    assert_eq!(world.post(LIST, &body).await.status, 201);
    let second = world.post(LIST, &body).await;
    assert_eq!(second.status, 409, "{}", second.text());
    assert!(
        second.message().contains("192.0.2.20"),
        "{}",
        second.message()
    );
}

#[tokio::test]
async fn another_device_can_be_made_the_default() {
    let world = World::open().await;
    for address in ["192.0.2.20", "192.0.2.21"] {
        world
            .post(LIST, &json!({ "address": address, "enabled": false }))
            .await;
    }
    assert_eq!(
        world.get("/api/device-info").await.data()["ip"],
        "192.0.2.20"
    );
    world
        .call(
            Method::PATCH,
            &format!("{LIST}/2"),
            None,
            &json!({ "default": true }),
        )
        .await
        .good();
    assert_eq!(
        world.get("/api/device-info").await.data()["ip"],
        "192.0.2.21"
    );
}

#[tokio::test]
async fn history_and_notices_are_paged() {
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    for code in ["a", "b", "c"] {
        world
            .ledger
            .record_failed_contact(gate.id, code, "it failed", crate::world::now())
            .await
            .unwrap();
    }
    let first = world
        .get("/api/v1/sync-runs?limit=2&device=GATE1")
        .await
        .good()
        .data();
    assert_eq!(first["runs"].as_array().unwrap().len(), 2);
    assert_eq!(first["runs"][0]["error_code"], "c");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world
        .get(&format!("/api/v1/sync-runs?limit=2&cursor={cursor}"))
        .await
        .good()
        .data();
    assert_eq!(second["runs"][0]["error_code"], "a");
    assert_eq!(second["next_cursor"], Value::Null);
    assert_eq!(
        world.get("/api/v1/notices").await.good().data()["notices"],
        json!([])
    );
}

#[tokio::test]
async fn a_blank_in_the_place_of_a_device_does_not_mean_the_default_one() {
    let world = World::open().await;
    world.terminal("GATE1").await;
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let answer = world
            .call(method, &format!("{LIST}/%20"), None, &json!({}))
            .await;
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
    let list = world.get(LIST).await.good().data();
    assert_eq!(list["count"], 1);
}

#[tokio::test]
async fn a_device_is_registered_with_the_words_of_connect_too() {
    let world = World::open().await;
    let new = json!({ "ip": "192.0.2.21", "port": "4371", "password": "12", "enabled": false });
    let added = world.post(LIST, &new).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let added = added.data();
    assert_eq!(added["address"], "192.0.2.21:4371");
    assert_eq!(added["key"], "***");
    let wrong = world
        .post(LIST, &json!({ "ip": "192.0.2.22", "port": 70_000 }))
        .await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("port"), "{}", wrong.text());
}

#[tokio::test]
async fn a_misspelt_setting_of_a_new_device_is_refused_by_name() {
    let world = World::open().await;
    let new = json!({ "address": "192.0.2.23", "comkey": 12, "enabled": false });
    let refused = world.post(LIST, &new).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("comkey"), "{}", refused.text());
}

//! Users and fingerprints of terminals, over the API.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use zk_terminal::TerminalConfig;

use crate::{
    commands::with_terminal,
    users::{connect, terminal},
    world::World,
};

const GATE: &str = "/api/v1/devices/1";

fn with_fingers() -> TerminalConfig {
    TerminalConfig {
        fingers: 2,
        ..TerminalConfig::default()
    }
}

#[tokio::test]
async fn many_users_are_saved_at_once_and_a_bad_one_stops_nobody() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let body = json!({ "users": [
        { "user_id": 42, "name": "Ana", "privilege": "admin" },
        { "user_id": "007", "name": "Jane Smith" },
        { "user_id": "8", "card": "none" },
        { "user_id": "no spaces allowed here", "name": "x" },
    ] });
    let mut dry = body.clone();
    dry["dry_run"] = json!(true);
    let planned = world
        .post(&format!("{GATE}/users"), &dry)
        .await
        .good()
        .data();
    assert_eq!(
        (&planned["added"], &planned["dry_run"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(gate.users().len(), 2, "nothing was written");
    let saved = world
        .post(&format!("{GATE}/users"), &body)
        .await
        .good()
        .data();
    assert_eq!(
        (&saved["added"], &saved["unchanged"], &saved["failed"]),
        (&json!(1), &json!(1), &json!(2)),
        "{saved}"
    );
    assert!(
        saved["users"][2]["reason"]
            .as_str()
            .unwrap()
            .contains("card"),
        "{saved}"
    );
    let ana = gate.users().into_iter().find(|user| user.pin == "42");
    assert_eq!(ana.map(|user| user.privilege), Some(14));
    let listed = world.get(&format!("{GATE}/users")).await.good().data();
    assert_eq!(listed["count"], 3);
    let none = world
        .post(&format!("{GATE}/users"), &json!({ "users": [] }))
        .await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    gate.stop().await;
}

#[tokio::test]
async fn fingerprints_are_read_listed_without_their_bytes_deleted_and_written_back() {
    let (world, gate) = with_terminal(with_fingers()).await;
    let path = format!("{GATE}/templates");
    let before = world.get(&path).await.good().data();
    assert_eq!(before["people"], json!([]));
    let read = world
        .post(&format!("{path}/read"), &json!({}))
        .await
        .good()
        .data();
    assert_eq!(
        (&read["templates"], &read["people"]),
        (&json!(4), &json!(2))
    );
    let first = world.get(&format!("{path}?limit=1")).await.good().data();
    assert_eq!(first["total"], 2);
    let person = &first["people"][0];
    assert_eq!(
        (&person["user_id"], &person["name"]),
        (&json!("007"), &json!("Jane Smith"))
    );
    assert!(person["templates"][0]["size"].as_u64().unwrap() > 0);
    let keys: Vec<_> = person["templates"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["algorithm", "duress", "finger", "read_at", "size"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world
        .get(&format!("{path}?cursor={cursor}"))
        .await
        .good()
        .data();
    assert_eq!(
        (&second["people"][0]["user_id"], &second["next_cursor"]),
        (&json!("1"), &Value::Null)
    );

    let finger = person["templates"][0]["finger"].as_u64().unwrap();
    let wrong = world
        .call(Method::DELETE, &format!("{path}/007/10"), None, &json!({}))
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    world
        .call(
            Method::DELETE,
            &format!("{path}/007/{finger}"),
            None,
            &json!({}),
        )
        .await
        .good();
    assert_eq!(gate.templates().len(), 3);
    let left = world.get(&format!("{path}?user_id=007")).await.data();
    assert_eq!(left["people"][0]["templates"].as_array().unwrap().len(), 1);
    let written = world
        .post(&format!("{path}/write"), &json!({ "user_ids": ["007"] }))
        .await
        .good()
        .data();
    assert_eq!(written["people"][0]["user_id"], "007", "{written}");
    gate.stop().await;
}

#[tokio::test]
async fn people_are_copied_with_their_fingerprints_to_another_device() {
    let (world, gate) = with_terminal(with_fingers()).await;
    let other = terminal(TerminalConfig {
        serial: "OTHER1".to_owned(),
        ..TerminalConfig::default()
    })
    .await;
    other.remove_user("007");
    connect(&world, &other).await;
    let path = format!("{GATE}/copy");
    for (body, names) in [
        (json!({ "user_ids": "007" }), "to"),
        (json!({ "to": "OTHER1" }), "user_ids"),
        (json!({ "to": "1", "user_ids": "007" }), "to is the device"),
    ] {
        let answer = world.post(&path, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.message().contains(names), "{}", answer.message());
    }
    let body = json!({ "to": "OTHER1", "user_ids": ["007", "99"], "dry_run": true });
    let planned = world.post(&path, &body).await.good().data();
    assert_eq!(
        (&planned["copied"], &planned["failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(other.users().len(), 1, "nothing was written");
    let body = json!({ "to": "OTHER1", "user_ids": "all" });
    let copied = world.post(&path, &body).await.good().data();
    assert_eq!(copied["failed"], 0, "{copied}");
    assert!(other.users().iter().any(|user| user.pin == "007"));
    assert_eq!(other.templates().len(), 4);
    gate.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn a_device_that_does_not_answer_says_so() {
    let world = World::open().await;
    let gate = terminal(TerminalConfig::default()).await;
    connect(&world, &gate).await;
    gate.stop().await;
    let answer = world
        .post(&format!("{GATE}/templates/read"), &json!({}))
        .await;
    assert_eq!(
        answer.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        answer.text()
    );
    assert_eq!(answer.code(), "device_not_connected");
}

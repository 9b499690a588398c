//! Many terminals, and many user ids that nobody knows.

use axum::http::Method;
use serde_json::json;
use test_kit::punch;

use crate::{
    browser::Browser,
    world::{World, now},
};

#[tokio::test]
async fn of_many_terminals_those_in_need_are_shown_and_all_are_found() {
    let world = World::open().await;
    for number in 1..=40 {
        let device = json!({
            "address": format!("192.0.2.{number}"), "name": format!("Plant {number:02}"), "enabled": number == 33,
        });
        let added = world.post("/api/v1/devices", &device).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
    let browser = Browser::new(&world);
    let overview = browser.get("/").await;
    let shown = overview.text();
    assert!(shown.contains("Plant 33"), "it has not been reached yet");
    assert!(shown.contains("and 34 others, all of them well"), "{shown}");
    assert!(!shown.contains("Plant 40"));
    let first = browser.get("/terminals").await;
    assert_eq!(first.text().matches("class=\"sheet card\"").count(), 30);
    assert!(first.text().contains("40 of 40 terminals"));
    let second = browser.get("/terminals?page=1").await;
    assert_eq!(second.text().matches("class=\"sheet card\"").count(), 10);
    let found = browser.get("/terminals?find=plant+07").await;
    assert!(found.text().contains("1 of 40 terminals") && found.text().contains("192.0.2.7:"));
    let nothing = browser.get("/terminals?find=harbour").await;
    assert!(nothing.text().contains("No terminal is called so"));
}

#[tokio::test]
async fn many_whom_nobody_knows_are_added_at_once_but_none_who_may_be_known() {
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    let mut punches = Vec::new();
    for (pin, name) in [("41", "Ada"), ("42", "Bo"), ("43", "Dana")] {
        let mut made = punch("GATE1", pin, "2026-11-23 08:00:00");
        name.clone_into(&mut made.person_name);
        punches.push(made);
    }
    world.ledger.take_in(&gate, punches, now()).await;
    let quiet = world.get("/api/sync-status").await.good().data();
    assert_eq!(quiet["alarms"], json!([]), "nobody keeps people here");
    let dana = json!({ "employee_number": "7", "name": "Dana" });
    world.post("/api/v1/people", &dana).await;
    let status = world.get("/api/sync-status").await.good().data();
    assert_eq!(status["alarms"][0]["code"], "open_questions");

    let items = world.get("/api/v1/inbox").await.good().data()["items"].clone();
    let ids: Vec<i64> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_i64().unwrap())
        .collect();
    let body = json!({ "ids": ids, "answer": "new_person" });
    let done = world.post("/api/v1/inbox/answer", &body).await.good();
    assert_eq!(done.data()["answered"], 2);
    let rest = world.get("/api/v1/inbox").await.good().data();
    assert_eq!(
        (&rest["open"], &rest["items"][0]["user_id"]),
        (&json!(1), &json!("43"))
    );
    let ada = world.get("/api/attendance?emp_no=41").await.good().data();
    assert_eq!(ada["records"][0]["employee_name"], "Ada");
    let people = world.get("/api/v1/people?text=Ada").await.good().data();
    assert_eq!(people["people"][0]["employee_number"], "41");
}

#[tokio::test]
async fn a_question_still_names_a_terminal_that_was_removed() {
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    let made = punch("GATE1", "41", "2026-11-23 08:00:00");
    world.ledger.take_in(&gate, vec![made], now()).await;
    let name = json!({ "name": "Old gate" });
    world
        .call(Method::PATCH, "/api/v1/devices/1", None, &name)
        .await
        .good();
    world
        .call(Method::DELETE, "/api/v1/devices/1", None, &json!({}))
        .await
        .good();
    let browser = Browser::new(&world);
    let page = browser.get("/people/inbox").await;
    assert!(page.text().contains("at Old gate"), "{}", page.text());
}

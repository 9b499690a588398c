//! Punches told as the people who made them.

use axum::{body::Body, http::Method};
use serde_json::{Value, json};
use test_kit::punch;

use crate::{
    browser::Browser,
    world::{World, now, request},
};

/// Dana, number E-7, punches as 42 at one gate; at the other that is somebody nobody knows.
async fn with_dana() -> World {
    let world = World::open().await;
    for (serial, time) in [
        ("GATE1", "2026-11-23 08:00:00"),
        ("YARD002", "2026-11-23 08:30:00"),
    ] {
        let terminal = world.terminal(serial).await;
        let mut made = punch(serial, "42", time);
        "=terminal's name".clone_into(&mut made.person_name);
        world.ledger.take_in(&terminal, vec![made], now()).await;
    }
    let dana = json!({ "employee_number": "007", "name": "Dana" });
    world.post("/api/v1/people", &dana).await;
    let mapping = json!({ "user_id": "42", "employee_number": "007", "device": "GATE1" });
    world.post("/api/v1/mappings", &mapping).await.good();
    world
}

fn told(data: &Value) -> Vec<[&str; 3]> {
    let records = data["records"].as_array().unwrap().iter();
    records
        .map(|record| {
            ["employee_id", "employee_name", "user_id"].map(|key| record[key].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn a_record_names_the_person_behind_its_user_id_there_and_then() {
    let world = with_dana().await;
    let all = world.get("/api/attendance").await.good().data();
    assert_eq!(
        told(&all),
        [["007", "Dana", "42"], ["42", "=terminal's name", "42"]]
    );
    let groups = world.get("/api/attendance?group=user_date").await.good();
    let groups = groups.data();
    let people: Vec<&Value> = groups["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| &group["employee_id"])
        .collect();
    assert_eq!(people, ["007", "42"]);
}

#[tokio::test]
async fn people_are_found_by_employee_number_and_others_by_user_id() {
    let world = with_dana().await;
    for (emp_no, found) in [("007", 1), ("42", 2), ("007,42", 2), ("7", 0)] {
        let path = format!("/api/attendance?emp_no={emp_no}");
        let data = world.get(&path).await.good().data();
        assert_eq!(data["total"], found, "{emp_no}");
    }
}

#[tokio::test]
async fn a_misspelt_filter_sends_nothing_and_is_told_of_a_list() {
    let world = with_dana().await;
    let settings = json!({ "export_url": "http://127.0.0.1:9/p" });
    world.post("/api/export-config", &settings).await.good();
    let sent = world
        .post("/api/send-attendance?empno=007", &json!({}))
        .await;
    assert_eq!(sent.status, 400, "{}", sent.text());
    assert!(sent.message().contains("nothing here knows empno"));
    let list = world.get("/api/attendance?startdate=2026-11-01&_=5").await;
    let told = list.good().message();
    assert_eq!(
        told,
        "2 records; nothing here knows startdate, so that narrows nothing"
    );
}

#[tokio::test]
async fn the_mark_that_windows_tools_put_before_json_is_no_error() {
    let world = World::open().await;
    let body = Body::from("\u{feff}{\"auto_export\": false}");
    let request = request(Method::POST, "/api/export-config", None, body);
    world.send(request).await.good();
}

#[tokio::test]
async fn whom_people_find_by_name_leads_to_their_punches() {
    let world = with_dana().await;
    let browser = Browser::new(&world);
    let page = browser.get("/people/1").await;
    assert!(page.text().contains("href=\"/punches?emp_no=007\""));
}

#[tokio::test]
async fn a_file_for_spreadsheets_keeps_zeros_and_runs_no_formula() {
    let world = with_dana().await;
    let file = world.get("/api/attendance?format=sheet").await;
    let text = file.text();
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    assert!(
        head.starts_with("\u{feff}employee_id,employee_name,"),
        "{head}"
    );
    let row = lines.next().unwrap();
    assert!(
        row.starts_with("\"=\"\"007\"\"\",Dana,2026-11-23 08:00:00,"),
        "{row}"
    );
    let row = lines.next().unwrap();
    assert!(row.starts_with("42,'=terminal's name,"), "{row}");
    let plain = world.get("/api/attendance?format=csv").await;
    assert!(plain.text().contains("\n007,Dana,"));
}

#[tokio::test]
async fn the_list_of_punches_says_of_each_how_far_it_is_on_its_way() {
    let world = with_dana().await;
    let browser = Browser::new(&world);
    let page = browser.get("/punches?emp_no=007").await;
    let shown = page.text();
    assert!(
        shown.contains("Dana") && !shown.contains(">Sent<"),
        "there is no destination"
    );
    let settings = json!({ "export_url": "http://127.0.0.1:9/p", "start_from": "2026-11-01" });
    world.post("/api/export-config", &settings).await.good();
    let late = punch("GATE1", "42", "2026-11-23 09:00:00");
    let gate = world.ledger.terminals().await.unwrap().remove(0);
    world.ledger.take_in(&gate, vec![late], now()).await;
    let page = browser.get("/punches?emp_no=007").await;
    assert!(page.text().contains(">Sent<") && page.text().contains("Waiting"));
}

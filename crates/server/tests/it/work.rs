//! Work in the background, begun and looked at on pages: checks, clearing, copying; and what was done at a terminal.

use axum::http::{Method, StatusCode};
use domain::Role;
use serde_json::{Value, json};
use zk_terminal::{CounterShape, TerminalConfig};

use crate::{
    browser::{Browser, header},
    commands::with_terminal,
    users::{connect, terminal},
    world::{Answer, World},
};

/// The job that a form began, once it has ended, and its page.
async fn ended(world: &World, begun: &Answer) -> (Value, Answer) {
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    let page = header(begun, "location");
    assert!(page.starts_with("/jobs/"), "{page}");
    let job = world
        .until(&format!("/api/v1{page}"), "its end", |job| {
            job["state"] != "running"
        })
        .await;
    let page = world.get(page).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    (job, page)
}

fn has(page: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(page.text().contains(text), "{text} in {}", page.text());
    }
}

#[tokio::test]
async fn a_check_tells_its_steps_while_the_line_steps_aside() {
    let (world, gate) = with_terminal(TerminalConfig {
        max_connections: 1,
        ..TerminalConfig::default()
    })
    .await;
    let browser = Browser::new(&world);
    let token = browser.token("/terminals/1/check").await;
    let too_long = browser
        .post("/terminals/1/check", &format!("token={token}&live=61"))
        .await;
    assert_eq!(too_long.status, StatusCode::BAD_REQUEST);
    has(&too_long, &["at most 60"]);
    let begun = browser
        .post("/terminals/1/check", &format!("token={token}&capture=1"))
        .await;
    let (job, page) = ended(&world, &begun).await;
    assert_eq!(
        (&job["kind"], &job["state"], &job["result"]["captured"]),
        (&json!("examine_device"), &json!("done"), &json!(true)),
        "{job}"
    );
    assert_eq!(job["result"]["steps"].as_array().unwrap().len(), 9);
    has(&page, &["Is its clock right?", gate.serial().as_str()]);
    assert_eq!(gate.activity().turned_away, 0, "one connection at a time");

    let capture = format!("{}/capture", header(&begun, "location"));
    let capture = world.get(&capture).await;
    assert!(header(&capture, "content-disposition").contains("attachment"));
    assert!(capture.text().starts_with("zk-capture 1\n"));
    has(
        &browser.get("/terminals/1").await,
        &["Check of the terminal"],
    );
    gate.stop().await;
}

#[tokio::test]
async fn a_check_of_a_terminal_that_is_gone_says_what_to_do() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    gate.stop().await;
    let browser = Browser::new(&world);
    let token = browser.token("/terminals/1/check").await;
    let begun = browser
        .post("/terminals/1/check", &format!("token={token}"))
        .await;
    let (job, page) = ended(&world, &begun).await;
    assert_eq!(job["result"]["outcome"], "failed", "{job}");
    has(&page, &["Something is in the way", "What to do:"]);
    let capture = format!("{}/capture", header(&begun, "location"));
    let capture = browser.get(&capture).await;
    assert_eq!(capture.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_administrators_keep_and_get_a_conversation() {
    let world = World::with_keys().await;
    world.terminal("A").await;
    let operator = Browser::with_key(&world, Role::Operator);
    let page = operator.get("/terminals/1/check").await;
    assert!(!page.text().contains("name=\"capture\""));
    let token = operator.token("/terminals/1/check").await;
    let form = format!("token={token}&capture=1");
    let refused = operator.post("/terminals/1/check", &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let capture = operator.get("/jobs/1/capture").await;
    assert_eq!(capture.status, StatusCode::FORBIDDEN);
    let viewer = Browser::with_key(&world, Role::Viewer);
    for path in ["check", "operations", "clear"] {
        let page = viewer.get(&format!("/terminals/1/{path}")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(
        operator.get("/terminals/1/clear").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_log_is_cleared_by_whoever_writes_the_name_of_the_terminal() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let rename = json!({ "name": "Front gate" });
    world
        .call(Method::PATCH, "/api/v1/devices/1", None, &rename)
        .await
        .good();
    let browser = Browser::new(&world);
    let page = browser.get("/terminals/1/clear").await;
    has(&page, &["Adds up", gate.serial().as_str()]);
    let token = browser.token("/terminals/1/clear").await;
    for (serial, name, why) in [
        (gate.serial(), "front", "Write the terminal&#39;s name"),
        (
            "OTHER".to_owned(),
            "Front gate",
            "Another terminal is behind",
        ),
    ] {
        let form = format!("token={token}&serial={serial}&name={name}");
        let refused = browser.post("/terminals/1/clear", &form).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{name}");
        has(&refused, &[why]);
    }
    assert_eq!(gate.punch_count(), 2, "nothing was cleared");
    let form = format!("token={token}&serial={}&name=Front+gate", gate.serial());
    let begun = browser.post("/terminals/1/clear", &form).await;
    let (job, page) = ended(&world, &begun).await;
    assert_eq!(
        (&job["kind"], &job["result"]["rows"]),
        (&json!("clear_log"), &json!(2)),
        "{job}"
    );
    assert_eq!(gate.punch_count(), 0);
    has(
        &page,
        &["2 punches were cleared", "Copied raw", "Counted after"],
    );
    gate.stop().await;
}

#[tokio::test]
async fn a_log_that_does_not_add_up_is_not_cleared_and_the_page_says_why() {
    let (world, gate) = with_terminal(TerminalConfig {
        counters: CounterShape::OneTooMany,
        ..TerminalConfig::default()
    })
    .await;
    let browser = Browser::new(&world);
    let name = world.get("/api/v1/devices/1").await.data()["name"].clone();
    let name = name.as_str().unwrap();
    let token = browser.token("/terminals/1/clear").await;
    let form = format!("token={token}&serial={}&name={name}", gate.serial());
    let begun = browser.post("/terminals/1/clear", &form).await;
    let (job, page) = ended(&world, &begun).await;
    assert_eq!(job["state"], "failed", "{job}");
    has(
        &page,
        &["It was not done", "does not add up", "Nothing was cleared"],
    );
    assert_eq!(gate.punch_count(), 2);
    gate.stop().await;
}

#[tokio::test]
async fn people_are_copied_after_a_check_that_writes_nothing() {
    let (world, gate) = with_terminal(TerminalConfig {
        fingers: 2,
        ..TerminalConfig::default()
    })
    .await;
    let other = terminal(TerminalConfig {
        serial: "OTHER1".to_owned(),
        ..TerminalConfig::default()
    })
    .await;
    other.remove_user("007");
    connect(&world, &other).await;
    let browser = Browser::new(&world);
    has(&browser.get("/users/copy?device=1").await, &["Jane Smith"]);
    let token = browser.token("/users/copy?device=1").await;
    let nobody = browser
        .post("/users/copy", &format!("token={token}&device=1&to=2"))
        .await;
    assert_eq!(nobody.status, StatusCode::BAD_REQUEST);
    has(&nobody, &["Nobody is ticked"]);
    let form = format!("token={token}&device=1&to=2&user_id=007");
    let begun = browser.post("/users/copy", &form).await;
    let (job, page) = ended(&world, &begun).await;
    assert_eq!(job["result"]["dry_run"], true, "{job}");
    has(
        &page,
        &[
            "same algorithm",
            "Will be added",
            "Copy now",
            "Nothing was written",
        ],
    );
    assert_eq!(other.users().len(), 1, "nothing was written");

    let form = format!("token={token}&checked={}", job["id"]);
    let begun = browser.post("/users/copy", &form).await;
    let (job, page) = ended(&world, &begun).await;
    assert_eq!(job["result"]["copied"], 1, "{job}");
    has(&page, &["1 person copied to", "read back"]);
    assert!(other.users().iter().any(|user| user.pin == "007"));
    assert_eq!(other.templates().len(), 2);
    gate.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn fingerprints_of_another_algorithm_are_told_before_anything_is_written() {
    let (world, gate) = with_terminal(TerminalConfig {
        fingers: 1,
        ..TerminalConfig::default()
    })
    .await;
    let other = terminal(TerminalConfig {
        serial: "OLD9".to_owned(),
        fingerprint_version: "9".to_owned(),
        ..TerminalConfig::default()
    })
    .await;
    connect(&world, &other).await;
    let browser = Browser::new(&world);
    let token = browser.token("/users/copy?device=1").await;
    let form = format!("token={token}&device=1&to=2&who=all");
    let begun = browser.post("/users/copy", &form).await;
    let (job, page) = ended(&world, &begun).await;
    assert_eq!(job["result"]["copied"], 0, "{job}");
    has(&page, &["which cannot read them", "Not possible"]);
    assert!(!page.text().contains("Copy now"));
    gate.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn what_was_done_at_a_terminal_is_read_once_and_then_looked_through() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let browser = Browser::new(&world);
    let path = "/terminals/1/operations";
    has(&browser.get(path).await, &["It was not read yet"]);
    world
        .post("/api/v1/devices/1/clock", &json!({}))
        .await
        .good();
    let token = browser.token(path).await;
    let read = browser.post(path, &format!("token={token}")).await;
    assert_eq!(
        (read.status, header(&read, "location")),
        (StatusCode::SEE_OTHER, path)
    );
    let sessions = gate.activity();
    has(&browser.get(path).await, &["Clock set"]);
    let nothing = browser.get(&format!("{path}?page=9")).await;
    has(&nothing, &["nothing so far back", "Newest"]);
    assert_eq!(
        gate.activity().connections,
        sessions.connections,
        "looking asks no terminal"
    );
    gate.stop().await;
}

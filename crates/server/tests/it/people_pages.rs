//! Groups of terminals, many answers at once, why a punch goes or not, and names that were cut: as pages tell them.

use axum::http::StatusCode;
use domain::Role;
use serde_json::json;
use test_kit::punch;
use zk_terminal::TerminalConfig;

use crate::{
    browser::{Browser, cookie, header},
    commands::with_terminal,
    world::{Answer, World, now},
};

/// The message of the page that a form leads to.
async fn told(browser: &mut Browser<'_>, done: &Answer) -> String {
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    browser.cookies = format!("zka_flash={}", cookie(done, "zka_flash").unwrap());
    let page = browser.get(header(done, "location")).await;
    let text = page.text();
    let begin = text.find("role=\"status\"").expect("a message");
    let text = text[begin..].split("</p>").next().unwrap();
    text.rsplit("<span>").next().unwrap().replace("</span>", "")
}

async fn with_unknown(world: &World, serial: &str, pins: &[&str]) {
    let gate = world.terminal(serial).await;
    let punches = pins
        .iter()
        .map(|pin| punch(serial, pin, "2026-11-23 08:00:00"))
        .collect();
    world.ledger.take_in(&gate, punches, now()).await;
}

#[tokio::test]
async fn a_group_of_terminals_is_made_changed_and_removed() {
    let world = World::open().await;
    world.terminal("A").await;
    world.terminal("BB").await;
    let mut browser = Browser::new(&world);
    let path = "/people/groups";
    assert!(browser.get(path).await.text().contains("No group yet"));
    let token = browser.token(path).await;
    let nameless = browser.post(path, &format!("token={token}&name=+")).await;
    assert_eq!(nameless.status, StatusCode::CONFLICT);
    assert!(nameless.text().contains("role=\"alert\""));
    let made = browser
        .post(path, &format!("token={token}&name=Warehouse"))
        .await;
    assert_eq!(header(&made, "location"), path);
    let joined = browser
        .post(
            &format!("{path}/1/join"),
            &format!("token={token}&device=2&valid_from=2026-11-01"),
        )
        .await;
    let text = told(&mut browser, &joined).await;
    assert!(text.contains("what they mean in Warehouse"), "{text}");
    let page = browser.get(path).await;
    for text in ["1 terminal<", "2026-11-01 00:00:00", "In it"] {
        assert!(page.text().contains(text), "{text}");
    }
    let twice = browser
        .post(
            &format!("{path}/1/join"),
            &format!("token={token}&device=2"),
        )
        .await;
    let text = told(&mut browser, &twice).await;
    assert!(text.contains("is in the group"), "{text}");
    let left = browser
        .post(
            &format!("{path}/1/leave"),
            &format!("token={token}&device=2&until=2026-11-20"),
        )
        .await;
    told(&mut browser, &left).await;
    assert!(browser.get(path).await.text().contains("Was in it"));
    browser
        .post(&format!("{path}/1"), &format!("token={token}&name=Store"))
        .await;
    let groups = world.get("/api/v1/pin-groups").await.data();
    assert_eq!(groups["pin_groups"][0]["name"], "Store");
    let removed = browser
        .post(&format!("{path}/1/remove"), &format!("token={token}"))
        .await;
    assert_eq!(told(&mut browser, &removed).await, "Store is removed.");
}

#[tokio::test]
async fn a_user_id_is_mapped_for_all_terminals_of_a_group() {
    let world = World::open().await;
    with_unknown(&world, "A", &["42"]).await;
    world
        .post("/api/v1/pin-groups", &json!({ "name": "All doors" }))
        .await;
    world
        .post("/api/v1/pin-groups/1/join", &json!({ "device": "A" }))
        .await
        .good();
    let person = json!({ "employee_number": "9", "name": "Dana" });
    world.post("/api/v1/people", &person).await;
    let browser = Browser::new(&world);
    let page = browser.get("/people/1").await;
    assert!(page.text().contains("All of All doors"));
    let token = browser.token("/people/1").await;
    let form = format!("token={token}&device=group-1&user_id=42");
    let mapped = browser.post("/people/1/mappings", &form).await;
    assert_eq!(mapped.status, StatusCode::SEE_OTHER, "{}", mapped.text());
    let page = browser.get("/punches/1").await;
    assert!(page.text().contains("Dana (9)"), "{}", page.text());
}

#[tokio::test]
async fn many_questions_are_answered_at_once() {
    let world = World::open().await;
    with_unknown(&world, "A", &["41", "42", "43"]).await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/people/inbox").await;
    assert_eq!(page.text().matches("name=\"item\"").count(), 3);
    let token = browser.token("/people/inbox").await;
    let many = "/people/inbox/many";
    let none = browser
        .post(many, &format!("token={token}&answer=ignored"))
        .await;
    assert!(
        told(&mut browser, &none)
            .await
            .contains("Nothing is ticked")
    );
    let form = format!("token={token}&answer=same_person&item=1&item=2");
    let misfit = browser.post(many, &form).await;
    assert!(told(&mut browser, &misfit).await.contains("stay open"));
    let form = format!("token={token}&answer=ignored&item=1&item=3");
    let done = browser.post(many, &form).await;
    assert_eq!(told(&mut browser, &done).await, "2 questions are answered.");
    let open = world.get("/api/v1/inbox").await.data();
    assert_eq!(open["open"], 1);
    let page = browser.get("/people/inbox").await;
    assert!(!page.text().contains("name=\"item\""), "one needs no ticks");
}

#[tokio::test]
async fn viewers_see_groups_and_questions_but_no_form() {
    let world = World::with_keys().await;
    world.terminal("A").await;
    let viewer = Browser::with_key(&world, Role::Viewer);
    for path in ["/people/groups", "/people/inbox"] {
        let page = viewer.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text().contains("action=\"/people"), "{path}");
    }
}

#[tokio::test]
async fn a_punch_says_whose_it_is_and_why_it_goes_or_not() {
    let world = World::open().await;
    for body in [
        json!({ "name": "Payroll", "url": "http://192.0.2.9/", "mode": "paused", "history": { "since": "2026-11-01" } }),
        json!({ "name": "Other site", "url": "http://192.0.2.9/", "history": { "since": "2026-11-01" }, "filter": { "sites": ["Lahore"] } }),
        json!({ "name": "From now on", "url": "http://192.0.2.9/", "history": { "since": "2026-11-24" } }),
    ] {
        let made = world.post("/api/v1/destinations", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    }
    with_unknown(&world, "A", &["42"]).await;
    let page = world.get("/punches/1").await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "Nobody is known behind user id",
        "It is in the queue.",
        "A person paused it; it goes on when resumed.",
        "wants no punches of this terminal",
        "wants no punches from so long ago",
    ] {
        assert!(page.text().contains(text), "{text} in {}", page.text());
    }
    for path in ["/punches", "/destinations/1"] {
        let page = world.get(path).await;
        assert!(page.text().contains("href=\"/punches/1\""), "{path}");
    }
    for path in ["/punches/99", "/punches/x"] {
        assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_name_that_was_cut_is_told_after_saving() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let mut browser = Browser::new(&world);
    let token = browser.token("/users").await;
    let name = "Maximiliane+Wolfeschlegelsteinhausenbergerdorff";
    let saved = browser
        .post(
            "/users",
            &format!("token={token}&device=1&user_id=77&name={name}"),
        )
        .await;
    let text = told(&mut browser, &saved).await;
    assert!(text.contains("is on the terminal now."), "{text}");
    assert!(
        text.contains("shows &#34;Maximiliane Wolfeschleg&#34; instead of"),
        "{text}"
    );
    gate.stop().await;
}

use axum::http::{Method, StatusCode};
use domain::Role;
use serde_json::{Value, json};
use test_kit::{Receiver, Reply, punch, punch_with_state, punches};

use crate::world::{Answer, World, now};

async fn add(world: &World, body: Value) -> Answer {
    world.post("/api/v1/destinations", &body).await
}

async fn added(world: &World, body: Value) -> Value {
    let answer = add(world, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.data()
}

async fn change(world: &World, body: Value) -> Answer {
    world
        .call(Method::PATCH, "/api/v1/destinations/Payroll", None, &body)
        .await
}

fn payroll(url: &str) -> Value {
    json!({ "name": "Payroll", "url": url, "history": { "from_now": true } })
}

/// It is paused, so that nothing leaves while a test looks.
async fn with_paused_payroll(world: &World, since: &str) -> Value {
    added(
        world,
        json!({ "name": "Payroll", "url": "http://192.0.2.1/", "mode": "paused", "history": { "since": since } }),
    )
    .await
}

#[tokio::test]
async fn a_destination_is_shown_as_it_was_added() {
    let world = World::open().await;
    let made = add(
        &world,
        json!({
            "name": "Payroll",
            "url": "https://payroll.example/punches",
            "history": { "since": "2026-11-01" },
            "mode": "off",
            "filter": { "states": ["check in", 1], "people": ["007"] },
            "schedule": { "kind": "cron", "expr": "30 6 * * MON-FRI", "zone": "Africa/Cairo" },
            "batch_size": "50",
            "rate_limit": 30,
            "order": "any",
            "keep_days": 7,
            "give_up_after": "24h",
            "include_record_id": 0,
            "request": { "method": "PUT", "auth": { "kind": "bearer", "token": "very secret" } },
        }),
    )
    .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert!(!made.text().contains("very secret"));
    insta::assert_json_snapshot!("destination_added", made.envelope());
    for path in [
        "/api/v1/destinations/Payroll",
        &format!("/api/v1/destinations/{}", made.data()["id"]),
    ] {
        assert_eq!(world.get(path).await.good().data(), made.data());
    }
    let list = world.get("/api/v1/destinations").await.good().data();
    assert_eq!(list["destinations"], json!([made.data()]));
}

#[tokio::test]
async fn what_is_done_with_the_past_must_be_said() {
    let world = World::open().await;
    for history in [
        Value::Null,
        json!({}),
        json!({ "from_now": false }),
        json!({ "since": " " }),
    ] {
        let answer = add(&world, json!({ "name": "Payroll", "history": history })).await;
        assert_eq!(answer.status, 400, "{history}");
        assert_eq!(answer.code(), "history_missing", "{history}");
    }
    let both = json!({ "name": "Payroll", "history": { "from_now": true, "since": "2026-11-01" } });
    assert_eq!(add(&world, both).await.status, 400);
    let list = world.get("/api/v1/destinations").await.good().data();
    assert_eq!(list["count"], 0);
}

#[tokio::test]
async fn history_is_queued_and_from_now_on_is_not() {
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(&gate, punches("GATE1", 4, 2), now())
        .await;
    with_paused_payroll(&world, "2026-11-01").await;
    added(
        &world,
        json!({ "name": "Fresh", "mode": "paused", "history": { "from_now": true } }),
    )
    .await;
    world
        .until("/api/v1/destinations/Payroll/health", "history", |health| {
            health["waiting"] == 4 && health["works"][0]["percent"] == 100
        })
        .await;
    let fresh = world.get("/api/v1/destinations/Fresh").await.good().data();
    assert_eq!(fresh["status"]["waiting"], 0);
    assert_eq!(fresh["filter"]["start_from"], "2026-11-23 10:00:00");
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_by_name_and_change_nothing() {
    let world = World::open().await;
    let before = added(&world, payroll("http://192.0.2.1/")).await;
    let template = |source: &str| {
        json!({ "request": { "body":
            { "shape": "template", "unit": "batch", "content_type": "text/plain", "source": source } } })
    };
    for (body, names) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "17" }), "name"),
        (json!({ "url": "http://169.254.169.254/latest" }), "the URL"),
        (json!({ "url": "http://[::1]:9/" }), "the URL"),
        (json!({ "batch_size": 0 }), "batch_size"),
        (json!({ "rate_limit": 6001 }), "rate_limit"),
        (json!({ "keep_days": 0 }), "keep_days"),
        (json!({ "give_up_after": "5s" }), "give_up_after"),
        (
            json!({ "schedule": { "kind": "every", "minutes": 0 } }),
            "minutes",
        ),
        (
            json!({ "schedule": { "kind": "cron", "expr": "soon", "zone": "UTC" } }),
            "soon",
        ),
        (json!({ "filter": { "states": ["Lunch"] } }), "Lunch"),
        (json!({ "filter": { "devices": ["NOWHERE"] } }), "NOWHERE"),
        (json!({ "filter": { "start_from": "soon" } }), "start_from"),
        (json!({ "filter": { "sits": [] } }), "sits"),
        (json!({ "colour": "red" }), "colour"),
        (json!({ "mode": "maybe" }), "mode"),
        (
            json!({ "request": { "auth": { "kind": "bearer", "token": "***" } } }),
            "auth.token",
        ),
        (
            json!({ "request": { "headers": [{ "name": "Content-Length", "value": "1" }] } }),
            "headers.Content-Length",
        ),
        (template("a\n{{ records | nothing }}"), "line 2"),
    ] {
        let answer = change(&world, body.clone()).await;
        let refused = [400, 404].contains(&answer.status.as_u16());
        assert!(refused, "{body}: {}", answer.text());
        assert!(
            answer.message().contains(names),
            "{body}: {}",
            answer.message()
        );
    }
    let fault = change(&world, template("a\n{{ records | nothing }}")).await;
    assert_eq!(fault.code(), "request_invalid");
    assert_eq!(
        (&fault.data()["place"], &fault.data()["line"]),
        (&json!("the body"), &json!(2))
    );
    let after = world.get("/api/v1/destinations/Payroll").await.data();
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_secret_that_is_sent_back_masked_stays_and_another_replaces_it() {
    let receiver = Receiver::start().await;
    let world = World::open().await;
    let mut body = payroll(&receiver.url());
    body["request"] = json!({ "auth": { "kind": "bearer", "token": "first" } });
    let mut shown = added(&world, body).await["request"].clone();
    assert_eq!(shown["auth"]["token"], "***");
    shown["method"] = "PUT".into();
    change(&world, json!({ "request": shown })).await.good();
    world
        .post("/api/v1/destinations/Payroll/test", &json!({}))
        .await
        .good();
    shown["auth"]["token"] = "second".into();
    change(&world, json!({ "request": shown })).await.good();
    world
        .post("/api/v1/destinations/Payroll/test", &json!({}))
        .await
        .good();
    let tokens: Vec<_> = receiver
        .requests()
        .iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    assert_eq!(tokens, ["Bearer first", "Bearer second"]);
}

#[tokio::test]
async fn this_machine_is_reached_by_an_administrators_explicit_choice_only() {
    let world = World::open().await;
    let there = json!({ "name": "Payroll", "url": "http://[::1]:9/", "mode": "paused",
        "history": { "from_now": true } });
    assert_eq!(add(&world, there.clone()).await.status, 400);
    let mut chosen = there;
    chosen["request"] = json!({ "allow_loopback": true });
    added(&world, chosen).await;
}

#[tokio::test]
async fn a_narrower_filter_withdraws_and_a_wider_one_queues_on_request_only() {
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    let taken = vec![
        punch_with_state("GATE1", "1", "2026-11-23 08:00:00", 0),
        punch_with_state("GATE1", "1", "2026-11-23 09:00:00", 1),
        punch_with_state("GATE1", "2", "2026-11-23 09:30:00", 1),
    ];
    world.ledger.take_in(&gate, taken, now()).await;
    with_paused_payroll(&world, "2026-11-01").await;
    let health = "/api/v1/destinations/Payroll/health";
    world
        .until(health, "history", |health| health["waiting"] == 3)
        .await;
    let count = |filter: Value| {
        let body = json!({ "filter": filter });
        let world = &world;
        async move {
            let path = "/api/v1/destinations/Payroll/count";
            world.post(path, &body).await.good().data()
        }
    };
    assert_eq!(count(json!({})).await["matching"], 3);
    assert_eq!(count(json!({ "states": [0] })).await["matching"], 1);
    assert_eq!(count(json!({ "people": ["2"] })).await["matching"], 1);
    let new = world
        .post(
            "/api/v1/destinations/count",
            &json!({ "filter": { "devices": ["GATE1"] } }),
        )
        .await
        .good()
        .data();
    assert_eq!(new["matching"], 3);

    let narrower = change(&world, json!({ "filter": { "states": ["Check In"] } }))
        .await
        .good()
        .data();
    assert_eq!(
        (&narrower["withdrawn"], &narrower["status"]["waiting"]),
        (&json!(2), &json!(1))
    );
    let wider = change(&world, json!({ "filter": { "states": [] } }))
        .await
        .good()
        .data();
    assert_eq!(wider["status"]["waiting"], 1);

    let early = world
        .post(
            "/api/v1/destinations/Payroll/queue-past",
            &json!({ "since": "2020-01-01" }),
        )
        .await;
    assert_eq!(
        (early.status.as_u16(), early.code().as_str()),
        (409, "before_start")
    );
    world
        .post(
            "/api/v1/destinations/Payroll/queue-past",
            &json!({ "since": "2026-11-01" }),
        )
        .await
        .good();
    world
        .until(health, "past punches", |health| health["waiting"] == 3)
        .await;
}

#[tokio::test]
async fn a_paused_destination_queues_and_goes_on_when_resumed() {
    let receiver = Receiver::start().await;
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    added(
        &world,
        json!({ "name": "Payroll", "url": receiver.url(), "history": { "since": "2026-11-01" } }),
    )
    .await;
    let paused = world
        .post("/api/v1/destinations/Payroll/pause", &json!({}))
        .await
        .good()
        .data();
    assert_eq!(
        (&paused["mode"], &paused["status"]["state"]),
        (&json!("paused"), &json!("paused"))
    );
    world
        .ledger
        .take_in(&gate, punches("GATE1", 3, 1), now())
        .await;
    let health = world
        .get("/api/v1/destinations/Payroll/health")
        .await
        .good()
        .data();
    assert_eq!(
        (&health["waiting"], &health["held_back"][0]["code"]),
        (&json!(3), &json!("paused"))
    );
    let look = world
        .get("/api/v1/destinations/Payroll/dry-run")
        .await
        .good()
        .data();
    assert_eq!(look["next"]["records"].as_array().unwrap().len(), 3);
    assert!(
        look["next"]["request"]["body"]
            .as_str()
            .unwrap()
            .contains("employee_id")
    );
    assert!(receiver.requests().is_empty());
    world
        .post("/api/v1/destinations/Payroll/resume", &json!({}))
        .await
        .good();
    receiver.wait_for_requests(1).await;
    world
        .until("/api/v1/destinations/Payroll", "delivery", |payroll| {
            payroll["status"]["delivered"] == 3
        })
        .await;
}

#[tokio::test]
async fn a_test_is_sent_whatever_the_mode_is_and_shows_what_came_back() {
    let receiver = Receiver::start().await;
    let world = World::open().await;
    added(&world, json!({ "name": "Payroll", "url": receiver.url(), "mode": "paused", "history": { "from_now": true },
        "request": { "auth": { "kind": "bearer", "token": "very secret" } } })).await;
    let sent = world
        .post("/api/v1/destinations/Payroll/test", &json!({}))
        .await
        .good();
    assert_eq!(sent.data()["accepted"], true);
    assert!(!sent.text().contains("very secret"));
    assert_eq!(
        receiver.requests()[0].header("x-zk-attendance-test"),
        Some("1")
    );
    receiver.answer_next(Reply::json(422, r#"{"message":"no such employee"}"#));
    let refused = world
        .post("/api/v1/destinations/Payroll/test", &json!({}))
        .await
        .good()
        .data();
    assert_eq!(refused["accepted"], false);
    assert_eq!(refused["answer"], r#"{"message":"no such employee"}"#);
    assert_eq!(refused["attempt"]["status"], 422);

    added(
        &world,
        json!({ "name": "Nowhere", "history": { "from_now": true } }),
    )
    .await;
    let answer = world
        .post("/api/v1/destinations/Nowhere/test", &json!({}))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (409, "no_url")
    );
}

#[tokio::test]
async fn a_preview_shows_real_punches_and_a_templates_fault_by_its_line() {
    let world = World::open().await;
    let body = |source: &str| {
        json!({ "request": { "body":
            { "shape": "template", "unit": "batch", "content_type": "text/plain", "source": source } } })
    };
    let preview = "/api/v1/destinations/preview";
    let made_up = world
        .post(preview, &body("{{ records | length }}"))
        .await
        .good()
        .data();
    assert_eq!(made_up["made_up"], true);
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(
            &gate,
            vec![punch("GATE1", "0042", "2026-11-23 08:00:00")],
            now(),
        )
        .await;
    let real = world
        .post(
            preview,
            &body("{% for each in records %}{{ each.pin }};{% endfor %}"),
        )
        .await
        .good()
        .data();
    assert_eq!(
        (&real["made_up"], &real["request"]["body"]),
        (&json!(false), &json!("0042;"))
    );
    let fault = world
        .post(preview, &body("\n\n{{ records | nothing }}"))
        .await
        .good()
        .data();
    assert_eq!(fault["request"]["fault"]["line"], 3);
    added(&world, payroll("http://192.0.2.1/")).await;
    let own = world
        .post("/api/v1/destinations/Payroll/preview", &json!({}))
        .await
        .good()
        .data();
    assert_eq!(own["request"]["url"], "http://192.0.2.1/");
}

#[tokio::test]
async fn a_removed_destination_is_gone_and_its_name_is_free() {
    let world = World::open().await;
    added(&world, payroll("http://192.0.2.1/")).await;
    let path = "/api/v1/destinations/Payroll";
    world
        .call(Method::DELETE, path, None, &json!({}))
        .await
        .good();
    let gone = world.get(path).await;
    assert_eq!(
        (gone.status.as_u16(), gone.code().as_str()),
        (404, "unknown_destination")
    );
    added(&world, payroll("http://192.0.2.1/")).await;
    let twice = add(&world, payroll("http://192.0.2.1/")).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "{}", twice.text());
}

#[tokio::test]
async fn the_destination_of_the_seed_is_one_of_them() {
    let world = World::open().await;
    let settings =
        json!({ "export_url": "http://192.0.2.1/data", "auto_export": true, "batch_size": 20 });
    world.post("/api/export-config", &settings).await.good();
    let default = world
        .get("/api/v1/destinations/default")
        .await
        .good()
        .data();
    assert_eq!(
        (&default["url"], &default["batch_size"], &default["mode"]),
        (&json!("http://192.0.2.1/data"), &json!(20), &json!("on"))
    );
    let path = "/api/v1/destinations/default";
    world
        .call(Method::PATCH, path, None, &json!({ "batch_size": 30 }))
        .await
        .good();
    let settings = world.get("/api/export-config").await.good().data();
    assert_eq!(settings["batch_size"], 30);
    let kept = world.call(Method::DELETE, path, None, &json!({})).await;
    assert_eq!(kept.status, StatusCode::CONFLICT, "{}", kept.text());
}

#[tokio::test]
async fn who_may_read_sees_no_secret_and_changes_nothing() {
    let world = World::with_keys().await;
    let body = json!({ "name": "Payroll", "url": "http://192.0.2.1/", "history": { "from_now": true },
        "request": { "secrets": { "key": "very secret" }, "query": [{ "name": "k", "secret": "very secret" }] } });
    let as_role = |method: Method, path: &'static str, role: Role, body: Value| {
        let world = &world;
        async move { world.call(method, path, Some(role), &body).await }
    };
    let path = "/api/v1/destinations";
    assert_eq!(
        as_role(Method::POST, path, Role::Operator, body.clone())
            .await
            .status,
        403
    );
    assert_eq!(
        as_role(Method::POST, path, Role::Admin, body).await.status,
        201
    );
    let shown = as_role(Method::GET, path, Role::Viewer, json!({}))
        .await
        .good();
    assert!(!shown.text().contains("very secret"), "{}", shown.text());
    let path = "/api/v1/destinations/Payroll/pause";
    assert_eq!(
        as_role(Method::POST, path, Role::Viewer, json!({}))
            .await
            .status,
        403
    );
    as_role(Method::POST, path, Role::Operator, json!({}))
        .await
        .good();
}

#[tokio::test]
async fn failures_come_as_problem_details_to_whoever_asks_for_them() {
    let world = World::open().await;
    let asked = |path: &str| {
        axum::http::Request::get(path)
            .header("host", "127.0.0.1:5000")
            .header("accept", "application/problem+json, application/json")
            .body(axum::body::Body::empty())
            .unwrap()
    };
    let problem = world.send(asked("/api/v1/destinations/Nobody")).await;
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    let details = problem.json();
    assert_eq!(
        (&details["status"], &details["title"], &details["code"]),
        (
            &json!(404),
            &json!("Not Found"),
            &json!("unknown_destination")
        )
    );
    assert!(details["detail"].as_str().unwrap().contains("Nobody"));
    let good = world.send(asked("/api/v1/destinations")).await;
    assert_eq!(good.headers["content-type"], "application/json");
    let seed = world.send(asked("/api/device-info?device=NOWHERE")).await;
    assert_eq!(seed.headers["content-type"], "application/json");
}

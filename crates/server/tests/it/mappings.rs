use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::Role;
use serde_json::{Value, json};
use test_kit::{Receiver, punch};

use crate::world::{Answer, World, now, request};

async fn add(world: &World, body: Value) -> Value {
    let answer = world.post("/api/v1/people", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.data()
}

async fn take(world: &World, path: &str, file: &str) -> Answer {
    world
        .send(request(
            Method::POST,
            path,
            None,
            Body::from(file.to_owned()),
        ))
        .await
}

/// Somebody punched whom nobody knows.
async fn with_unknown(world: &World) {
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(
            &gate,
            vec![punch("GATE1", "42", "2026-11-23 08:00:00")],
            now(),
        )
        .await;
}

async fn open_item(world: &World) -> Value {
    world.get("/api/v1/inbox").await.good().data()["items"][0].clone()
}

#[tokio::test]
async fn people_are_added_found_changed_and_removed() {
    let world = World::open().await;
    let dana = add(
        &world,
        json!({ "employee_number": "007", "name": "Dana", "groups": ["Night", "Drivers"], "site": "Karachi" }),
    )
    .await;
    assert_eq!(dana["groups"], json!(["Drivers", "Night"]));
    add(&world, json!({ "employee_number": 8, "name": "Bo" })).await;
    for (query, found) in [
        ("", 2),
        ("?text=dan", 1),
        ("?text=00", 1),
        ("?group=Night", 1),
        ("?site=Lahore", 0),
        ("?active=false", 0),
    ] {
        let page = world.get(&format!("/api/v1/people{query}")).await.good();
        let people = page.data()["people"].as_array().unwrap().len();
        assert_eq!(people, found, "{query}");
    }
    let first = world.get("/api/v1/people?limit=1").await.good().data();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world
        .get(&format!("/api/v1/people?limit=1&cursor={cursor}"))
        .await
        .good()
        .data();
    assert_eq!(second["people"][0]["employee_number"], "8");

    let path = format!("/api/v1/people/{}", dana["id"]);
    let changed = world
        .call(
            Method::PATCH,
            &path,
            None,
            &json!({ "site": null, "active": false }),
        )
        .await
        .good()
        .data();
    assert_eq!(
        (&changed["site"], &changed["active"], &changed["name"]),
        (&Value::Null, &json!(false), &json!("Dana"))
    );
    let taken = world
        .call(
            Method::PATCH,
            &path,
            None,
            &json!({ "employee_number": "8" }),
        )
        .await;
    assert_eq!(taken.status, StatusCode::CONFLICT, "{}", taken.text());
    world
        .call(Method::DELETE, &path, None, &json!({}))
        .await
        .good();
    assert_eq!(world.get(&path).await.status, StatusCode::NOT_FOUND);
    for body in [
        json!({}),
        json!({ "employee_number": " " }),
        json!({ "employee_number": "9", "colour": 1 }),
    ] {
        assert_eq!(
            world.post("/api/v1/people", &body).await.status,
            400,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_file_of_people_is_tried_first_and_comes_out_as_it_went_in() {
    let world = World::open().await;
    let file =
        "employee_number,name,groups,site,active\n007,Dana,Drivers;Night,Karachi,yes\n8,Bo,,,no\n";
    let dry = take(&world, "/api/v1/people/import?dry_run=1", file)
        .await
        .good();
    assert_eq!(
        (&dry.data()["added"], &dry.data()["dry_run"]),
        (&json!(2), &json!(true))
    );
    let none = world.get("/api/v1/people").await.good().data();
    assert!(none["people"].as_array().unwrap().is_empty());
    let taken = take(&world, "/api/v1/people/import", file).await.good();
    assert_eq!(taken.data()["added"], 2);
    let out = world.get("/api/v1/people.csv").await;
    assert_eq!(out.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        out.text()
            .replace("\r\n", "\n")
            .trim_start_matches('\u{feff}'),
        file
    );
    let faulty = "employee_number,active\n9,perhaps\n";
    let wrong = take(&world, "/api/v1/people/import", faulty).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.message().contains("line 2"), "{}", wrong.message());
    let dry = take(&world, "/api/v1/people/import?dry_run=1", faulty)
        .await
        .good();
    assert_eq!(dry.data()["faults"][0]["line"], 2);
    assert_eq!(
        world.get("/api/v1/people?text=9").await.data()["people"],
        json!([])
    );
}

#[tokio::test]
async fn an_answer_of_the_inbox_lets_go_what_waited_for_it() {
    let receiver = Receiver::start().await;
    let world = World::open().await;
    let body = json!({ "name": "Payroll", "url": receiver.url(), "needs_mapping": true,
        "history": { "since": "2026-11-01" } });
    assert_eq!(world.post("/api/v1/destinations", &body).await.status, 201);
    with_unknown(&world).await;
    let dana = add(&world, json!({ "employee_number": "007", "name": "Dana" })).await;
    let item = open_item(&world).await;
    assert_eq!(
        (&item["kind"], &item["user_id"]),
        (&json!("unmapped"), &json!("42"))
    );
    // The worker finds it out when it is about to send.
    let explain = "/api/v1/destinations/Payroll/explain?user_id=42&timestamp=2026-11-23%2008:00:00";
    world
        .until(explain, "that nobody is known", |told| {
            told["standing"] == "unmapped"
        })
        .await;
    assert!(receiver.requests().is_empty());

    let path = format!("/api/v1/inbox/{}/answer", item["id"]);
    for wrong in [
        json!({}),
        json!({ "ignore": true, "same_person": true }),
        json!({ "person": 1, "employee_number": "007" }),
    ] {
        assert_eq!(world.post(&path, &wrong).await.status, 400, "{wrong}");
    }
    assert_eq!(
        world
            .post(&path, &json!({ "employee_number": "9" }))
            .await
            .status,
        404
    );
    let answered = world
        .post(&path, &json!({ "employee_number": "007" }))
        .await
        .good()
        .data();
    assert_eq!(answered["released"], 1, "{answered}");
    let requests = receiver.wait_for_requests(1).await;
    let record = &requests[0].records()[0];
    assert_eq!(
        (&record["employee_id"], &record["employee_name"]),
        (&json!("007"), &json!("Dana"))
    );
    assert_eq!(world.get("/api/v1/inbox").await.data()["open"], 0);
    let done = world.get("/api/v1/inbox?answered=1").await.good().data();
    assert_eq!(done["items"][0]["answered"]["person"]["id"], dana["id"]);
    assert_eq!(
        world.post(&path, &json!({ "ignore": true })).await.status,
        409
    );
}

#[tokio::test]
async fn somebody_new_is_added_by_an_answer_and_others_are_ignored() {
    let world = World::open().await;
    with_unknown(&world).await;
    let item = open_item(&world).await;
    let path = format!("/api/v1/inbox/{}/answer", item["id"]);
    let answer = json!({ "new_person": { "employee_number": "77", "name": "Mona" } });
    let answered = world.post(&path, &answer).await.good().data();
    assert_eq!(
        answered["item"]["answered"]["person"]["employee_number"],
        "77"
    );
    let gate = world.ledger.terminals().await.unwrap().remove(0);
    world
        .ledger
        .take_in(
            &gate,
            vec![punch("GATE1", "43", "2026-11-23 08:00:00")],
            now(),
        )
        .await;
    let item = open_item(&world).await;
    let many = json!({ "ids": [item["id"]], "answer": "ignored" });
    let done = world
        .post("/api/v1/inbox/answer", &many)
        .await
        .good()
        .data();
    assert_eq!(done["answered"], 1);
    let wrong = json!({ "ids": [], "answer": "ignored" });
    assert_eq!(world.post("/api/v1/inbox/answer", &wrong).await.status, 400);
}

#[tokio::test]
async fn a_mapping_is_made_ended_and_written_out() {
    let world = World::open().await;
    with_unknown(&world).await;
    let dana = add(&world, json!({ "employee_number": "007", "name": "Dana" })).await;
    let made = world
        .post(
            "/api/v1/mappings",
            &json!({ "device": "GATE1", "user_id": "42", "person": dana["id"], "valid_from": "2026-11-01" }),
        )
        .await
        .good()
        .data();
    assert_eq!(made["made"], 1);
    let held = world
        .get(&format!("/api/v1/mappings?person={}", dana["id"]))
        .await
        .good()
        .data();
    let mapping = &held["mappings"][0];
    assert_eq!(
        (&mapping["user_id"], &mapping["how"], &mapping["valid_from"]),
        (&json!("42"), &json!("hand"), &json!("2026-11-01 00:00:00"))
    );
    let file = world.get("/api/v1/mappings.csv").await;
    assert!(
        file.text().contains("GATE1,,42,007,2026-11-01 00:00:00,"),
        "{}",
        file.text()
    );
    let again = take(&world, "/api/v1/mappings/import?dry_run=1", file.text())
        .await
        .good()
        .data();
    assert_eq!(
        (&again["made"], &again["unchanged"]),
        (&json!(0), &json!(1))
    );
    let path = format!("/api/v1/mappings/{}/end", mapping["id"]);
    let ended = world
        .post(&path, &json!({ "until": "2026-11-20" }))
        .await
        .good()
        .data();
    assert_eq!(ended["valid_until"], "2026-11-20 00:00:00");
    for body in [
        json!({ "user_id": "42", "person": 1 }),
        json!({ "device": "GATE1", "user_id": "42" }),
        json!({ "device": "GATE1", "person": 1 }),
        json!({ "device": "GATE1", "user_id": "42", "person": 1, "valid_from": "soon" }),
    ] {
        assert_eq!(
            world.post("/api/v1/mappings", &body).await.status,
            400,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_group_of_terminals_shares_its_pins() {
    let world = World::open().await;
    with_unknown(&world).await;
    let group = world
        .post("/api/v1/pin-groups", &json!({ "name": "Warehouse" }))
        .await;
    assert_eq!(group.status, StatusCode::CREATED, "{}", group.text());
    let path = format!("/api/v1/pin-groups/{}", group.data()["id"]);
    let joined = world
        .post(&format!("{path}/join"), &json!({ "device": "GATE1" }))
        .await
        .good()
        .data();
    assert_eq!(joined["members"].as_array().unwrap().len(), 1);
    add(&world, json!({ "employee_number": "007", "name": "Dana" })).await;
    let mapping =
        json!({ "pin_group": group.data()["id"], "user_id": "42", "employee_number": "007" });
    world.post("/api/v1/mappings", &mapping).await.good();
    assert_eq!(world.get("/api/v1/inbox").await.data()["open"], 0);
    let left = world
        .post(
            &format!("{path}/leave"),
            &json!({ "device": "GATE1", "until": "2026-11-24" }),
        )
        .await
        .good()
        .data();
    assert_eq!(left["members"][0]["valid_until"], "2026-11-24 00:00:00");
    let renamed = world
        .call(Method::PATCH, &path, None, &json!({ "name": "Store" }))
        .await
        .good()
        .data();
    assert_eq!(renamed["name"], "Store");
    let named = world.call(Method::DELETE, &path, None, &json!({})).await;
    assert_eq!(named.status, StatusCode::CONFLICT, "{}", named.text());
}

#[tokio::test]
async fn answers_are_given_by_operators_and_people_kept_by_administrators() {
    let world = World::with_keys().await;
    with_unknown(&world).await;
    let call = |method: Method, path: &'static str, role: Role, body: Value| {
        let world = &world;
        async move {
            world
                .call(method, path, Some(role), &body)
                .await
                .status
                .as_u16()
        }
    };
    let nobody = json!({ "employee_number": "1" });
    assert_eq!(
        call(
            Method::POST,
            "/api/v1/people",
            Role::Operator,
            nobody.clone()
        )
        .await,
        403
    );
    assert_eq!(
        call(Method::POST, "/api/v1/people", Role::Admin, nobody).await,
        201
    );
    let ignore = json!({ "ignore": true });
    assert_eq!(
        call(
            Method::POST,
            "/api/v1/inbox/1/answer",
            Role::Viewer,
            ignore.clone()
        )
        .await,
        403
    );
    assert_eq!(
        call(
            Method::POST,
            "/api/v1/inbox/1/answer",
            Role::Operator,
            ignore
        )
        .await,
        200
    );
}

use serde_json::{Value, json};
use test_kit::{Receiver, Reply, implausible, punch, punches, receiver::rules};

use crate::world::{World, now};

/// A receiver that refuses one person, and everything that came of that.
async fn with_one_refused(receiver: &Receiver) -> World {
    receiver.answer(rules::poison("2", 422));
    let world = World::open().await;
    let body = json!({ "name": "Payroll", "url": receiver.url(), "history": { "since": "2026-11-01" },
        "request": { "auth": { "kind": "bearer", "token": "very secret" } } });
    let made = world.post("/api/v1/destinations", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let gate = world.terminal("GATE1").await;
    let taken = vec![
        punch("GATE1", "1", "2026-11-23 08:00:00"),
        punch("GATE1", "2", "2026-11-23 08:01:00"),
        punch("GATE1", "3", "2026-11-23 08:02:00"),
    ];
    world.ledger.take_in(&gate, taken, now()).await;
    // The worker looks when it is told that there is something.
    world
        .post("/api/v1/destinations/Payroll/resume", &json!({}))
        .await
        .good();
    world
        .until("/api/v1/destinations/Payroll", "the outcome", |payroll| {
            payroll["status"]["delivered"] == 2 && payroll["status"]["failed"] == 1
        })
        .await;
    world
}

async fn list(world: &World, query: &str) -> Vec<Value> {
    let path = format!("/api/v1/deliveries{query}");
    let data = world.get(&path).await.good().data();
    data["deliveries"].as_array().unwrap().clone()
}

fn people(list: &[Value]) -> Vec<&str> {
    list.iter()
        .map(|delivery| delivery["user_id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn deliveries_are_found_by_state_person_and_time() {
    let receiver = Receiver::start().await;
    let world = with_one_refused(&receiver).await;
    assert_eq!(people(&list(&world, "").await), ["3", "2", "1"]);
    let parked = list(&world, "?destination=Payroll&state=parked").await;
    assert_eq!(people(&parked), ["2"]);
    assert!(
        parked[0]["reason"].as_str().unwrap().contains("422"),
        "{parked:?}"
    );
    assert_eq!(people(&list(&world, "?state=delivered").await), ["3", "1"]);
    assert_eq!(people(&list(&world, "?emp_no=3").await), ["3"]);
    assert_eq!(
        people(
            &list(
                &world,
                "?start_date=2026-11-23%2008:01:00&end_date=2026-11-23%2008:02:00"
            )
            .await
        ),
        ["3", "2"]
    );
    assert_eq!(
        people(&list(&world, "?end_date=2026-11-23%2008:01:00&state=delivered").await),
        ["1"]
    );
    assert!(list(&world, "?start_date=2026-11-24").await.is_empty());
}

#[tokio::test]
async fn deliveries_are_paged_by_cursor_both_ways_of_listing() {
    let world = World::open().await;
    let body = json!({ "name": "Payroll", "mode": "paused", "history": { "since": "2026-11-01" } });
    assert_eq!(world.post("/api/v1/destinations", &body).await.status, 201);
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(&gate, punches("GATE1", 5, 1), now())
        .await;
    for query in ["state=waiting", "start_date=2026-11-01"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/deliveries?{query}&limit=2&cursor={cursor}");
            let page = world.get(&path).await.good().data();
            seen.extend(page["deliveries"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        let ids: std::collections::BTreeSet<_> = seen
            .iter()
            .map(|delivery| delivery["id"].as_i64().unwrap())
            .collect();
        assert_eq!((seen.len(), ids.len()), (5, 5), "{query}");
    }
    for query in ["state=lost", "cursor=x", "limit=0", "destination=Nobody"] {
        let answer = world.get(&format!("/api/v1/deliveries?{query}")).await;
        assert!(answer.status.is_client_error(), "{query}");
    }
}

#[tokio::test]
async fn a_page_of_what_is_rare_is_full_and_the_last_says_so() {
    let receiver = Receiver::start().await;
    let world = with_one_refused(&receiver).await;
    let gate = world.terminal("GATE22").await;
    let more: Vec<_> = (10..40)
        .map(|minute| {
            let pin = if minute % 10 == 0 { "2" } else { "3" };
            punch("GATE22", pin, &format!("2026-11-23 09:{minute}:00"))
        })
        .collect();
    world.ledger.take_in(&gate, more, now()).await;
    world
        .post("/api/v1/destinations/Payroll/resume", &json!({}))
        .await
        .good();
    world
        .until("/api/v1/destinations/Payroll", "the outcome", |payroll| {
            payroll["status"]["failed"] == 4
        })
        .await;
    let path = "/api/v1/deliveries?state=parked&start_date=2026-11-01&limit=2";
    let first = world.get(path).await.good().data();
    assert_eq!(people(first["deliveries"].as_array().unwrap()), ["2", "2"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = world
        .get(&format!("{path}&cursor={cursor}"))
        .await
        .good()
        .data();
    assert_eq!(people(last["deliveries"].as_array().unwrap()), ["2", "2"]);
    assert_eq!(last["next_cursor"], Value::Null);
    // As many as fit, and no more.
    let all = world.get("/api/v1/deliveries?state=parked&limit=4").await;
    assert_eq!(all.good().data()["next_cursor"], Value::Null);
}

#[tokio::test]
async fn deliveries_are_found_by_the_person_whatever_the_user_id_is() {
    let receiver = Receiver::start().await;
    let world = with_one_refused(&receiver).await;
    let body = json!({ "employee_number": "E-3", "name": "Cleo" });
    let cleo = world.post("/api/v1/people", &body).await.data();
    let body = json!({ "device": "GATE1", "user_id": "3", "employee_number": "E-3" });
    world.post("/api/v1/mappings", &body).await.good();
    for query in [
        format!("?person={}", cleo["id"]),
        "?employee_number=E-3".to_owned(),
        "?employee_number=E-3&emp_no=3".to_owned(),
    ] {
        assert_eq!(people(&list(&world, &query).await), ["3"], "{query}");
    }
    assert!(
        list(&world, "?employee_number=E-3&emp_no=1")
            .await
            .is_empty()
    );
    assert!(
        list(&world, "?employee_number=E-3&state=parked")
            .await
            .is_empty()
    );
    for query in [
        "employee_number=E-9",
        "person=99",
        "person=1&employee_number=E-3",
    ] {
        let answer = world.get(&format!("/api/v1/deliveries?{query}")).await;
        assert!(answer.status.is_client_error(), "{query}");
    }
}

#[tokio::test]
async fn an_attempt_shows_what_was_sent_and_what_came_back() {
    let receiver = Receiver::start().await;
    let world = with_one_refused(&receiver).await;
    let failed = world
        .get("/api/v1/attempts?class=failed")
        .await
        .good()
        .data();
    let failed = failed["attempts"].as_array().unwrap().clone();
    assert!(!failed.is_empty());
    assert!(failed.iter().all(|attempt| attempt["class"] == "refused"));
    let detail = world
        .get(&format!("/api/v1/attempts/{}", failed[0]["id"]))
        .await
        .good();
    assert!(!detail.text().contains("very secret"));
    let detail = detail.data();
    assert_eq!(
        (&detail["status"], &detail["same_as_sent"]),
        (&json!(422), &json!(true))
    );
    assert_eq!(detail["request"]["method"], "POST");
    let body = detail["request"]["body"].as_str().unwrap();
    assert!(
        receiver
            .requests()
            .iter()
            .any(|request| request.text() == body)
    );

    let parked = list(&world, "?state=parked").await;
    let of_it = world
        .get(&format!("/api/v1/attempts?delivery={}", parked[0]["id"]))
        .await
        .good()
        .data();
    let of_it = of_it["attempts"].as_array().unwrap();
    assert!(of_it.len() >= 2, "it was in a batch, and alone: {of_it:?}");
    let unknown = world.get("/api/v1/attempts/99999").await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.code().as_str()),
        (404, "unknown_attempt")
    );
}

#[tokio::test]
async fn what_is_parked_goes_again_by_id_by_cause_and_by_range() {
    let receiver = Receiver::start().await;
    let world = with_one_refused(&receiver).await;
    let health = world
        .get("/api/v1/destinations/Payroll/health")
        .await
        .good()
        .data();
    let cause = health["causes"][0]["cause"].clone();
    assert_eq!(health["causes"][0]["count"], 1);
    let id = list(&world, "?state=parked").await[0]["id"].clone();
    let replay = "/api/v1/destinations/Payroll/replay";
    for (body, queued) in [
        (json!({ "deliveries": [id] }), 1),
        (json!({ "cause": cause }), 1),
        (json!({ "parked": true }), 1),
        (json!({ "range": { "emp_no": "2" } }), 1),
        (json!({ "range": { "emp_no": "1" } }), 0),
        (json!({ "cause": "unheard of" }), 0),
    ] {
        let answer = world.post(replay, &body).await.good();
        assert_eq!(answer.data()["queued"], queued, "{body}");
        world
            .until("/api/v1/destinations/Payroll", "refused again", |payroll| {
                payroll["status"]["failed"] == 1 && payroll["status"]["waiting"] == 0
            })
            .await;
    }
    receiver.answer(|_| Reply::ok());
    let forced = json!({ "range": { "start_date": "2026-11-23" }, "force": true });
    let answer = world.post(replay, &forced).await.good();
    assert_eq!(answer.data()["queued"], 3);
    world
        .until("/api/v1/destinations/Payroll", "all of it", |payroll| {
            payroll["status"]["delivered"] == 3
        })
        .await;
    for body in [
        json!({}),
        json!({ "range": {} }),
        json!({ "parked": false }),
        json!({ "parked": true, "cause": "refused" }),
        json!({ "reason": "x", "parked": true }),
        json!({ "deliveries": [] }),
        json!({ "everything": true }),
    ] {
        assert_eq!(world.post(replay, &body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn why_a_punch_was_sent_or_not_is_told() {
    let receiver = Receiver::start().await;
    let world = with_one_refused(&receiver).await;
    let gate = world
        .ledger
        .terminals()
        .await
        .unwrap()
        .into_iter()
        .next()
        .unwrap();
    let odd = vec![
        punch("GATE1", "4", "2026-10-01 08:00:00"),
        implausible(punch("GATE1", "5", "2026-11-23 08:03:00")),
    ];
    world.ledger.take_in(&gate, odd, now()).await;
    for (query, standing) in [
        ("user_id=1&timestamp=2026-11-23%2008:00:00", "delivered"),
        (
            "user_id=2&timestamp=2026-11-23%2008:01:00&device=GATE1",
            "parked",
        ),
        ("user_id=4&timestamp=2026-10-01%2008:00:00", "unwanted"),
        ("user_id=5&timestamp=2026-11-23%2008:03:00", "held"),
    ] {
        let path = format!("/api/v1/destinations/Payroll/explain?{query}");
        let told = world.get(&path).await.good().data();
        assert_eq!(told["standing"], standing, "{query}: {told}");
    }
    let by_number = list(&world, "?state=parked").await[0]["punch"].clone();
    let path = format!("/api/v1/destinations/Payroll/explain?punch={by_number}");
    assert_eq!(world.get(&path).await.good().data()["standing"], "parked");
    for (query, status) in [
        ("", 400),
        ("punch=9999", 404),
        ("user_id=9&timestamp=2026-11-23", 404),
    ] {
        let path = format!("/api/v1/destinations/Payroll/explain?{query}");
        assert_eq!(world.get(&path).await.status, status, "{query}");
    }
}

//! The terminal's log, over the API: read whole, reconciled, cleared; and what could not be read.

use axum::http::{Method, StatusCode};
use domain::{Role, TerminalId};
use serde_json::{Value, json};
use storage::Intake;
use zk_terminal::{CounterShape, TerminalConfig};

use crate::{
    commands::with_terminal,
    world::{World, now},
};

const GATE: &str = "/api/v1/devices/1";

#[tokio::test]
async fn a_whole_read_says_how_the_numbers_add_up() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let answer = world
        .post(&format!("{GATE}/log/read"), &json!({}))
        .await
        .good();
    assert_eq!(answer.message(), "2 = 2 stored + 0 repeats + 0 unreadable");
    let data = answer.data();
    assert_eq!(
        (&data["state"], &data["reconciliation"]["difference"]),
        (&json!("done"), &json!(0))
    );
    let first = world
        .get(&format!("{GATE}/reconciliations?limit=1"))
        .await
        .good()
        .data();
    assert_eq!(
        first["reconciliations"][0]["id"],
        data["reconciliation"]["id"]
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let older = world
        .get(&format!("{GATE}/reconciliations?cursor={cursor}"))
        .await
        .good()
        .data();
    assert_eq!(older["reconciliations"][0]["new"], 2);
    assert_eq!(older["next_cursor"], Value::Null);
    gate.stop().await;
}

#[tokio::test]
async fn numbers_that_do_not_add_up_are_an_alarm_in_words() {
    let (world, gate) = with_terminal(TerminalConfig {
        counters: CounterShape::OneTooMany,
        ..TerminalConfig::default()
    })
    .await;
    let answer = world
        .post(&format!("{GATE}/log/read"), &json!({}))
        .await
        .good();
    assert!(
        answer.message().contains("the terminal says 3")
            && answer.message().contains("1 are missing"),
        "{}",
        answer.message()
    );
    assert_eq!(answer.data()["reconciliation"]["difference"], 1);
    let alarms = world.get("/api/sync-status").await.good().data()["alarms"].clone();
    assert_eq!(alarms[0]["code"], "log_does_not_add_up", "{alarms}");
    gate.stop().await;
}

#[tokio::test]
async fn a_log_is_cleared_only_by_its_serial_number_and_says_every_guard() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let path = format!("{GATE}/log/clear");
    for body in [json!({}), json!({ "serial_number": "another" })] {
        let answer = world.post(&path, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.code(), "not_confirmed");
    }
    assert_eq!(gate.punch_count(), 2);
    let cleared = world
        .post(&path, &json!({ "serial_number": gate.serial() }))
        .await
        .good()
        .data();
    assert_eq!((gate.punch_count(), &cleared["rows"]), (0, &json!(2)));
    let guards: Vec<_> = cleared["guards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|guard| guard["guard"].as_str().unwrap())
        .collect();
    assert_eq!(
        guards,
        [
            "serial_number",
            "read",
            "reconciled",
            "copied",
            "counted_before",
            "counted_after"
        ]
    );
    let copy = std::fs::metadata(cleared["copy"].as_str().unwrap()).unwrap();
    assert_eq!(copy.len(), 2 * 40);
    assert_eq!(world.get("/api/attendance").await.data()["count"], 2);
    let notices = world.get("/api/v1/notices").await.data();
    assert!(
        notices["notices"][0]["text"]
            .as_str()
            .unwrap()
            .contains("cleared by this machine"),
        "{notices}"
    );
    gate.stop().await;
}

#[tokio::test]
async fn a_log_that_does_not_add_up_is_not_cleared() {
    let (world, gate) = with_terminal(TerminalConfig {
        counters: CounterShape::OneTooMany,
        ..TerminalConfig::default()
    })
    .await;
    let answer = world
        .post(
            &format!("{GATE}/log/clear"),
            &json!({ "serial_number": gate.serial() }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    assert!(
        answer.message().contains("Nothing was cleared"),
        "{}",
        answer.message()
    );
    assert_eq!(gate.punch_count(), 2);
    gate.stop().await;
}

#[tokio::test]
async fn the_operation_log_is_read_from_the_device() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    world
        .post(&format!("{GATE}/clock"), &json!({}))
        .await
        .good();
    let read = world
        .post(&format!("{GATE}/operations"), &json!({ "limit": 1 }))
        .await
        .good()
        .data();
    assert_eq!(read["operations"].as_array().unwrap().len(), 1);
    assert_eq!(read["operations"][0]["name"], "clock set");
    assert_eq!(read["total"], gate.operations().len());
    gate.stop().await;
}

#[tokio::test]
async fn unreadable_rows_are_listed_with_their_bytes_and_reasons_and_decoded_again() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let readable = zk_wire::RowLayout::R40;
    let good = test_row(readable);
    let intake = Intake {
        unreadable: vec![
            (vec![0xff; 40], "its time is no date".to_owned()),
            (good, "unknown layout".to_owned()),
        ],
        ..Intake::of(TerminalId(1), Vec::new())
    };
    world.ledger.ingest(intake, now()).await.unwrap();
    let path = format!("{GATE}/unreadable");
    let first = world.get(&format!("{path}?limit=1")).await.good().data();
    assert_eq!(
        (&first["total"], &first["rows"][0]["reason"]),
        (&json!(2), &json!("its time is no date"))
    );
    assert_eq!(first["rows"][0]["raw"], "ff".repeat(40));
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world.get(&format!("{path}?cursor={cursor}")).await.data();
    assert_eq!(second["rows"][0]["reason"], "unknown layout");
    let reread = world
        .post(&format!("{path}/reread"), &json!({}))
        .await
        .good()
        .data();
    assert_eq!((&reread["read"], &reread["left"]), (&json!(1), &json!(1)));
    assert_eq!(world.get("/api/attendance").await.data()["count"], 3);
    gate.stop().await;
}

/// A row of somebody's punch that the gate does not have.
fn test_row(layout: zk_wire::RowLayout) -> Vec<u8> {
    let mut row = Vec::new();
    let punch = zk_wire::PunchRow {
        uid: 1,
        pin: "007".to_owned(),
        time: zk_wire::WireTime::new(2026, 11, 22, 12, 0, 0).unwrap(),
        state: 0,
        verify: 1,
        work_code: 0,
    };
    layout.encode(&punch, &mut row);
    row
}

#[tokio::test]
async fn the_doctor_walks_while_the_line_steps_aside_and_the_line_goes_on() {
    let (world, gate) = with_terminal(TerminalConfig {
        max_connections: 1,
        ..TerminalConfig::default()
    })
    .await;
    let live = format!("{GATE}/live");
    world
        .until(&live, "live punches", |live| live["state"] == "on")
        .await;
    let examined = world
        .post(&format!("{GATE}/doctor"), &json!({}))
        .await
        .good()
        .data();
    assert_eq!(examined["serial_number"], gate.serial());
    assert_ne!(examined["outcome"], "failed", "{examined}");
    assert_eq!(examined["steps"].as_array().unwrap().len(), 9);
    assert_eq!(gate.activity().turned_away, 0, "one connection at a time");
    gate.punch_by("007", 0).unwrap();
    world
        .until("/api/attendance", "the punch", |data| data["count"] == 3)
        .await;
    gate.stop().await;
}

#[tokio::test]
async fn a_check_in_the_background_is_listed_and_its_conversation_can_be_fetched() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let wish = json!({ "capture": true });
    let begun = world
        .post(&format!("{GATE}/doctor/begin"), &wish)
        .await
        .good()
        .data();
    let job = format!("/api/v1/jobs/{}", begun["id"]);
    world
        .until(&job, "the end of the check", |job| job["state"] == "done")
        .await;
    let listed = world
        .get(&format!("{GATE}/jobs?limit=1"))
        .await
        .good()
        .data();
    assert_eq!(listed["jobs"][0]["id"], begun["id"], "{listed}");
    assert_eq!(listed["jobs"][0]["kind"], "examine_device");
    assert_eq!(listed["next_cursor"], begun["id"].to_string());
    let earlier = format!("{GATE}/jobs?limit=1&cursor={}", begun["id"]);
    let earlier = world.get(&earlier).await.good().data();
    assert_eq!(earlier["jobs"], json!([]));

    let kept = world.get(&format!("{job}/conversation")).await;
    assert_eq!(kept.headers["content-type"], "text/plain; charset=utf-8");
    assert!(!kept.text().contains(&gate.serial()), "{}", kept.text());
    kept.text().parse::<zk_wire::capture::Capture>().unwrap();
    gate.stop().await;
}

#[tokio::test]
async fn a_conversation_is_kept_for_administrators_only_and_only_where_it_was_asked_for() {
    let world = World::with_keys().await;
    world.terminal("A1").await;
    let check = async |role, wish| {
        let path = format!("{GATE}/doctor/begin");
        world.call(Method::POST, &path, Some(role), &wish).await
    };
    let refused = check(Role::Operator, json!({ "capture": true })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let begun = check(Role::Operator, json!({})).await.good().data();
    let path = format!("/api/v1/jobs/{}/conversation", begun["id"]);
    let none = world
        .call(Method::GET, &path, Some(Role::Admin), &json!({}))
        .await;
    assert_eq!(
        (none.status, none.code().as_str()),
        (StatusCode::NOT_FOUND, "no_capture")
    );
}

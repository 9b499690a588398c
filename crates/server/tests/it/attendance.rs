use axum::{body::Body, http::Method};
use futures_util::StreamExt as _;
use serde_json::Value;
use test_kit::{punch, punch_with_state, punches};

use crate::world::{World, now, request};

async fn two_days() -> World {
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    let mut named = punch("GATE1", "007", "2026-11-22 08:00:00");
    "Jane, \"JJ\" Smith".clone_into(&mut named.person_name);
    let of_gate = vec![
        named,
        punch("GATE1", "7", "2026-11-22 08:05:00"),
        punch_with_state("GATE1", "007", "2026-11-22 17:00:00", 1),
        punch_with_state("GATE1", "007", "2026-11-23 08:01:00", 255),
    ];
    world.ledger.take_in(&gate, of_gate, now()).await;
    let yard = world.terminal("YARD002").await;
    world
        .ledger
        .take_in(
            &yard,
            vec![punch("YARD002", "007", "2026-11-22 12:00:00")],
            now(),
        )
        .await;
    world
}

fn times(data: &Value) -> Vec<&str> {
    data["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["timestamp"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn records_have_the_seeds_keys_first_and_come_in_the_order_of_time() {
    let world = two_days().await;
    let answer = world.get("/api/attendance").await.good();
    insta::assert_json_snapshot!("attendance", answer.envelope());
    let first = answer.text().split_once("\"records\":[").unwrap().1;
    assert!(
        first.starts_with(
            r#"{"employee_id":"007","employee_name":"Jane, \"JJ\" Smith","timestamp":"2026-11-22 08:00:00","date":"2026-11-22","time":"08:00:00","punch_type":"Check In","record_id":""#
        ),
        "{first}"
    );
}

#[tokio::test]
async fn filters_narrow_by_person_time_and_device() {
    let world = two_days().await;
    for (query, count) in [
        ("", 5),
        ("?emp_no=", 5),
        ("?emp_no=007", 4),
        ("?employee_id=007", 4),
        ("?user_id=7", 1),
        ("?emp_no=007,7", 5),
        ("?emp_no=%20007%20,%207", 5),
        ("?emp_no=0007", 0),
        ("?start_date=2026-11-23", 1),
        ("?end_date=2026-11-22", 4),
        ("?start_date=2026-11-22&end_date=2026-11-22", 4),
        (
            "?start_date=2026-11-22%2012:00:00&end_date=2026-11-22T17:00:00",
            2,
        ),
        ("?start_date=&end_date=", 5),
        ("?device=GATE1", 4),
        ("?device=YARD002&emp_no=007", 1),
        ("?device=192.0.2.7", 1),
        ("?device=192.0.2.7:4370", 1),
        ("?device=1", 4),
        ("?device=all", 5),
    ] {
        let data = world
            .get(&format!("/api/attendance{query}"))
            .await
            .good()
            .data();
        assert_eq!(data["count"], count, "{query}");
        assert_eq!(data["total"], count, "{query}");
        assert_eq!(data["records"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_named() {
    let world = two_days().await;
    for (query, names) in [
        ("start_date=2026-11-23&end_date=2026-11-22", "start_date"),
        ("start_date=yesterday", "start_date"),
        ("end_date=2026-02-30", "end_date"),
        ("start_date=2026-11-22T00:00:00Z", "start_date"),
        ("emp_no=,", "emp_no"),
        ("emp_no=1&user_id=2", "emp_no"),
        ("format=xlsx", "xlsx"),
        ("format=pdf", "format"),
        ("group=month", "group"),
        ("group=user_date&format=csv", "group"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=20261332000000-1", "cursor"),
        ("start_date=2026-11-22&start_date=2026-11-23", "start_date"),
    ] {
        let answer = world.get(&format!("/api/attendance?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(
            answer.message().contains(names),
            "{query}: {}",
            answer.message()
        );
    }
    let unknown = world.get("/api/attendance?device=nobody").await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.code().as_str()),
        (404, "unknown_device")
    );
}

#[tokio::test]
async fn pages_put_together_are_the_whole() {
    let world = two_days().await;
    let whole = world.get("/api/attendance").await.data();
    let mut put_together = Vec::new();
    let mut cursor = String::new();
    loop {
        let data = world
            .get(&format!("/api/attendance?limit=2{cursor}"))
            .await
            .good()
            .data();
        assert_eq!(data["total"], 5);
        put_together.extend(data["records"].as_array().unwrap().clone());
        match data["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(Value::from(put_together), whole["records"]);
}

#[tokio::test]
async fn a_page_that_ends_with_the_last_record_has_no_next() {
    let world = two_days().await;
    let data = world.get("/api/attendance?limit=5").await.data();
    assert_eq!(times(&data).len(), 5);
    assert_eq!(data["next_cursor"], Value::Null);
}

#[tokio::test]
async fn csv_has_the_same_columns_and_is_quoted() {
    let world = two_days().await;
    let answer = world.get("/api/attendance?format=csv&device=GATE1").await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    insta::assert_snapshot!("attendance_csv", answer.text());
    let json = world.get("/api/attendance?limit=1").await.data();
    let mut keys: Vec<&str> = json["records"][0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut columns: Vec<&str> = answer.text().lines().next().unwrap().split(',').collect();
    keys.sort_unstable();
    columns.sort_unstable();
    assert_eq!(columns, keys);
}

#[tokio::test]
async fn csv_of_nothing_is_its_head() {
    let world = World::open().await;
    let answer = world.get("/api/attendance?format=csv").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text().lines().count(), 1);
}

#[tokio::test]
async fn groups_gather_a_persons_records_of_a_date() {
    let world = two_days().await;
    let answer = world.get("/api/attendance?group=user_date").await.good();
    insta::assert_json_snapshot!("attendance_groups", answer.envelope());
}

#[tokio::test]
async fn groups_are_paged_by_whole_days() {
    let world = two_days().await;
    let first = world
        .get("/api/attendance?group=user_date&limit=1")
        .await
        .good()
        .data();
    assert_eq!(first["count"], 2);
    assert_eq!(first["groups"][0]["date"], "2026-11-22");
    let next = first["next_cursor"].as_str().unwrap();
    let second = world
        .get(&format!(
            "/api/attendance?group=user_date&limit=1&cursor={next}"
        ))
        .await
        .good()
        .data();
    assert_eq!(second["count"], 1);
    assert_eq!(second["groups"][0]["date"], "2026-11-23");
    assert_eq!(second["next_cursor"], Value::Null);
}

#[tokio::test]
async fn without_a_device_the_answer_is_empty_and_says_why() {
    let world = World::open().await;
    for path in [
        "/api/attendance",
        "/api/users",
        "/api/device-info",
        "/api/sync-status",
    ] {
        let answer = world.get(path).await.good();
        assert!(
            answer.message().contains("/api/connect"),
            "{path}: {}",
            answer.message()
        );
    }
    assert_eq!(
        world.get("/api/attendance").await.data()["records"],
        serde_json::json!([])
    );
    assert_eq!(
        world.get("/api/users").await.data()["users"],
        serde_json::json!([])
    );
    assert_eq!(
        world.get("/api/device-info").await.data()["connected"],
        false
    );
}

#[tokio::test]
async fn a_long_answer_is_sent_in_small_pieces() {
    const RECORDS: usize = 20_000;
    const LARGEST_PIECE: usize = 1024 * 1024;
    let world = World::open().await;
    let gate = world.terminal("GATE1").await;
    world
        .ledger
        .take_in(&gate, punches("GATE1", RECORDS, 500), now())
        .await;
    for query in ["", "?format=csv", "?group=user_date"] {
        let response = world
            .stream(request(
                Method::GET,
                &format!("/api/attendance{query}"),
                None,
                Body::empty(),
            ))
            .await;
        let mut body = response.into_body().into_data_stream();
        let (mut largest, mut times) = (0, 0);
        while let Some(piece) = body.next().await {
            let piece = piece.unwrap();
            largest = largest.max(piece.len());
            times += piece
                .windows(9)
                .filter(|window| window == b"Check In\"" || window == b",Check In")
                .count();
        }
        assert_eq!(times, RECORDS, "{query}");
        assert!(
            largest < LARGEST_PIECE,
            "{query}: a piece of {largest} bytes"
        );
    }
}

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::json;

use crate::world::{World, request};

#[tokio::test]
async fn every_failure_comes_in_the_envelope() {
    let world = World::open().await;
    for (method, path, body, status, code) in [
        (Method::GET, "/api/nothing", "", 404, "not_found"),
        (Method::GET, "/api/users/", "", 404, "not_found"),
        (Method::GET, "/api/v1/nothing", "", 404, "not_found"),
        (Method::GET, "/nothing", "", 404, "not_found"),
        (Method::PUT, "/api/users", "", 405, "method_not_allowed"),
        (Method::GET, "/api/connect", "", 405, "method_not_allowed"),
        (Method::POST, "/api/user", "{\"user_id\": ", 400, "invalid"),
        (Method::POST, "/api/user", "[]", 400, "invalid"),
        (Method::POST, "/api/user", "user_id=1", 400, "invalid"),
        (
            Method::POST,
            "/api/user",
            "{\"user_id\": {}}",
            400,
            "invalid",
        ),
        (Method::POST, "/api/user", "", 400, "invalid"),
        (Method::DELETE, "/api/user/%FF", "", 400, "invalid"),
        (Method::DELETE, "/api/user/a%20b", "", 400, "invalid"),
        (Method::GET, "/api/v1/jobs/17", "", 404, "unknown_job"),
        (Method::GET, "/api/v1/jobs/abc", "", 404, "unknown_job"),
        (
            Method::GET,
            "/api/v1/devices/abc",
            "",
            404,
            "unknown_device",
        ),
        (
            Method::GET,
            "/api/users?device=abc",
            "",
            404,
            "unknown_device",
        ),
        (
            Method::GET,
            "/api/sync-status?device=abc",
            "",
            404,
            "unknown_device",
        ),
        (Method::GET, "/api/v1/sync-runs?limit=0", "", 400, "invalid"),
        (
            Method::GET,
            "/api/v1/sync-runs?cursor=x",
            "",
            400,
            "invalid",
        ),
    ] {
        let what = format!("{method} {path} {body}");
        let answer = world
            .send(request(method, path, None, Body::from(body)))
            .await;
        assert_eq!(answer.status.as_u16(), status, "{what}");
        let json = answer.json();
        assert_eq!(json["status"], "error", "{what}");
        assert_eq!(json["code"], code, "{what}: {json}");
        assert!(
            json["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            "{what}"
        );
        assert_eq!(
            json["request_id"].as_str().unwrap(),
            answer.headers["x-request-id"],
            "{what}"
        );
        assert!(json.as_object().unwrap().contains_key("data"), "{what}");
        assert_eq!(answer.headers["content-type"], "application/json", "{what}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::open().await;
    let answer = world
        .send(request(
            Method::PATCH,
            "/api/export-config",
            None,
            Body::empty(),
        ))
        .await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let allow = answer.headers["allow"].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let world = World::open().await;
    let body = format!("{{\"name\": \"{}\"}}", "x".repeat(3 * 1024 * 1024));
    let answer = world
        .send(request(Method::POST, "/api/user", None, Body::from(body)))
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.code(), "too_large");
}

#[tokio::test]
async fn wrong_utf8_in_a_body_is_a_bad_request() {
    let world = World::open().await;
    let answer = world
        .send(request(
            Method::POST,
            "/api/user",
            None,
            Body::from(&b"{\"name\": \"\xff\"}"[..]),
        ))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (400, "invalid")
    );
}

#[tokio::test]
async fn a_body_is_read_as_json_whatever_its_type_says() {
    let world = World::open().await;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json",
    ] {
        let mut request = request(
            Method::POST,
            "/api/export-config",
            None,
            Body::from("{\"auto_export\": true}"),
        );
        request
            .headers_mut()
            .insert("content-type", content_type.parse().unwrap());
        assert_eq!(world.send(request).await.good().data()["auto_export"], true);
    }
}

#[tokio::test]
async fn head_answers_without_a_body() {
    let world = World::open().await;
    for path in ["/api/users", "/api/attendance", "/healthz", "/openapi.json"] {
        let answer = world
            .send(request(Method::HEAD, path, None, Body::empty()))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_live_deed_without_a_device_is_401_without_asking_for_a_login() {
    let world = World::open().await;
    for (method, path, body) in [
        (Method::POST, "/api/user", json!({ "user_id": "1" })),
        (Method::DELETE, "/api/user/1", json!({})),
        (Method::DELETE, "/api/user/1?device=all", json!({})),
        (Method::POST, "/api/delete-user", json!({ "user_id": 1 })),
        (
            Method::POST,
            "/api/add-users-from-url",
            json!({ "url": "http://192.0.2.1/users" }),
        ),
    ] {
        let what = format!("{method} {path}");
        let answer = world.call(method, path, None, &body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(answer.code(), "device_not_connected", "{what}");
        assert!(!answer.headers.contains_key("www-authenticate"), "{what}");
    }
}

#[tokio::test]
async fn answers_tell_browsers_to_do_nothing_clever() {
    let world = World::open().await;
    let headers = world.get("/api/users").await.headers;
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["cache-control"], "no-store");
}

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use domain::Role;
use serde_json::{Value, json};

use crate::world::{World, key_of, request};

/// One operation of the document and the least role that it names.
struct Operation {
    method: Method,
    path: String,
    /// `None`: no key is needed.
    role: Option<Role>,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(server::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path
                    .replace("{id}", "1")
                    .replace("{user_id}", "1")
                    .replace("{finger}", "1"),
                role: least_role(&operation["security"]),
            });
        }
    }
    operations
}

fn least_role(security: &Value) -> Option<Role> {
    let ways = security.as_array().unwrap();
    if ways.iter().any(|way| way.as_object().unwrap().is_empty()) {
        return None;
    }
    let role = |way: &str| ways.iter().find_map(|found| found[way][0].as_str());
    assert_eq!(
        role("bearer"),
        role("api_key"),
        "both ways of sending a key need the same role"
    );
    Some(
        role("bearer")
            .expect("each operation names its role")
            .parse()
            .unwrap(),
    )
}

#[tokio::test]
async fn every_operation_asks_for_a_key_and_for_its_role() {
    let world = World::with_keys().await;
    let operations = operations();
    assert!(
        operations.len() >= 20,
        "only {} operations are described",
        operations.len()
    );
    for Operation { method, path, role } in operations {
        let what = format!("{method} {path}");
        let bare = world.call(method.clone(), &path, None, &json!({})).await;
        let Some(role) = role else {
            assert_eq!(bare.status, StatusCode::OK, "{what}");
            continue;
        };
        assert_eq!(bare.status, StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(bare.code(), "unauthorized", "{what}");
        assert_eq!(bare.headers["www-authenticate"], "Bearer", "{what}");
        for has in [Role::Viewer, Role::Operator, Role::Admin] {
            let answer = world
                .call(method.clone(), &path, Some(has), &json!({}))
                .await;
            if has < role {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what} as {has}");
                assert_eq!(answer.code(), "forbidden", "{what} as {has}");
            } else if answer.headers["content-type"] != "text/csv; charset=utf-8" {
                assert!(
                    !["unauthorized", "forbidden"].contains(&answer.code().as_str()),
                    "{what} as {has}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_key_may_come_in_either_header() {
    let world = World::with_keys().await;
    let key = key_of(Role::Viewer);
    for (name, value) in [
        ("x-api-key", key.expose().to_owned()),
        ("authorization", format!("bearer {}", key.expose())),
    ] {
        let request = Request::get("/api/users")
            .header("host", "example.org")
            .header(name, value)
            .body(Body::empty())
            .unwrap();
        world.send(request).await.good();
    }
}

#[tokio::test]
async fn a_revoked_or_foreign_key_is_no_key() {
    let world = World::with_keys().await;
    world
        .ledger
        .revoke_key("viewer", crate::world::now())
        .await
        .unwrap();
    let revoked = world
        .send(request(
            Method::GET,
            "/api/users",
            Some(Role::Viewer),
            Body::empty(),
        ))
        .await;
    assert_eq!(revoked.status, StatusCode::UNAUTHORIZED);
    let foreign = server::ApiKeyText::from_random([99; 32]);
    for value in [foreign.expose(), "zka_short", "", "nonsense"] {
        let request = Request::get("/api/users")
            .header("x-api-key", value)
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            world.send(request).await.status,
            StatusCode::UNAUTHORIZED,
            "{value:?}"
        );
    }
}

#[tokio::test]
async fn a_cookie_reads_but_changes_nothing() {
    let world = World::with_keys().await;
    let with_cookie = |method: Method, path: &str| {
        let cookie = format!("zka_key={}", key_of(Role::Admin).expose());
        Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookie)
            .body(Body::from("{}"))
            .unwrap()
    };
    world
        .send(with_cookie(Method::GET, "/api/users"))
        .await
        .good();
    let written = world
        .send(with_cookie(Method::POST, "/api/export-config"))
        .await;
    assert_eq!(written.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_keys_only_this_machine_and_its_own_pages_may_call() {
    let world = World::open().await;
    let call = |host: &str, origin: Option<&str>| {
        let mut request = Request::get("/api/users").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.body(Body::empty()).unwrap()
    };
    for (host, origin) in [
        ("localhost:5000", None),
        ("127.0.0.1:5000", Some("http://127.0.0.1:5000")),
        ("[::1]:5000", None),
    ] {
        world.send(call(host, origin)).await.good();
    }
    for (host, origin) in [
        ("evil.example", None),
        ("evil.example:5000", None),
        ("localhost:5000", Some("http://evil.example")),
        ("localhost:5000", Some("null")),
    ] {
        let answer = world.send(call(host, origin)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{host} {origin:?}");
        assert_eq!(answer.code(), "foreign_origin");
    }
}

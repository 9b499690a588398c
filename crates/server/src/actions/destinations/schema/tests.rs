use domain::{RequestSpec, Schedule};
use serde_json::{Value, json};
use utoipa::PartialSchema;

use super::*;

/// Everything that a request may hold.
fn full() -> Value {
    json!({
        "method": "PUT",
        "headers": [{"name": "a", "value": "b"}, {"name": "c", "secret": "***"}],
        "query": [{"name": "a", "secret": "***"}],
        "body": {"shape": "template", "unit": "batch", "content_type": "text/csv", "source": "x"},
        "secrets": {"one": "***"},
        "auth": {"kind": "oauth2", "token_url": "https://id.example/", "client_id": "me", "client_secret": "***",
            "scope": "a", "audience": "b", "credentials_in": "body"},
        "signing": {"secret": "***", "previous": "***"},
        "tls": {"ca_pem": "x", "client": {"certificate_pem": "x", "key_pem": "***"}},
        "proxy": {"url": "http://proxy.example/", "username": "me", "password": "***"},
        "already_there": [{"status": 417, "text": "already has a log"}],
        "timeout_secs": 5, "allow_loopback": true, "allow_link_local": true
    })
}

#[test]
fn the_document_knows_what_a_request_may_hold_and_nothing_else() {
    let spec: RequestSpec = serde_json::from_value(full()).unwrap();
    assert_eq!(serde_json::to_value(&spec).unwrap(), full());
    serde_json::from_value::<RequestSchema>(full()).unwrap();
    let described = serde_json::to_value(RequestSchema::schema()).unwrap();
    let keys = |object: &Value| {
        let mut keys: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&described["properties"]), keys(&full()));
    serde_json::from_value::<RequestSpec>(described["example"].clone()).unwrap();
}

#[test]
fn the_document_knows_each_kind_of_body_authentication_and_schedule() {
    for body in ["seed", "bare", "events"] {
        read_by_both(&json!({"body": {"shape": body}}));
    }
    for auth in [
        json!({"kind": "none"}),
        json!({"kind": "basic", "username": "a", "password": "b"}),
        json!({"kind": "bearer", "token": "a"}),
        json!({"kind": "api_key", "place": "query", "name": "a", "key": "b"}),
        json!({"kind": "api_key", "place": "header", "name": "a", "key": "b"}),
    ] {
        read_by_both(&json!({ "auth": auth }));
    }
    for method in ["POST", "PUT", "PATCH", "GET"] {
        read_by_both(&json!({ "method": method }));
    }
    for schedule in [
        json!({"kind": "at_once"}),
        json!({"kind": "every", "minutes": 5}),
        json!({"kind": "cron", "expr": "30 6 * * *", "zone": "UTC"}),
    ] {
        serde_json::from_value::<Schedule>(schedule.clone()).unwrap();
        serde_json::from_value::<ScheduleSchema>(schedule).unwrap();
    }
}

fn read_by_both(request: &Value) {
    serde_json::from_value::<RequestSpec>(request.clone()).unwrap();
    serde_json::from_value::<RequestSchema>(request.clone()).unwrap();
}

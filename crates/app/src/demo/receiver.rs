//! The demo's receiver: an HTTP endpoint that takes the seed's two JSON shapes and shows what arrived.

use std::{
    collections::{HashSet, VecDeque},
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// How many arrivals the page shows.
const SHOWN: usize = 40;

/// One record as it arrived; unknown keys are left alone.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Arrival {
    employee_id: String,
    employee_name: String,
    timestamp: String,
    punch_type: String,
}

/// What arrived so far.
#[derive(Debug, Default)]
struct Inbox {
    requests: u64,
    records: u64,
    doubles: u64,
    /// Terminal, person, time and kind; bare records, which name no terminal, are not told apart by it.
    seen: HashSet<(String, String, String, String)>,
    latest: VecDeque<Arrival>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Receiver(Arc<Mutex<Inbox>>);

impl Receiver {
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/", get(page))
            .route("/punches", get(list).post(take))
            .with_state(self.clone())
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(State(receiver): State<Receiver>, Json(body): Json<Value>) -> Response {
    // A person is one within their terminal only.
    let terminal = body.get("device_info").map_or_else(String::new, |device| {
        format!("{}:{}", device["ip"], device["port"])
    });
    let records = match body.get("records") {
        Some(records) => serde_json::from_value::<Vec<Arrival>>(records.clone()),
        None => serde_json::from_value::<Arrival>(body).map(|record| vec![record]),
    };
    let Ok(records) = records else {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({"status": "error", "message": "not the seed's shape"})),
        )
            .into_response();
    };
    let mut inbox = receiver.inbox();
    inbox.requests += 1;
    for record in records {
        inbox.records += 1;
        let key = (
            terminal.clone(),
            record.employee_id.clone(),
            record.timestamp.clone(),
            record.punch_type.clone(),
        );
        if !inbox.seen.insert(key) {
            inbox.doubles += 1;
        }
        inbox.latest.push_front(record);
        inbox.latest.truncate(SHOWN);
    }
    Json(json!({"status": "success"})).into_response()
}

async fn list(State(receiver): State<Receiver>) -> Json<Value> {
    let inbox = receiver.inbox();
    Json(json!({"requests": inbox.requests, "records": inbox.records, "doubles": inbox.doubles}))
}

/// A page that loads itself anew every two seconds; it needs no script.
async fn page(State(receiver): State<Receiver>) -> Response {
    let inbox = receiver.inbox();
    let rows = inbox
        .latest
        .iter()
        .fold(String::new(), |mut rows, arrival| {
            // Writing to a String cannot fail.
            let _ = write!(
                rows,
                "<tr><td>{}</td><td>{}</td><td><bdi>{}</bdi></td><td><bdi>{}</bdi></td></tr>",
                escaped(&arrival.timestamp),
                escaped(&arrival.punch_type),
                escaped(&arrival.employee_id),
                escaped(&arrival.employee_name)
            );
            rows
        });
    let html = include_str!("receiver.html")
        .replace("{records}", &inbox.records.to_string())
        .replace("{requests}", &inbox.requests.to_string())
        .replace("{doubles}", &inbox.doubles.to_string())
        .replace("{rows}", &rows);
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

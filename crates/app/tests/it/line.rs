//! The main job: a terminal's punches reach an HTTP API by themselves.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::{Value, json};

use crate::{
    http::{get, post},
    program::{Serve, Terminal, eventually, run, text},
    receiver::{Mood, Receiver, Request},
};

pub(crate) type Punch = (String, String, String);

/// What a terminal holds, as `pull` reads it.
pub(crate) fn log_of(address: SocketAddr, flags: &[&str]) -> Vec<Punch> {
    let address = address.to_string();
    let mut arguments = vec!["pull", &address, "--format", "jsonl"];
    arguments.extend(flags);
    let done = run(&arguments);
    assert!(done.status.success(), "{}", text(&done.stderr));
    text(&done.stdout)
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            punch(&row, "user_id")
        })
        .collect()
}

fn punch(row: &Value, id: &str) -> Punch {
    let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    (field(id), field("timestamp"), field("punch_type"))
}

pub(crate) fn arrived(requests: &[Request]) -> Vec<Punch> {
    requests
        .iter()
        .flat_map(Request::records)
        .map(|row| punch(&row, "employee_id"))
        .collect()
}

pub(crate) fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

pub(crate) fn connect(serve: SocketAddr, terminal: SocketAddr, more: &Value) {
    let mut body = json!({"ip": terminal.ip().to_string(), "port": terminal.port()});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let answer = post(serve, "/api/connect", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

pub(crate) fn deliver_to(serve: SocketAddr, receiver: &Receiver) {
    let settings = json!({
        "export_url": receiver.url(),
        "auto_export": true,
        "start_from": "2000-01-01",
    });
    let answer = post(serve, "/api/export-config", &settings);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn every_punch_of_two_terminals_arrives_once_in_the_seeds_exact_shape() {
    let folder = tempfile::tempdir().unwrap();
    let tcp = Terminal::start(&[
        "--users",
        "300",
        "--records",
        "2500",
        "--comm-key",
        "1234",
        "--seed",
        "1",
    ]);
    let udp = Terminal::start(&[
        "--users",
        "40",
        "--records",
        "1200",
        "--record-format",
        "16",
        "--user-format",
        "28",
        "--seed",
        "2",
    ]);
    let receiver = Receiver::start();
    let serve = Serve::start(folder.path());
    connect(serve.address, tcp.address, &json!({"password": "1234"}));
    connect(serve.address, udp.address, &json!({"protocol": "udp"}));
    deliver_to(serve.address, &receiver);

    let mut expected = log_of(tcp.address, &["--comm-key", "1234"]);
    expected.extend(log_of(udp.address, &["--udp"]));
    assert_eq!(expected.len(), 3_700);
    eventually("the arrival of every punch", || {
        (arrived(&receiver.requests()).len() >= expected.len()).then_some(())
    });
    let requests = receiver.requests();
    assert_eq!(sorted(arrived(&requests)), sorted(expected));

    let ports = [tcp.address.port(), udp.address.port()];
    for request in &requests {
        let body = request.json();
        let records = request.records();
        assert!(records.len() <= 500);
        assert_eq!(body["device_info"]["ip"], "127.0.0.1");
        let port = body["device_info"]["port"].as_u64().unwrap();
        assert!(ports.iter().any(|known| u64::from(*known) == port));
        assert!(request.body.starts_with(r#"{"device_info":{"ip":"#));
        assert_eq!(request.record_id, None, "that is for bare records");
    }
    let first = requests.first().unwrap();
    let record = first.body.split_once(r#""records":["#).unwrap().1;
    let keys = [
        "employee_id",
        "employee_name",
        "timestamp",
        "date",
        "time",
        "punch_type",
    ];
    let places: Vec<_> = keys
        .iter()
        .map(|key| record.find(&format!("\"{key}\":")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{record}");
    assert_eq!(first.records()[0].as_object().unwrap().len(), keys.len());
}

#[test]
fn a_new_punch_arrives_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(&["--users", "5", "--records", "20", "--punch-every", "1"]);
    let receiver = Receiver::start();
    let serve = Serve::start(folder.path());
    connect(serve.address, terminal.address, &json!({}));
    deliver_to(serve.address, &receiver);
    eventually("a punch made after the start", || {
        (arrived(&receiver.requests()).len() > 22).then_some(())
    });
    let shown = get(serve.address, "/api/attendance?limit=5").json();
    assert_eq!(shown["data"]["count"], 5);
}

#[test]
fn after_a_kill_nothing_is_missing_and_only_the_unanswered_batch_goes_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(&["--users", "50", "--records", "1700"]);
    let receiver = Receiver::start();
    let mut serve = Serve::start(folder.path());
    receiver.set_mood(Mood::HangsUp);
    connect(serve.address, terminal.address, &json!({}));
    deliver_to(serve.address, &receiver);
    eventually("a first request", || {
        (!receiver.requests().is_empty()).then_some(())
    });
    serve.process.kill();
    receiver.set_mood(Mood::Accepts);
    let _serve = Serve::start(folder.path());

    let expected = log_of(terminal.address, &[]);
    let by_key = eventually("the arrival of every punch", || {
        let mut by_key: BTreeMap<String, Vec<Request>> = BTreeMap::new();
        for request in receiver.requests() {
            by_key
                .entry(request.idempotency_key.clone())
                .or_default()
                .push(request);
        }
        let records: usize = by_key
            .values()
            .map(|requests| requests[0].records().len())
            .sum();
        (records >= expected.len()).then_some(by_key)
    });
    let mut once = Vec::new();
    for requests in by_key.values() {
        for again in requests {
            assert_eq!(again.body, requests[0].body, "a resend is the same bytes");
        }
        once.push(requests[0].clone());
    }
    assert_eq!(sorted(arrived(&once)), sorted(expected));
}

#[test]
fn the_log_tells_which_terminal_answers_what_was_read_and_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(&["--users", "5", "--records", "20"]);
    let receiver = Receiver::start();
    let serve = Serve::start(folder.path());
    connect(serve.address, terminal.address, &json!({}));
    deliver_to(serve.address, &receiver);
    let told = eventually("lines of the log", || {
        let file = std::fs::read_dir(folder.path().join("logs"))
            .unwrap()
            .next()?;
        let log = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let tells = |words: &str| log.lines().any(|line| line.contains(words));
        let answers = format!("terminal {} answers", terminal.address);
        let is_all = tells(&answers)
            && tells("new punches were read from terminal")
            && tells("a request to a receiver ended");
        is_all.then_some(log)
    });
    assert!(told.contains("\"punches\":20"), "{told}");
    assert!(told.contains("\"records\":20"), "{told}");
}

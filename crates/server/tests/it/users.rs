use std::time::Duration;

use axum::http::Method;
use jiff::civil::date;
use serde_json::{Value, json};
use test_kit::local;
use zk_terminal::{Contents, Handle, LocalClock, Punch, TerminalConfig, User, VirtualTerminal};

use crate::world::World;

pub(crate) fn user(uid: u16, pin: &str, name: &str, privilege: u8) -> User {
    User {
        uid,
        pin: pin.to_owned(),
        name: name.to_owned(),
        privilege,
        password: String::new(),
        card: 0,
        group: 1,
    }
}

/// Somebody with leading zeros who punched twice, and an administrator.
pub(crate) async fn terminal(config: TerminalConfig) -> Handle {
    let punch = |time: &str, state| Punch {
        uid: 1,
        pin: "007".to_owned(),
        time: local(time).civil(),
        state,
        verify: 1,
        work_code: 0,
    };
    let contents = Contents {
        users: vec![user(1, "007", "Jane Smith", 0), user(2, "1", "Boss", 14)],
        punches: vec![
            punch("2026-11-22 08:00:00", 0),
            punch("2026-11-22 17:00:00", 1),
        ],
    };
    let now = date(2026, 11, 23).at(10, 0, 0, 0);
    VirtualTerminal::start(
        ([127, 0, 0, 1], 0).into(),
        config,
        contents,
        LocalClock::stopped_at(now),
    )
    .await
    .unwrap()
}

pub(crate) async fn connect(world: &World, terminal: &Handle) -> Value {
    let body =
        json!({ "ip": "127.0.0.1", "port": terminal.address().port().to_string(), "timeout": 5 });
    world.post("/api/connect", &body).await.good().data()
}

#[tokio::test]
async fn a_connect_registers_the_device_and_its_punches_follow() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    let connected = connect(&world, &terminal).await;
    assert_eq!(connected["connected"], true);
    assert_eq!(connected["serial_number"], terminal.serial());
    assert_eq!(
        (&connected["users"], &connected["records"]),
        (&json!(2), &json!(2))
    );

    let data = world
        .until("/api/attendance", "both punches", |data| data["count"] == 2)
        .await;
    assert_eq!(data["records"][0]["employee_id"], "007");
    assert_eq!(data["records"][0]["employee_name"], "Jane Smith");
    assert_eq!(data["records"][1]["punch_type"], "Check Out");
    assert_eq!(data["records"][0]["device"], terminal.serial());

    let info = world.get("/api/device-info").await.good().data();
    assert_eq!(info["connected"], true);
    assert_eq!(
        (&info["ip"], &info["port"]),
        (&json!("127.0.0.1"), &json!(terminal.address().port()))
    );
    assert_eq!(info["records_stored"], 2);
    let status = world
        .until("/api/sync-status", "a sync", |data| {
            data["last_sync"].is_string()
        })
        .await;
    assert_eq!(status["devices"][0]["records"], 2);
    let runs = world.get("/api/v1/sync-runs").await.good().data();
    assert!(
        runs["runs"]
            .as_array()
            .unwrap()
            .iter()
            .any(|run| run["kind"] == "punches" && run["stored"] == 2),
        "{runs}"
    );
    terminal.stop().await;
}

#[tokio::test]
async fn users_are_listed_without_their_passwords() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    connect(&world, &terminal).await;
    let answer = world.get("/api/users").await.good();
    assert_eq!(
        answer.data()["users"],
        json!([
            { "user_id": "1", "name": "Boss", "privilege": 14, "card": 0, "group_id": "1", "has_password": false },
            { "user_id": "007", "name": "Jane Smith", "privilege": 0, "card": 0, "group_id": "1", "has_password": false },
        ])
    );
    assert_eq!(
        (&answer.data()["count"], &answer.data()["stale"]),
        (&json!(2), &json!(false))
    );
    assert!(answer.data()["last_sync"].is_string());
    let csv = world.get("/api/users?format=csv").await;
    assert_eq!(
        csv.text(),
        "user_id,name,privilege,card,group_id,has_password\n1,Boss,14,0,1,false\n007,Jane Smith,0,0,1,false\n"
    );
    terminal.stop().await;
}

#[tokio::test]
async fn a_user_is_added_changed_in_place_and_deleted() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    connect(&world, &terminal).await;
    let new = json!({ "emp_no": "0123", "name": "John Doe", "privilege": "user", "password": 1234, "card": "998877" });
    let added = world.post("/api/user", &new).await.good();
    assert_eq!(
        added.data(),
        json!({ "user_id": "0123", "result": "added", "device": 1 })
    );
    let on_it = terminal
        .users()
        .into_iter()
        .find(|user| user.pin == "0123")
        .unwrap();
    assert_eq!(
        (on_it.name.as_str(), on_it.card, on_it.password.as_str()),
        ("John Doe", 998_877, "1234")
    );
    assert!(!world.get("/api/users").await.text().contains("1234"));

    let changed = world
        .post("/api/user", &json!({ "user_id": "0123", "privilege": 14 }))
        .await
        .good()
        .data();
    assert_eq!(changed["result"], "updated");
    let after = terminal
        .users()
        .into_iter()
        .find(|user| user.pin == "0123")
        .unwrap();
    assert_eq!(
        (after.uid, after.name.as_str(), after.privilege),
        (on_it.uid, "John Doe", 14)
    );
    let again = world
        .post(
            "/api/user",
            &json!({ "user_id": "0123", "privilege": "admin" }),
        )
        .await
        .good()
        .data();
    assert_eq!(again["result"], "unchanged");

    let deleted = world
        .call(Method::DELETE, "/api/user/0123", None, &json!({}))
        .await
        .good()
        .data();
    assert_eq!(
        deleted,
        json!({ "user_id": "0123", "result": "deleted", "devices": [1] })
    );
    assert!(terminal.users().iter().all(|user| user.pin != "0123"));
    let absent = world
        .post(
            "/api/delete-user",
            &json!({ "user_id": "0123", "device": "all" }),
        )
        .await
        .good()
        .data();
    assert_eq!(absent["result"], "absent");
    terminal.stop().await;
}

#[tokio::test]
async fn the_last_administrator_is_deleted_only_by_force() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    connect(&world, &terminal).await;
    let refused = world
        .call(Method::DELETE, "/api/user/1", None, &json!({}))
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.code().as_str()),
        (400, "last_admin")
    );
    let forced = world
        .call(Method::DELETE, "/api/user/1?force=true", None, &json!({}))
        .await
        .good()
        .data();
    assert_eq!(forced["result"], "deleted");
    terminal.stop().await;
}

#[tokio::test]
async fn a_user_that_cannot_be_is_refused_by_name() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    connect(&world, &terminal).await;
    for (body, names) in [
        (json!({ "name": "nobody" }), "user_id"),
        (json!({ "user_id": "1", "emp_no": "2" }), "user_id"),
        (json!({ "user_id": "a b" }), "user_id"),
        (json!({ "user_id": "9".repeat(25) }), "user_id"),
        (json!({ "user_id": "5", "privilege": "king" }), "privilege"),
        (json!({ "user_id": "5", "card": "abc" }), "card"),
        (json!({ "user_id": "5", "password": "secret" }), "password"),
        (json!({ "user_id": "5", "group_id": "first" }), "group_id"),
    ] {
        let answer = world.post("/api/user", &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert!(
            answer.message().contains(names),
            "{body}: {}",
            answer.message()
        );
    }
    assert_eq!(terminal.users().len(), 2);
    terminal.stop().await;
}

#[tokio::test]
async fn a_name_that_is_too_long_is_cut_and_that_is_said() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    connect(&world, &terminal).await;
    let body = json!({ "user_id": "5", "name": "x".repeat(40) });
    let answer = world.post("/api/user", &body).await.good();
    let warning = answer.data()["warning"].as_str().unwrap().to_owned();
    assert!(answer.message().ends_with(&warning), "{}", answer.message());
    assert!(warning.contains("name"), "{warning}");
    let user = terminal.users().into_iter().find(|user| user.pin == "5");
    assert_eq!(user.unwrap().name.len(), 23);
    terminal.stop().await;
}

#[tokio::test]
async fn a_connect_that_fails_is_401_with_the_cause_and_changes_nothing() {
    let world = World::open().await;
    let key = zk_wire::CommKey::new(4711);
    let terminal = terminal(TerminalConfig {
        comm_key: Some(key),
        ..TerminalConfig::default()
    })
    .await;
    let port = terminal.address().port();
    for body in [
        json!({ "ip": "127.0.0.1", "port": port }),
        json!({ "ip": "127.0.0.1", "port": port, "password": 1 }),
    ] {
        let failed = world.post("/api/connect", &body).await;
        assert_eq!(failed.status, 401, "{}", failed.text());
        assert_eq!(failed.code(), "device_not_connected");
        assert!(failed.message().contains("key"), "{}", failed.message());
        assert!(failed.data()["cause"].is_string());
        assert!(!failed.headers.contains_key("www-authenticate"));
    }
    assert_eq!(world.get("/api/v1/devices").await.good().data()["count"], 0);
    let with_key =
        json!({ "ip": "127.0.0.1", "port": port, "password": "4711", "protocol": "udp" });
    let connected = world.post("/api/connect", &with_key).await.good();
    assert_eq!(
        (&connected.data()["protocol"], &connected.data()["key"]),
        (&json!("udp"), &json!("***"))
    );
    assert!(!connected.text().contains("4711"));
    terminal.stop().await;

    let body = json!({ "user_id": "5" });
    let gone = tokio::time::timeout(Duration::from_secs(30), world.post("/api/user", &body));
    let gone = gone.await.unwrap();
    assert_eq!(
        (gone.status.as_u16(), gone.code().as_str()),
        (401, "device_not_connected")
    );
    world.get("/api/users").await.good();
    world.get("/api/device-info").await.good();
}

#[tokio::test]
async fn a_connect_that_cannot_be_is_refused_by_name() {
    let world = World::open().await;
    for (body, names) in [
        (json!({}), "ip"),
        (json!({ "ip": "no address" }), "ip"),
        (json!({ "ip": "192.0.2.1", "port": 0 }), "port"),
        (json!({ "ip": "192.0.2.1", "port": 70000 }), "port"),
        (json!({ "ip": "192.0.2.1", "port": "http" }), "port"),
        (json!({ "ip": "192.0.2.1", "timeout": 0 }), "timeout"),
        (json!({ "ip": "192.0.2.1", "timeout": 5000 }), "timeout"),
        (
            json!({ "ip": "192.0.2.1", "protocol": "rs485" }),
            "protocol",
        ),
        (
            json!({ "ip": "192.0.2.1", "password": "secret" }),
            "password",
        ),
    ] {
        let answer = world.post("/api/connect", &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert!(
            answer.message().contains(names),
            "{body}: {}",
            answer.message()
        );
    }
}

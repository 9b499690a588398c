//! Commands to a terminal, over the API.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use zk_terminal::{Door, Effect, Handle, TerminalConfig};

use crate::{
    users::{connect, terminal},
    world::World,
};

const GATE: &str = "/api/v1/devices/1";

/// A world in which the virtual terminal is device 1 and was read.
pub(crate) async fn with_terminal(config: TerminalConfig) -> (World, Handle) {
    let world = World::open().await;
    let gate = terminal(config).await;
    connect(&world, &gate).await;
    world
        .until("/api/attendance", "both punches", |data| data["count"] == 2)
        .await;
    (world, gate)
}

async fn post(world: &World, path: &str, body: Value) -> crate::world::Answer {
    world.post(&format!("{GATE}/{path}"), &body).await
}

#[tokio::test]
async fn operators_open_the_door_play_a_sound_and_write_on_the_display() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let unlocked = post(&world, "unlock", json!({ "seconds": 3 })).await.good();
    assert_eq!(unlocked.data()["command"], "unlock");
    assert!(unlocked.message().contains("3 s"), "{}", unlocked.message());
    post(&world, "voice", json!({ "number": 10 })).await.good();
    post(&world, "lcd", json!({ "text": "Closed", "line": 2 }))
        .await
        .good();
    world
        .call(Method::DELETE, &format!("{GATE}/lcd"), None, &json!({}))
        .await
        .good();
    assert_eq!(
        gate.effects(),
        [
            Effect::Unlocked(Duration::from_secs(3)),
            Effect::Played(10),
            Effect::Written {
                line: 2,
                text: b"Closed".to_vec()
            },
            Effect::DisplayCleared,
        ]
    );
    gate.stop().await;
}

#[tokio::test]
async fn commands_that_cannot_be_are_refused_before_the_device_is_asked() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    for (path, body, names) in [
        ("unlock", json!({ "seconds": 0 }), "seconds"),
        ("unlock", json!({ "seconds": 601 }), "seconds"),
        ("unlock", json!({ "second": 5 }), "second"),
        ("voice", json!({ "number": -1 }), "number"),
        ("lcd", json!({}), "text"),
        ("lcd", json!({ "text": "two\nlines" }), "text"),
        ("lcd", json!({ "text": "x", "line": 99 }), "line"),
    ] {
        let answer = post(&world, path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {body}");
        assert!(
            answer.message().contains(names),
            "{path} {body}: {}",
            answer.message()
        );
    }
    assert_eq!(gate.effects(), []);
    let nobody = world.post("/api/v1/devices/99/unlock", &json!({})).await;
    assert_eq!(
        (nobody.status, nobody.code().as_str()),
        (StatusCode::NOT_FOUND, "unknown_device")
    );
    gate.stop().await;
}

#[tokio::test]
async fn a_device_tells_what_it_is_doing_and_is_enabled_again() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    gate.set_door(Door::Open);
    gate.set_state(Some(3));
    let now = post(&world, "state", json!({})).await.good().data();
    assert_eq!(
        (&now["state"], &now["door"], &now["clock_offset"]),
        (&json!("menu"), &json!("open"), &json!(0))
    );
    post(&world, "enable", json!({})).await.good();
    assert!(!gate.is_disabled());
    gate.stop().await;
}

#[tokio::test]
async fn a_wrong_clock_is_shown_and_set() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    gate.set_clock_offset(SignedDuration::from_mins(-5));
    post(&world, "state", json!({})).await.good();
    let path = format!("{GATE}/clock");
    let answer = world.get(&path).await.good();
    assert_eq!(answer.message(), "the clock is 300 s slow");
    let clock = answer.data();
    assert_eq!(
        (&clock["offset"], &clock["policy"], &clock["zone"]),
        (&json!(-300), &json!("measure"), &json!("UTC"))
    );
    assert_eq!(
        (&clock["should_show"], &clock["shows"]),
        (&json!("2026-11-23 10:00:00"), &json!("2026-11-23 09:55:00"))
    );
    let set = world.post(&path, &json!({})).await.good().data();
    assert_eq!(set["offset"], 0);
    gate.stop().await;
}

#[tokio::test]
async fn a_restart_is_asked_for_once() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let answer = post(&world, "restart", json!({})).await.good();
    assert!(
        answer.message().contains("half a minute"),
        "{}",
        answer.message()
    );
    assert_eq!(gate.activity().restarts, 1);
    gate.stop().await;
}

#[tokio::test]
async fn live_shows_how_it_stands_and_is_set_with_the_device() {
    let (world, gate) = with_terminal(TerminalConfig::default()).await;
    let path = format!("{GATE}/live");
    let live = world
        .until(&path, "live punches", |live| live["state"] == "on")
        .await;
    assert!(live["since"].is_string(), "{live}");
    let off = world
        .call(Method::PATCH, GATE, None, &json!({ "live": "off" }))
        .await
        .good()
        .data();
    assert_eq!(off["live"], "off");
    world
        .until(&path, "the end of it", |live| live["state"] == "off")
        .await;
    gate.stop().await;
}

#[tokio::test]
async fn a_door_whose_answer_was_lost_may_be_open_and_is_not_opened_again() {
    let world = World::open().await;
    let gate = terminal(TerminalConfig::default()).await;
    let between = ForgetfulLine::to(&gate).await;
    let body = json!({ "ip": "127.0.0.1", "port": between, "timeout": 5 });
    world.post("/api/connect", &body).await.good();
    world
        .until("/api/attendance", "both punches", |data| data["count"] == 2)
        .await;
    let answer = post(&world, "unlock", json!({})).await;
    assert_eq!(
        answer.status,
        StatusCode::GATEWAY_TIMEOUT,
        "{}",
        answer.text()
    );
    assert_eq!(answer.code(), "answer_lost");
    assert!(
        answer
            .message()
            .contains("It may have been done all the same: look before you send it again"),
        "{}",
        answer.message()
    );
    assert_eq!(gate.effects(), [Effect::Unlocked(Duration::from_secs(5))]);
    gate.stop().await;
}

/// A network that lets the order to open the door through, and breaks before the answer.
struct ForgetfulLine;

impl ForgetfulLine {
    /// Gives the port to connect to.
    async fn to(gate: &Handle) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (port, gate) = (listener.local_addr().unwrap().port(), gate.address());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Self::carry(client, gate));
            }
        });
        port
    }

    async fn carry(client: TcpStream, gate: std::net::SocketAddr) -> std::io::Result<()> {
        const COMMAND: std::ops::Range<usize> = 8..10;
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_gate, mut to_gate) = TcpStream::connect(gate).await?.into_split();
        let back =
            tokio::spawn(async move { tokio::io::copy(&mut from_gate, &mut to_client).await });
        let mut packet = [0; 2048];
        loop {
            let length = from_client.read(&mut packet).await?;
            if length == 0 {
                break;
            }
            let opens = packet[COMMAND] == zk_wire::code::UNLOCK.to_le_bytes();
            if opens {
                back.abort();
            }
            to_gate.write_all(&packet[..length]).await?;
            if opens {
                // The gate has done it when it closes; nothing of its answer gets through.
                to_gate.shutdown().await?;
                break;
            }
        }
        Ok(())
    }
}

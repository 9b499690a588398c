//! Who watches a conversation sees all of it.

use std::sync::{Arc, Mutex};

use zk_client::{Passing, Session, Tap, Transport};
use zk_wire::code;

use crate::peer::{self, ACK_OK, CONNECT, EXIT, SESSION};

#[derive(Default)]
struct Watcher(Mutex<Vec<String>>);

impl Tap for Watcher {
    fn see(&self, passing: Passing<'_>) {
        let line = match passing {
            Passing::Opened(transport) => format!("opened {transport}"),
            Passing::Sent(packet) => format!("> {}", packet.command),
            Passing::Received(packet) => format!("< {}", packet.command),
            Passing::Garbled(error) => format!("garbled {error}"),
            Passing::Closed => "closed".to_owned(),
        };
        self.0.lock().unwrap().push(line);
    }
}

#[tokio::test]
async fn a_tap_sees_every_packet_both_ways_and_the_beginning() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say(ACK_OK, SESSION, &[]).await;
        peer.hear(code::GET_TIME).await;
        peer.say(ACK_OK, SESSION, &[0, 0, 0, 0]).await;
        peer.hear(EXIT).await;
        peer.say(ACK_OK, SESSION, &[]).await;
    })
    .await;
    let watcher = Arc::new(Watcher::default());
    let mut session = Session::connect_tapped(&terminal.target(), watcher.clone())
        .await
        .unwrap();
    session.clock().await.unwrap();
    session.close().await;
    terminal.over().await;
    assert_eq!(
        *watcher.0.lock().unwrap(),
        [
            &format!("opened {}", Transport::Tcp),
            "> 1000",
            "< 2000",
            "> 201",
            "< 2000",
            "> 1001",
            "< 2000"
        ]
    );
}

#[tokio::test]
async fn a_tap_sees_what_is_no_packet() {
    let stranger = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say_bytes(b"HTTP/1.1 400 Bad Request\r\n").await;
    })
    .await;
    let watcher = Arc::new(Watcher::default());
    Session::connect_tapped(&stranger.target(), watcher.clone())
        .await
        .unwrap_err();
    let seen = watcher.0.lock().unwrap().clone();
    let last = seen.last().unwrap();
    assert!(
        last.starts_with("garbled") && last.contains("HTTP"),
        "{seen:?}"
    );
}

use collector::{CommandError, ConnectRequest};
use domain::{Secret, Transport};
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use zk_terminal::TerminalConfig;
use zk_wire::{CommKey, FrameReader, Packet, code};

use crate::world::{
    OFTEN, SELDOM, World, address, config, connect_to, contents, terminal, terminal_on,
};

fn code(answer: &Result<collector::Connected, CommandError>) -> &'static str {
    answer.as_ref().expect_err("it should not connect").code()
}

#[rstest]
#[tokio::test]
async fn connecting_registers_the_terminal_and_has_it_read(
    #[values(Transport::Tcp, Transport::Udp)] transport: Transport,
) {
    let gate = terminal(config("A1"), contents(12, 300)).await;
    let world = World::new(SELDOM).await;
    let request = ConnectRequest {
        transport,
        name: Some("Gate".to_owned()),
        ..connect_to(&gate)
    };
    let connected = world.collector.connect(request).await.unwrap();
    assert_eq!((connected.users, connected.punches_says), (12, Some(300)));
    assert_eq!(connected.clock_offset_secs, Some(0));
    assert_eq!(connected.terminal.name, "Gate");
    assert_eq!(connected.terminal.serial.as_deref(), Some("A1"));
    assert!(connected.terminal.is_default);
    world.holds(connected.terminal.id, 300).await;
}

#[tokio::test]
async fn the_terminal_that_was_connected_last_is_the_default() {
    let first = terminal(config("A1"), contents(2, 10)).await;
    let second = terminal(config("B2"), contents(2, 20)).await;
    let world = World::new(OFTEN).await;
    let first_id = world
        .collector
        .connect(connect_to(&first))
        .await
        .unwrap()
        .terminal
        .id;
    let second_id = world
        .collector
        .connect(connect_to(&second))
        .await
        .unwrap()
        .terminal
        .id;
    let default = world.ledger.default_terminal().await.unwrap().unwrap();
    assert_eq!(default.id, second_id);
    // The first one is still read.
    world.holds(first_id, 10).await;
    first.punch_by("1001", 0).unwrap();
    world.holds(first_id, 11).await;
    assert_eq!(
        world
            .collector
            .connect(connect_to(&first))
            .await
            .unwrap()
            .terminal
            .id,
        first_id
    );
}

#[tokio::test]
async fn a_connect_that_fails_changes_nothing() {
    let gate = terminal(config("A1"), contents(2, 10)).await;
    let nowhere = connect_to(&gate);
    gate.stop().await;
    let world = World::new(SELDOM).await;
    let answer = world.collector.connect(nowhere).await;
    assert_eq!(code(&answer), "unreachable");
    let text = answer.unwrap_err().to_string();
    assert!(text.contains("nothing listens at"), "{text}");
    assert!(world.ledger.terminals().await.unwrap().is_empty());
}

#[rstest]
#[case::none(None, "key_needed")]
#[case::wrong(Some(1), "wrong_key")]
#[tokio::test]
async fn a_terminal_with_a_key_says_what_is_wrong_with_ours(
    #[case] key: Option<u32>,
    #[case] expected: &str,
) {
    let make = TerminalConfig {
        comm_key: Some(CommKey::new(42)),
        ..config("A1")
    };
    let gate = terminal(make, contents(2, 10)).await;
    let world = World::new(SELDOM).await;
    let request = ConnectRequest {
        comm_key: key.map(Secret::new),
        ..connect_to(&gate)
    };
    assert_eq!(code(&world.collector.connect(request).await), expected);
    assert!(world.ledger.terminals().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_wrong_key_does_not_replace_the_right_one() {
    let make = TerminalConfig {
        comm_key: Some(CommKey::new(42)),
        ..config("A1")
    };
    let gate = terminal(make, contents(2, 10)).await;
    let world = World::new(OFTEN).await;
    let with = |key: u32| ConnectRequest {
        comm_key: Some(Secret::new(key)),
        ..connect_to(&gate)
    };
    let id = world.collector.connect(with(42)).await.unwrap().terminal.id;
    assert_eq!(code(&world.collector.connect(with(1)).await), "wrong_key");
    gate.punch_by("1001", 0).unwrap();
    world.holds(id, 11).await;
    // Without a key the known one is used.
    world.collector.connect(connect_to(&gate)).await.unwrap();
}

#[tokio::test]
async fn connecting_to_where_another_terminal_stands_now_finds_that_one() {
    let old = terminal(config("A1"), contents(5, 50)).await;
    let world = World::new(SELDOM).await;
    let id = world
        .collector
        .connect(connect_to(&old))
        .await
        .unwrap()
        .terminal
        .id;
    world.holds(id, 50).await;
    old.stop().await;
    let new = terminal_on(old.address(), config("B2"), contents(3, 20)).await;
    let connected = world.collector.connect(connect_to(&new)).await.unwrap();
    assert_eq!(connected.terminal.serial.as_deref(), Some("B2"));
    assert_ne!(connected.terminal.id, id);
    world.holds(connected.terminal.id, 20).await;
}

#[tokio::test]
async fn a_terminal_that_was_removed_comes_back_with_its_ledger() {
    let gate = terminal(config("A1"), contents(5, 50)).await;
    let world = World::new(SELDOM).await;
    let id = world
        .collector
        .connect(connect_to(&gate))
        .await
        .unwrap()
        .terminal
        .id;
    world.holds(id, 50).await;
    world
        .ledger
        .close_terminal(id, crate::world::now())
        .await
        .unwrap();
    world.collector.reload();
    crate::world::until("the end of its task", async || {
        world.collector.status(id).is_none()
    })
    .await;
    let again = world.collector.connect(connect_to(&gate)).await.unwrap();
    assert_eq!(again.terminal.id, id);
    assert_eq!(again.terminal.address, address(&gate));
    world.holds(id, 50).await;
}

#[tokio::test]
async fn two_connects_to_a_new_address_at_once_both_connect_the_one_terminal() {
    let gate = terminal(config("A1"), contents(3, 10)).await;
    let world = World::new(SELDOM).await;
    let connect = || world.collector.connect(connect_to(&gate));
    let (one, two, three) = tokio::join!(connect(), connect(), connect());
    let ids = [one, two, three].map(|connected| connected.unwrap().terminal.id);
    assert_eq!(ids, [ids[0]; 3]);
    world.holds(ids[0], 10).await;
}

#[tokio::test]
async fn a_terminal_that_keeps_its_users_to_itself_can_be_connected() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let secretive = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            answer_little(stream).await;
        }
    });
    let world = World::new(SELDOM).await;
    let request = ConnectRequest {
        address: address.to_string().parse().unwrap(),
        transport: Transport::Tcp,
        comm_key: None,
        timeout: None,
        name: None,
    };
    let connected = world.collector.connect(request).await.unwrap();
    assert_eq!(connected.users, 0);
    assert_eq!(connected.terminal.serial.as_deref(), Some("SECRET1"));
    world.stop().await;
    secretive.abort();
}

/// A terminal that tells its serial number and the time, and refuses everything else.
async fn answer_little(mut stream: TcpStream) {
    let (mut frames, mut buffer) = (FrameReader::default(), [0; 1_024]);
    loop {
        while let Some(asked) = frames.next_packet().unwrap() {
            let (command, payload) = match asked.command {
                code::CONNECT | code::EXIT | code::FREE_DATA => (code::ACK_OK, Vec::new()),
                code::OPTIONS_READ if asked.payload.starts_with(b"~SerialNumber") => {
                    (code::ACK_OK, b"~SerialNumber=SECRET1\0".to_vec())
                }
                code::GET_TIME => (code::ACK_OK, vec![0x88, 0x55, 0x85, 0x33]),
                _ => (code::ACK_ERROR, Vec::new()),
            };
            let reply = Packet {
                command,
                session: 77,
                reply: asked.reply,
                payload,
            };
            stream.write_all(&reply.to_frame()).await.unwrap();
        }
        match stream.read(&mut buffer).await {
            Ok(length) if length > 0 => frames.push(&buffer[..length]),
            _ => return,
        }
    }
}

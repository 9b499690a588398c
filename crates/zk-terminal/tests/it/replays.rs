//! A terminal that answers from a capture.

use std::time::Duration;

use zk_terminal::{Contents, Error, Replay, ReplayTerminal, TerminalConfig, Unanswered};
use zk_wire::{
    BufferRequest, Link, Packet,
    capture::{Capture, Happened, Moment},
    code, option_request,
};

use crate::raw::{Over, Raw, announced, data, now, start};

fn link(over: Over) -> Link {
    match over {
        Over::Tcp => Link::Stream,
        Over::Udp => Link::Datagram,
    }
}

/// What a client that asks `requests` of a virtual terminal hears, as a capture.
async fn recorded(over: Over, requests: &[(u16, Vec<u8>)]) -> Capture {
    let contents = Contents::generate(5, 1_000, 7, now());
    let terminal = start(TerminalConfig::default(), contents).await;
    let mut client = Raw::new(&terminal, over).await;
    let mut capture = Capture::default();
    let mut note = |what| {
        capture.moments.push(Moment {
            at: Duration::ZERO,
            link: link(over),
            what,
        });
    };
    note(Happened::Opened);
    for (command, payload) in requests {
        let request = Packet {
            command: *command,
            session: client.session,
            reply: client.number,
            payload: payload.clone(),
        };
        client.send(&request.to_frame()).await;
        note(Happened::Sent(request));
        let first = client.packet().await;
        client.session = if *command == code::CONNECT {
            first.session
        } else {
            client.session
        };
        client.number += 1;
        let packets = match first.command {
            code::PREPARE_DATA => client.rest(first).await,
            _ => vec![first],
        };
        for packet in packets {
            note(Happened::Received(packet));
        }
    }
    // As from a file.
    capture.to_string().parse().unwrap()
}

async fn replay(capture: &Capture) -> Replay {
    ReplayTerminal::start(([127, 0, 0, 1], 0).into(), capture)
        .await
        .unwrap()
}

fn range(start: u32, size: u32) -> (u16, Vec<u8>) {
    let payload = [start.to_le_bytes(), size.to_le_bytes()].concat();
    (code::READ_BUFFER, payload)
}

fn reading() -> Vec<(u16, Vec<u8>)> {
    let prepare = BufferRequest {
        command: code::ATTENDANCE_READ,
        table: 0,
        extra: 0,
    };
    vec![
        (code::CONNECT, vec![]),
        (code::OPTIONS_READ, option_request("~SerialNumber")),
        (code::PREPARE_BUFFER, prepare.encode().to_vec()),
        range(0, 16_384),
        range(16_384, 16_384),
        range(32_768, 7_236),
        (code::EXIT, vec![]),
    ]
}

#[tokio::test]
async fn a_replay_says_what_the_terminal_said() {
    for over in [Over::Tcp, Over::Udp] {
        let replay = replay(&recorded(over, &reading()).await).await;
        let terminal = start(
            TerminalConfig::default(),
            Contents::generate(5, 1_000, 7, now()),
        )
        .await;
        // Two clients, one after the other, and numbers of their own.
        for first_number in [0, 700] {
            let mut seen = Vec::new();
            for address in [replay.address(), terminal.address()] {
                let mut client = Raw::at(address, over).await;
                client.connect().await;
                client.number = first_number;
                let serial = client
                    .ask(code::OPTIONS_READ, &option_request("~SerialNumber"))
                    .await;
                let size = announced(&client.prepare_attendance().await);
                let table = client.buffered(size, 16_384).await;
                seen.push((serial.payload, table));
            }
            assert_eq!(seen[0], seen[1]);
        }
        assert_eq!(replay.unanswered(), []);
        replay.stop().await;
    }
}

#[tokio::test]
async fn parts_that_nobody_asked_for_are_put_together() {
    let replay = replay(&recorded(Over::Tcp, &reading()).await).await;
    let mut client = Raw::at(replay.address(), Over::Tcp).await;
    client.connect().await;
    let size = announced(&client.prepare_attendance().await);
    let whole = client.buffered(size, 16_384).await;
    assert_eq!(client.buffered(size, 5_000).await, whole);
    let first = client.piece(size - 160, 160).await;
    assert_eq!(data(&client.rest(first).await), whole[size - 160..]);
    assert_eq!(client.piece(size - 160, 161).await.command, code::ACK_ERROR);
    let unanswered = replay.unanswered();
    assert_eq!(
        (unanswered.len(), unanswered[0].command),
        (1, code::READ_BUFFER)
    );
}

#[tokio::test]
async fn what_the_capture_does_not_answer_is_refused_and_remembered() {
    let replay = replay(&recorded(Over::Tcp, &reading()).await).await;
    let mut client = Raw::at(replay.address(), Over::Tcp).await;
    client.connect().await;
    let answer = client.ask(code::OPTIONS_READ, b"MAC\0").await;
    assert_eq!(answer.command, code::ACK_ERROR);
    let expected = Unanswered {
        command: code::OPTIONS_READ,
        payload: b"MAC\0".to_vec(),
    };
    assert_eq!(replay.unanswered(), [expected]);
    assert!(
        Raw::refused(replay.address()).await,
        "UDP does not occur in the capture"
    );
}

#[tokio::test]
async fn each_time_the_same_is_asked_the_next_answer_is_given() {
    let capture: Capture = "zk-capture 1\n\
        0.000 tcp opened\n\
        0.001 tcp closed\n\
        1.000 tcp opened\n\
        1.001 tcp > e80317fc00000000\n\
        1.002 tcp < d507f6e534120000\n\
        1.003 tcp > 4e04237f34120100267f32eb\n\
        1.004 tcp < d007fae534120100\n\
        1.005 tcp > c900fcec34120600\n\
        1.006 tcp < f401a7fc0001000064\n\
        1.007 tcp > d007fbe534120000\n\
        1.008 tcp < d007e85c3412060088558533\n\
        1.009 tcp > c900fbec34120700\n\
        1.010 tcp < d007f7e534120400\n\
        1.011 tcp noise 485454502f\n\
        1.012 tcp closed\n"
        .parse()
        .unwrap();
    let replay = replay(&capture).await;
    // The terminal was busy at first.
    let mut client = Raw::at(replay.address(), Over::Tcp).await;
    assert_eq!(client.until_closed().await, []);
    let mut client = Raw::at(replay.address(), Over::Tcp).await;
    assert_eq!(client.connect().await.command, code::ACK_UNAUTH);
    // Whatever the key is.
    assert_eq!(client.ask(code::AUTH, &[9; 4]).await.command, code::ACK_OK);
    client.tell(code::GET_TIME, &[]).await;
    assert_eq!(client.packet().await.command, code::REG_EVENT);
    client.acknowledge().await;
    let time = client.packet().await;
    assert_eq!(
        (time.reply, time.payload),
        (client.number, vec![0x88, 0x55, 0x85, 0x33])
    );
    client.tell(code::GET_TIME, &[]).await;
    // Its number was three too small.
    assert_eq!(client.packet().await.reply, client.number.wrapping_sub(3));
    assert_eq!(client.until_closed().await, b"HTTP/");
}

#[tokio::test]
async fn an_empty_capture_is_refused() {
    let started = ReplayTerminal::start(([127, 0, 0, 1], 0).into(), &Capture::default()).await;
    assert!(matches!(started, Err(Error::EmptyCapture)));
}

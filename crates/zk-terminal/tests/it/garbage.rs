//! Whatever a client sends, the terminal goes on.

use rstest::rstest;
use zk_terminal::TerminalConfig;
use zk_wire::code;

use crate::raw::{Over, Raw, frame, start_with};

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn a_packet_with_a_wrong_checksum_is_dropped_without_a_word(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, over).await;
    let mut damaged = frame(code::GET_TIME, client.session, 1, &[]);
    damaged[10] ^= 1;
    client.send(&damaged).await;
    client.number = 1;
    // The next answer is the one to the next request.
    assert_eq!(
        client.ask(code::GET_VERSION, &[]).await.command,
        code::ACK_OK
    );
    assert_eq!(terminal.activity().bad_checksums, 1);
}

#[rstest]
#[case::http(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
#[case::a_lookalike(&[0xaa, 0x01, 0, 0, 0, 0, 0, 0, 0, 0])]
#[case::four_gigabytes(&[0x50, 0x50, 0x82, 0x7d, 0xff, 0xff, 0xff, 0xff, 0, 0])]
#[case::a_packet_of_nothing(&[0x50, 0x50, 0x82, 0x7d, 0, 0, 0, 0, 0, 0])]
#[tokio::test]
async fn another_protocol_ends_the_connection(#[case] bytes: &[u8]) {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    client.send(bytes).await;
    assert_eq!(client.until_closed().await, []);
    Raw::open(&terminal, Over::Tcp).await;
}

#[tokio::test]
async fn datagrams_of_garbage_are_left_alone() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Udp).await;
    for length in [8, 9, 15, 16, 100, 1_400] {
        client.send(&vec![0x5a; length]).await;
    }
    assert_eq!(client.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn every_command_with_every_short_payload_is_answered(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 50).await;
    let mut client = Raw::open(&terminal, over).await;
    let skipped = [
        code::CONNECT,
        code::EXIT,
        code::RESTART,
        code::POWER_OFF,
        code::ACK_OK,
    ];
    for command in (0..150)
        .chain(190..210)
        .chain(498..502)
        .chain(999..1_110)
        .chain(1_499..1_510)
    {
        if skipped.contains(&command) {
            continue;
        }
        for payload in [&[] as &[u8], &[5], &[255; 4], &[0; 8], &[1; 11], &[255; 72]] {
            let first = client.ask(command, payload).await;
            if first.command == code::PREPARE_DATA {
                client.rest(first).await;
            }
        }
    }
    assert_eq!(
        client.ask(code::GET_VERSION, &[]).await.command,
        code::ACK_OK
    );
}

#[tokio::test]
async fn requests_may_be_cut_and_joined_anywhere() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let session = client.session;
    let stream: Vec<u8> = (1..=20)
        .flat_map(|number| frame(code::GET_TIME, session, number, &[]))
        .collect();
    for part in stream.chunks(7) {
        client.send(part).await;
    }
    for number in 1..=20 {
        assert_eq!(client.packet().await.reply, number);
    }
}

#[tokio::test]
async fn the_udp_client_that_was_silent_for_longest_gives_way_to_a_new_one() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut clients = Vec::new();
    for _ in 0..64 {
        clients.push(Raw::open(&terminal, Over::Udp).await);
    }
    clients[0].ask(code::GET_TIME, &[]).await;
    let mut late = Raw::open(&terminal, Over::Udp).await;
    let get_time = async |client: &mut Raw| client.ask(code::GET_TIME, &[]).await.command;
    assert_eq!(get_time(&mut late).await, code::ACK_OK);
    assert_eq!(get_time(&mut clients[0]).await, code::ACK_OK);
    assert_eq!(get_time(&mut clients[1]).await, code::ACK_UNAUTH);
    assert_eq!(get_time(&mut clients[2]).await, code::ACK_OK);
}

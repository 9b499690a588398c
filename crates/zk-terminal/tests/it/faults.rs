//! Faults strike when they are switched on, and not otherwise.

use std::time::Duration;

use rstest::rstest;
use tokio::time::Instant;
use zk_terminal::{EventInside, Faults, Order, Repeat, Stall, TerminalConfig};
use zk_wire::code;

use crate::raw::{Over, Raw, announced, data, start_with, until};

#[tokio::test]
async fn a_connection_is_cut_in_the_middle_of_a_table_once() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    terminal.set_faults(Faults {
        cut_after: Some(30_000),
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let size = announced(&client.prepare_attendance().await);
    assert_eq!(client.piece(0, 20_000).await.command, code::PREPARE_DATA);
    client.packet().await;
    client.packet().await;
    assert_eq!(
        client.piece(20_000, size - 20_000).await.command,
        code::PREPARE_DATA
    );
    // The head of the packet and the bytes up to the limit.
    assert_eq!(client.until_closed().await.len(), 16 + 10_000);
    assert_eq!(terminal.faults(), Faults::default());
    let mut again = Raw::open(&terminal, Over::Tcp).await;
    let size = announced(&again.prepare_attendance().await);
    assert_eq!(again.buffered(size, 65_472).await.len(), size);
}

#[tokio::test]
async fn a_table_cut_over_udp_falls_silent() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    terminal.set_faults(Faults {
        cut_after: Some(2_500),
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Udp).await;
    announced(&client.prepare_attendance().await);
    client.piece(0, 16_384).await;
    let came = client.meanwhile().await;
    assert_eq!(came.len(), 2);
    assert!(came.iter().all(|packet| packet.command == code::DATA));
    let first = client.piece(0, 16_384).await;
    assert_eq!(data(&client.rest(first).await).len(), 16_384);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn a_table_stalls_and_goes_on(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let lasting = Duration::from_millis(120);
    terminal.set_faults(Faults {
        stall: Some(Stall {
            after: 5_000,
            lasting,
        }),
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, over).await;
    let size = announced(&client.prepare_attendance().await);
    let before = Instant::now();
    assert_eq!(client.buffered(size, 16_384).await.len(), size);
    assert!(before.elapsed() >= lasting);
    assert_eq!(terminal.faults().stall, None);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn every_packet_comes_twice(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    terminal.set_faults(Faults {
        replies: Repeat::Twice,
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, over).await;
    assert_eq!(client.packet().await.command, code::ACK_OK);
    let time = client.ask(code::GET_TIME, &[]).await;
    assert_eq!(client.packet().await, time);
}

#[tokio::test]
async fn datagrams_get_lost_by_the_seed() {
    let mut lost = Vec::new();
    for _ in 0..2 {
        let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
        let mut client = Raw::open(&terminal, Over::Udp).await;
        announced(&client.prepare_attendance().await);
        terminal.set_faults(Faults {
            udp_loss_percent: 50,
            ..Faults::default()
        });
        client
            .tell(code::READ_BUFFER, &[0, 0, 0, 0, 0, 64, 0, 0])
            .await;
        until(|| terminal.activity().table_bytes > 0).await;
        terminal.set_faults(Faults::default());
        let arrived: Vec<_> = client
            .meanwhile()
            .await
            .into_iter()
            .map(|packet| (packet.command, packet.session))
            .collect();
        assert!((1..18).contains(&arrived.len()), "{arrived:?}");
        lost.push(arrived);
    }
    assert_eq!(lost[0], lost[1]);
}

#[tokio::test]
async fn neighbouring_datagrams_are_swapped() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Udp).await;
    announced(&client.prepare_attendance().await);
    terminal.set_faults(Faults {
        udp_order: Order::Swapped,
        ..Faults::default()
    });
    client
        .tell(code::READ_BUFFER, &[0, 0, 0, 0, 0, 12, 0, 0])
        .await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let packet = client.packet().await;
        seen.push((packet.command, packet.session));
    }
    let session = client.session;
    let (data, ready) = (code::DATA, (code::PREPARE_DATA, session));
    assert_eq!(
        seen,
        [(data, 0), ready, (data, 2), (data, 1), (code::ACK_OK, 2)]
    );
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn an_event_stands_inside_a_table_once(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    terminal.set_faults(Faults {
        event_inside_table: EventInside::AfterFirstPacket,
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, over).await;
    announced(&client.prepare_attendance().await);
    for events in [1, 0] {
        let first = client.piece(0, 4_000).await;
        let packets = client.rest(first).await;
        let of_kind = |command| {
            packets
                .iter()
                .filter(|packet| packet.command == command)
                .count()
        };
        assert_eq!(of_kind(code::REG_EVENT), events);
        assert_eq!(packets[1].command == code::REG_EVENT, events == 1);
        assert_eq!(data(&packets).len(), 4_000);
    }
}

#[tokio::test]
async fn packets_come_byte_by_byte() {
    let terminal = start_with(TerminalConfig::default(), 5, 100).await;
    terminal.set_faults(Faults {
        write_size: Some(1),
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let size = announced(&client.prepare_attendance().await);
    assert_eq!(client.buffered(size, 65_472).await.len(), size);
}

#[tokio::test]
async fn a_slow_terminal_takes_its_time_to_prepare_and_between_packets() {
    let config = TerminalConfig {
        packet_pause: Duration::from_millis(20),
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 5, 100).await;
    terminal.set_faults(Faults {
        prepare_delay: Duration::from_millis(200),
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let before = Instant::now();
    let size = announced(&client.prepare_attendance().await);
    assert!(before.elapsed() >= Duration::from_millis(200));
    let before = Instant::now();
    client.buffered(size, 65_472).await;
    assert!(before.elapsed() >= Duration::from_millis(60));
}

//! Faults of packets: what is wrong with them, their order and number, and what comes instead.

use std::time::Duration;

use rstest::rstest;
use tokio::time::Instant;
use zk_terminal::{
    Busy, Checksum, EventInside, Faults, Lie, Order, Refusal, Repeat, Scope, Silence, Stall,
    TerminalConfig,
};
use zk_wire::{Packet, WireError, checksum, code};

use crate::raw::{Over, Raw, announced, data, known_punch, start_with, until};

fn tables(faults: Faults) -> Faults {
    Faults {
        scope: Scope::Tables,
        ..faults
    }
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn a_checksum_is_one_too_small(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, over).await;
    let wrong = Faults {
        checksum: Checksum::Wrong,
        ..Faults::default()
    };
    terminal.set_faults(tables(wrong));
    assert_eq!(client.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
    terminal.set_faults(wrong);
    client.tell(code::GET_TIME, &[]).await;
    let frame = client.frame().await;
    let expected = checksum(&frame[8..]);
    let found = expected.wrapping_sub(1);
    assert_eq!(
        Packet::decode(&frame[8..]),
        Err(WireError::Checksum { found, expected })
    );
    terminal.set_faults(Faults::default());
    assert_eq!(client.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
}

#[tokio::test]
async fn a_connection_is_cut_after_so_many_bytes_of_anything() {
    let terminal = start_with(TerminalConfig::default(), 5, 10).await;
    for cut in [0, 1, 8, 15, 16, 17, 30] {
        terminal.set_faults(Faults {
            cut_connection_after: Some(cut),
            ..Faults::default()
        });
        let mut client = Raw::new(&terminal, Over::Tcp).await;
        if cut >= 16 {
            client.connect().await;
            client.tell(code::GET_TIME, &[]).await;
            assert_eq!(client.until_closed().await.len() as u64, cut - 16);
        } else {
            client.send_connect().await;
            assert_eq!(client.until_closed().await.len() as u64, cut);
        }
    }
}

#[tokio::test]
async fn datagrams_end_after_so_many_bytes_of_anything() {
    let terminal = start_with(TerminalConfig::default(), 5, 10).await;
    terminal.set_faults(Faults {
        cut_connection_after: Some(8),
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Udp).await;
    client.tell(code::GET_TIME, &[]).await;
    until(|| terminal.traffic().of(code::GET_TIME).packets_in == 1).await;
    terminal.set_faults(Faults::default());
    let later = client.meanwhile().await;
    assert!(later.is_empty(), "{later:?}");
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn the_packet_before_is_sent_again_before_each_answer(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, over).await;
    let version = client.ask(code::GET_VERSION, &[]).await;
    terminal.set_faults(Faults {
        replies: Repeat::PreviousFirst,
        ..Faults::default()
    });
    client.tell(code::GET_TIME, &[]).await;
    assert_eq!(client.packet().await, version);
    assert_eq!(client.packet().await.reply, client.number);
}

#[tokio::test]
async fn packets_of_a_stream_are_swapped() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    announced(&client.prepare_attendance().await);
    terminal.set_faults(Faults {
        tcp_order: Order::Swapped,
        ..Faults::default()
    });
    client
        .tell(code::READ_BUFFER, &[0, 0, 0, 0, 0, 4, 0, 0])
        .await;
    let order = [
        client.packet().await,
        client.packet().await,
        client.packet().await,
    ];
    let commands = order.map(|packet| packet.command);
    assert_eq!(commands, [code::DATA, code::PREPARE_DATA, code::ACK_OK]);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn reply_numbers_are_off(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, over).await;
    terminal.set_faults(Faults {
        reply_number_off: 1,
        ..Faults::default()
    });
    client.tell(code::GET_TIME, &[]).await;
    assert_eq!(client.packet().await.reply, client.number + 1);
}

#[tokio::test]
async fn garbage_stands_before_frames() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    terminal.set_faults(Faults {
        garbage: 9,
        cut_connection_after: Some(16 + 9 + 16 + 4),
        ..Faults::default()
    });
    client.tell(code::GET_TIME, &[]).await;
    client.tell(code::GET_TIME, &[]).await;
    let bytes = client.until_closed().await;
    assert_eq!(
        bytes[..9],
        [0x50, 0x50, 0x82, 0, 0xff, 0x0d, 0x0a, 0x50, 0x50]
    );
    assert_eq!(Packet::decode(&bytes[17..]).unwrap().reply, 1);
}

#[rstest]
#[case(Lie::Says(u32::MAX), u32::MAX)]
#[case(Lie::Off(-3), 9)]
#[tokio::test]
async fn a_frame_lies_about_its_length(#[case] frame_length: Lie, #[case] told: u32) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    terminal.set_faults(Faults {
        frame_length,
        cut_connection_after: Some(16 + 16 + 4),
        ..Faults::default()
    });
    client.tell(code::GET_TIME, &[]).await;
    client.tell(code::GET_TIME, &[]).await;
    assert_eq!(client.until_closed().await[4..8], told.to_le_bytes());
}

#[tokio::test]
async fn an_event_stands_before_every_answer() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    terminal.set_faults(Faults {
        event_inside_table: EventInside::BeforeEveryAnswer,
        ..Faults::default()
    });
    for _ in 0..2 {
        client.tell(code::GET_TIME, &[]).await;
        assert_eq!(client.packet().await.command, code::REG_EVENT);
        assert_eq!(client.packet().await.reply, client.number);
    }
}

#[tokio::test]
async fn a_command_is_answered_with_a_code_that_nobody_has_seen() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    terminal.set_faults(Faults {
        refusal: Some(Refusal {
            command: code::PREPARE_BUFFER,
            code: 6_001,
        }),
        ..Faults::default()
    });
    assert_eq!(client.prepare_attendance().await.command, 6_001);
    assert_eq!(client.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn a_terminal_says_nothing_at_all(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut client = Raw::open(&terminal, over).await;
    terminal.set_faults(Faults {
        silence: Silence::Everything,
        ..Faults::default()
    });
    client.tell(code::CLEAR_ATTENDANCE, &[]).await;
    until(|| terminal.traffic().of(code::CLEAR_ATTENDANCE).packets_in == 1).await;
    assert!(client.is_silent());
    assert_eq!(terminal.activity().clears, 0);
    terminal.set_faults(Faults::default());
    assert!(client.meanwhile().await.is_empty());
}

#[tokio::test]
async fn a_terminal_may_leave_out_events_alone() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    client.ask(code::REG_EVENT, &1_u32.to_le_bytes()).await;
    terminal.set_faults(Faults {
        silence: Silence::Events,
        ..Faults::default()
    });
    terminal.punch(known_punch());
    assert!(client.meanwhile().await.is_empty());
    assert_eq!(terminal.punch_count(), 1);
}

#[tokio::test]
async fn a_busy_terminal_resets_connections() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    terminal.set_faults(Faults {
        busy: Busy::Resets,
        ..Faults::default()
    });
    let mut client = Raw::new(&terminal, Over::Tcp).await;
    assert!(!client.try_connect().await);
    assert_eq!(terminal.activity().turned_away, 1);
    terminal.set_faults(Faults::default());
    Raw::open(&terminal, Over::Tcp).await;
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn a_busy_terminal_refuses_sessions(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    terminal.set_faults(Faults {
        busy: Busy::Refuses,
        ..Faults::default()
    });
    let mut client = Raw::new(&terminal, over).await;
    assert_eq!(client.connect().await.command, code::ACK_ERROR);
    terminal.set_faults(Faults {
        busy: Busy::NeverUnlocks,
        ..Faults::default()
    });
    let mut client = Raw::new(&terminal, over).await;
    assert_eq!(client.connect().await.command, code::ACK_UNAUTH);
    for _ in 0..2 {
        assert_eq!(
            client.ask(code::AUTH, &[0; 4]).await.command,
            code::ACK_UNAUTH
        );
    }
}

#[tokio::test]
async fn requests_get_lost() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut client = Raw::open(&terminal, Over::Udp).await;
    terminal.set_faults(Faults {
        udp_request_loss_percent: 100,
        ..Faults::default()
    });
    client.tell(code::GET_TIME, &[]).await;
    terminal.set_faults(Faults {
        busy: Busy::Resets,
        ..Faults::default()
    });
    client.tell(code::GET_TIME, &[]).await;
    let mut lost = Raw::new(&terminal, Over::Tcp).await;
    assert!(!lost.try_connect().await);
    terminal.set_faults(Faults::default());
    let answers = client.meanwhile().await;
    assert!(answers.len() <= 2, "{answers:?}");
}

#[tokio::test]
async fn answers_are_late() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    terminal.set_faults(Faults {
        answer_delay: Duration::from_millis(80),
        ..Faults::default()
    });
    let before = Instant::now();
    client.ask(code::GET_TIME, &[]).await;
    assert!(before.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_table_stalls_for_ever() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    announced(&client.prepare_attendance().await);
    terminal.set_faults(Faults {
        stall: Some(Stall {
            after: 500,
            lasting: Duration::MAX,
        }),
        ..Faults::default()
    });
    assert_eq!(client.piece(0, 1_000).await.command, code::PREPARE_DATA);
    assert_eq!(client.bytes(16 + 500).await.len(), 516);
    assert!(client.is_silent());
    // Others are answered meanwhile.
    let mut other = Raw::open(&terminal, Over::Tcp).await;
    let size = announced(&other.prepare_attendance().await);
    assert_eq!(other.buffered(size, 65_472).await.len(), size);
    assert!(client.is_silent());
}

#[tokio::test]
async fn faults_of_tables_leave_other_answers_alone() {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    terminal.set_faults(tables(Faults {
        replies: Repeat::Twice,
        ..Faults::default()
    }));
    client.ask(code::GET_TIME, &[]).await;
    let prepared = client.prepare_attendance().await;
    assert_eq!(client.packet().await, prepared);
    let first = client.piece(0, 1_000).await;
    assert_eq!(client.packet().await, first);
    let packet = client.packet().await;
    assert_eq!(data(std::slice::from_ref(&packet)).len(), 1_000);
    assert_eq!(client.packet().await, packet);
}

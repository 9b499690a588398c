//! Who may say what.

use rstest::rstest;
use zk_terminal::TerminalConfig;
use zk_wire::{CommKey, TICKS, code};

use crate::raw::{Over, Raw, frame, start_with};

fn with_key(key: u32) -> TerminalConfig {
    TerminalConfig {
        comm_key: Some(CommKey::new(key)),
        ..TerminalConfig::default()
    }
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn before_a_session_every_command_is_unauthorised(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 2, 2).await;
    let mut client = Raw::new(&terminal, over).await;
    for command in [
        code::GET_TIME,
        code::PREPARE_BUFFER,
        code::CLEAR_ATTENDANCE,
        code::EXIT,
        9_999,
    ] {
        assert_eq!(client.ask(command, &[]).await.command, code::ACK_UNAUTH);
    }
    assert_eq!(terminal.punches().len(), 2);
    assert_eq!(terminal.activity().unauthorised, 5);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn without_the_key_nothing_is_told_or_done(#[case] over: Over) {
    let terminal = start_with(with_key(131_071), 2, 2).await;
    let mut client = Raw::new(&terminal, over).await;
    assert_eq!(client.connect().await.command, code::ACK_UNAUTH);
    for command in [
        code::GET_TIME,
        code::ATTENDANCE_READ,
        code::CLEAR_DATA,
        code::RESTART,
    ] {
        assert_eq!(client.ask(command, &[]).await.command, code::ACK_UNAUTH);
    }
    let wrong = CommKey::new(4_321).scramble(client.session, TICKS);
    assert_eq!(
        client.ask(code::AUTH, &wrong).await.command,
        code::ACK_UNAUTH
    );
    assert_eq!(
        client.ask(code::AUTH, &wrong[..3]).await.command,
        code::ACK_UNAUTH
    );
    assert_eq!(terminal.activity().refused_keys, 2);
    assert_eq!(terminal.punches().len(), 2);
    let right = CommKey::new(131_071).scramble(client.session, 7);
    assert_eq!(client.ask(code::AUTH, &right).await.command, code::ACK_OK);
    assert_eq!(client.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
}

#[tokio::test]
async fn a_terminal_with_the_key_0_asks_nobody() {
    let terminal = start_with(with_key(0), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let key = CommKey::new(0).scramble(client.session, TICKS);
    assert_eq!(client.ask(code::AUTH, &key).await.command, code::ACK_OK);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn another_sessions_number_opens_nothing(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let _first = Raw::open(&terminal, over).await;
    let mut second = Raw::open(&terminal, over).await;
    assert_eq!(second.session, 0x1235);
    second.send(&frame(code::GET_TIME, 0x1234, 1, &[])).await;
    assert_eq!(second.packet().await.command, code::ACK_UNAUTH);
}

#[tokio::test]
async fn connecting_again_keeps_the_session_number() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let session = client.session;
    assert_eq!(client.connect().await.session, session);
    assert_eq!(terminal.activity().sessions, 1);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn after_exit_a_session_is_over(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, over).await;
    assert_eq!(client.ask(code::EXIT, &[]).await.command, code::ACK_OK);
    match over {
        Over::Tcp => assert_eq!(client.until_closed().await, []),
        Over::Udp => {
            assert_eq!(
                client.ask(code::GET_TIME, &[]).await.command,
                code::ACK_UNAUTH
            );
            assert_eq!(client.connect().await.command, code::ACK_OK);
        }
    }
    let activity = terminal.activity();
    assert_eq!((activity.exits, activity.ended_without_exit), (1, 0));
}

#[tokio::test]
async fn a_connection_too_many_is_closed_at_once() {
    let config = TerminalConfig {
        max_connections: 1,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 0, 0).await;
    let mut first = Raw::open(&terminal, Over::Tcp).await;
    let mut second = Raw::new(&terminal, Over::Tcp).await;
    assert_eq!(second.until_closed().await, []);
    assert_eq!(first.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
    assert_eq!(terminal.activity().turned_away, 1);
}

#[tokio::test]
async fn a_session_that_says_nothing_is_ended() {
    let config = TerminalConfig {
        idle_timeout: std::time::Duration::from_millis(400),
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(client.until_closed().await, []);
    terminal.stop().await;
    assert_eq!(terminal.activity().ended_without_exit, 1);
}

//! Going away and coming back.

use std::time::Duration;

use rstest::rstest;
use tokio::{net::TcpStream, time::timeout};
use zk_terminal::{
    Contents, Error, LocalClock, Restart, RestartAnswer, TerminalConfig, VirtualTerminal,
};
use zk_wire::code;

use crate::raw::{Over, PATIENCE, Raw, now, start_with};

#[rstest]
#[case(RestartAnswer::Acknowledged, Over::Tcp)]
#[case(RestartAnswer::Silent, Over::Tcp)]
#[case(RestartAnswer::Acknowledged, Over::Udp)]
#[tokio::test]
async fn a_restarted_terminal_is_away_and_comes_back_at_its_address(
    #[case] answer: RestartAnswer,
    #[case] over: Over,
) {
    let config = TerminalConfig {
        restart: Restart {
            answer,
            away: Duration::from_secs(1),
        },
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 3, 10).await;
    let mut other = Raw::open(&terminal, Over::Tcp).await;
    let mut client = Raw::open(&terminal, over).await;
    client.tell(code::RESTART, &[]).await;
    if answer == RestartAnswer::Acknowledged {
        assert_eq!(client.packet().await.command, code::ACK_OK);
    }
    // Everybody is cut off, not only who asked for it.
    assert_eq!(other.until_closed().await, []);
    let refused = timeout(PATIENCE, async {
        while TcpStream::connect(terminal.address()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    refused.await.expect("the terminal is not away");
    let back = timeout(PATIENCE, async {
        while TcpStream::connect(terminal.address()).await.is_err() {
            tokio::task::yield_now().await;
        }
    });
    back.await.expect("the terminal does not come back");
    let mut client = Raw::open(&terminal, over).await;
    assert_eq!(client.ask(code::GET_TIME, &[]).await.command, code::ACK_OK);
    assert_eq!(terminal.punches().len(), 10);
    assert_eq!(terminal.activity().restarts, 1);
}

#[tokio::test]
async fn after_stop_the_port_is_free_for_the_next_terminal() {
    let first = start_with(TerminalConfig::default(), 3, 0).await;
    let mut client = Raw::open(&first, Over::Tcp).await;
    let _udp = Raw::open(&first, Over::Udp).await;
    let address = first.address();
    let taken = VirtualTerminal::start(
        address,
        TerminalConfig::default(),
        Contents::default(),
        LocalClock::stopped_at(now()),
    );
    assert!(matches!(taken.await, Err(Error::PortTaken { .. })));
    first.stop().await;
    first.stop().await;
    assert_eq!(client.until_closed().await, []);
    assert_eq!(first.activity().ended_without_exit, 2);
    let config = TerminalConfig {
        serial: "OTHER".to_owned(),
        ..TerminalConfig::default()
    };
    let second = VirtualTerminal::start(
        address,
        config,
        Contents::default(),
        LocalClock::stopped_at(now()),
    )
    .await
    .unwrap();
    assert_eq!(
        (second.address(), second.serial().as_str()),
        (address, "OTHER")
    );
}

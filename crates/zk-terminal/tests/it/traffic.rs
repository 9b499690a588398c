//! What a client's requests cost.

use rstest::rstest;
use zk_terminal::{CommandTraffic, TerminalConfig, Traffic};
use zk_wire::code;

use crate::raw::{Over, Raw, announced, data, known_punch, start_with, until};

#[rstest]
#[case(Over::Tcp, 16)]
#[case(Over::Udp, 8)]
#[tokio::test]
async fn packets_and_bytes_are_counted_by_the_command_that_they_belong_to(
    #[case] over: Over,
    #[case] head: u64,
) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, over).await;
    announced(&client.prepare_attendance().await);
    let before = terminal.reset_traffic();
    assert_eq!((before.round_trips(), before.packets_out), (2, 2));
    client.ask(code::GET_TIME, &[]).await;
    let first = client.piece(0, 1_000).await;
    assert_eq!(data(&client.rest(first).await).len(), 1_000);
    let traffic = terminal.traffic();
    assert_eq!(
        traffic.of(code::GET_TIME),
        CommandTraffic {
            packets_in: 1,
            packets_out: 1,
            bytes_in: head,
            bytes_out: head + 4,
        }
    );
    assert_eq!(
        traffic.of(code::READ_BUFFER),
        CommandTraffic {
            packets_in: 1,
            packets_out: 3,
            bytes_in: head + 8,
            bytes_out: 3 * head + 8 + 1_000,
        }
    );
    assert_eq!(traffic.round_trips(), 2);
    assert_eq!(
        (
            traffic.packets_in,
            traffic.packets_out,
            traffic.bytes_in,
            traffic.bytes_out
        ),
        (2, 4, 2 * head + 8, 4 * head + 1_012)
    );
    terminal.reset_traffic();
    assert_eq!(terminal.traffic(), Traffic::default());
}

#[tokio::test]
async fn events_and_their_acknowledgements_are_no_round_trips() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    client.ask(code::REG_EVENT, &1_u32.to_le_bytes()).await;
    terminal.reset_traffic();
    terminal.punch(known_punch());
    let event = client.packet().await;
    assert_eq!(event.command, code::REG_EVENT);
    client.number -= 1;
    client.tell(code::ACK_OK, &[]).await;
    until(|| terminal.activity().events_acknowledged == 1).await;
    let traffic = terminal.traffic();
    assert_eq!((traffic.round_trips(), traffic.packets_in), (0, 1));
    assert_eq!(traffic.of(code::REG_EVENT).bytes_out, 16 + 32);
}

//! Over UDP a client sends a request again when no answer came.

use zk_terminal::{Faults, TerminalConfig};
use zk_wire::code;

use crate::raw::{Over, Raw, announced, frame, start_with};

#[tokio::test]
async fn a_repeated_request_is_answered_again_but_not_done_again() {
    let terminal = start_with(TerminalConfig::default(), 3, 0).await;
    let mut client = Raw::open(&terminal, Over::Udp).await;
    let first = client.ask(code::DELETE_USER, &[1, 0]).await;
    assert_eq!(first.command, code::ACK_OK);
    client.number -= 1;
    assert_eq!(client.ask(code::DELETE_USER, &[1, 0]).await, first);
    assert_eq!(terminal.activity().user_writes, 1);
    // Under a new number it is a new request.
    assert_eq!(
        client.ask(code::DELETE_USER, &[1, 0]).await.command,
        code::ACK_ERROR
    );
}

#[tokio::test]
async fn a_repeated_piece_is_read_again() {
    let terminal = start_with(TerminalConfig::default(), 3, 1_000).await;
    let mut client = Raw::open(&terminal, Over::Udp).await;
    announced(&client.prepare_attendance().await);
    terminal.set_faults(Faults {
        cut_after: Some(0),
        ..Faults::default()
    });
    client.piece(100, 5_000).await;
    client.number -= 1;
    let first = client.piece(100, 5_000).await;
    assert_eq!(crate::raw::data(&client.rest(first).await).len(), 5_000);
}

#[tokio::test]
async fn connecting_twice_opens_one_session() {
    let terminal = start_with(TerminalConfig::default(), 3, 0).await;
    let mut client = Raw::new(&terminal, Over::Udp).await;
    let connect = frame(code::CONNECT, 0, 0, &[]);
    client.send(&connect).await;
    client.send(&connect).await;
    let replies = (client.packet().await, client.packet().await);
    assert_eq!(replies.0, replies.1);
    assert_eq!(terminal.activity().sessions, 1);
}

//! Others at the address of a terminal, played by sockets that know nothing.

use rstest::rstest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinHandle,
};
use zk_doctor::{Outcome, Step};
use zk_wire::{FrameReader, Packet, code};

use crate::patient::{LOOPBACK, NOBODYS_PORT, examined, found, target, text, udp};

/// Serves everybody who connects, one after the other.
async fn serving<F>(
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> (std::net::SocketAddr, JoinHandle<()>)
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            serve(stream).await;
        }
    });
    (address, task)
}

/// Answers the first bytes with these, and waits until the other side has enough.
async fn answer(mut stream: TcpStream, bytes: &[u8]) {
    let mut heard = [0; 1024];
    let _ = stream.read(&mut heard).await;
    let _ = stream.write_all(bytes).await;
    while stream.read(&mut heard).await.is_ok_and(|length| length > 0) {}
}

#[rstest]
#[case::panel(b"\xaa\x01\x06\x00\x00\x0a\x55\x55\x55\x55\x00", "access_panel")]
#[case::rebranded(b"\x55\xaa\x01\x02\x03\x04\x05\x06", "rebranded_terminal")]
#[case::http(b"HTTP/1.1 400 Bad Request\r\n\r\n", "http")]
#[case::tls(b"\x15\x03\x01\x00\x02\x02\x0a", "tls")]
#[case::ssh(b"SSH-2.0-dropbear\r\n", "ssh")]
#[case::something(b"220 smtp ready\r\n", "unknown_protocol")]
#[tokio::test]
async fn a_stranger_is_known_by_its_first_bytes(#[case] bytes: &'static [u8], #[case] code: &str) {
    let (address, task) = serving(move |stream| answer(stream, bytes)).await;
    let report = examined(&target(address)).await;
    task.abort();
    found(&report, Step::Reachability, Outcome::Ok, "answers");
    found(&report, Step::Protocol, Outcome::Failed, code);
    found(&report, Step::Key, Outcome::Skipped, "skipped");
    assert!(!report.is_fine());
}

#[tokio::test]
async fn an_echo_is_no_terminal() {
    let (address, task) = serving(|mut stream| async move {
        let mut heard = [0; 1024];
        while let Ok(length @ 1..) = stream.read(&mut heard).await {
            stream.write_all(&heard[..length]).await.unwrap();
        }
    })
    .await;
    let report = examined(&target(address)).await;
    task.abort();
    found(&report, Step::Protocol, Outcome::Failed, "echo");
}

#[tokio::test]
async fn silence_is_another_client_or_push_only_firmware() {
    let (address, task) = serving(|mut stream| async move {
        let mut heard = [0; 1024];
        while stream.read(&mut heard).await.is_ok_and(|length| length > 0) {}
    })
    .await;
    let report = examined(&target(address)).await;
    task.abort();
    found(&report, Step::Protocol, Outcome::Failed, "silent");
    insta::assert_snapshot!(text(&report));
}

#[tokio::test]
async fn a_terminal_that_closes_at_once_is_busy() {
    let (address, task) = serving(|stream| async move { drop(stream) }).await;
    let report = examined(&target(address)).await;
    task.abort();
    found(&report, Step::Protocol, Outcome::Failed, "closes_at_once");
}

#[rstest]
#[case(code::ACK_ERROR, "refuses_sessions")]
#[case(6001, "refuses_strangers")]
#[tokio::test]
async fn a_refused_session_is_told_with_its_answer(#[case] answer: u16, #[case] finding: &str) {
    let (address, task) = serving(move |mut stream| async move {
        let mut reader = FrameReader::default();
        let mut heard = [0; 1024];
        while let Ok(length @ 1..) = stream.read(&mut heard).await {
            reader.push(&heard[..length]);
            if let Some(request) = reader.next_packet().unwrap() {
                let refusal = Packet {
                    command: answer,
                    reply: request.reply,
                    ..Packet::default()
                };
                stream.write_all(&refusal.to_frame()).await.unwrap();
            }
        }
    })
    .await;
    let report = examined(&target(address)).await;
    task.abort();
    found(&report, Step::Protocol, Outcome::Failed, finding);
    assert!(text(&report).contains(&format!("answer {answer}")));
}

#[tokio::test]
async fn a_host_without_a_terminal_says_that_nothing_listens() {
    let report = examined(&target(([127, 0, 0, 1], NOBODYS_PORT).into())).await;
    let codes = crate::patient::codes(&report, Step::Reachability);
    // Somebody may run a terminal at the usual port of this machine.
    assert!(
        codes == ["nothing_listens"] || codes == ["other_port"],
        "{codes:?}"
    );
    found(&report, Step::Protocol, Outcome::Skipped, "skipped");
}

/// The ports of other makers are what they are; at an address of the loopback network of its own nobody else is.
#[cfg(target_os = "linux")]
#[rstest]
#[case(5005)]
#[case(5055)]
#[tokio::test]
async fn a_terminal_of_another_maker_is_known_by_its_port(#[case] port: u16) {
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let host = std::net::Ipv4Addr::new(127, high, low, u8::try_from(port % 256).unwrap());
    let _other = TcpListener::bind((host, port)).await.unwrap();
    let report = examined(&target((host, NOBODYS_PORT).into())).await;
    found(&report, Step::Reachability, Outcome::Failed, "other_port");
    assert!(text(&report).contains(&port.to_string()));
}

#[tokio::test]
async fn a_name_that_is_none_is_said_to_be_none() {
    let mut target = target(LOOPBACK);
    target.host = "no-such-terminal.invalid".to_owned();
    let report = examined(&target).await;
    found(&report, Step::Reachability, Outcome::Failed, "no_such_name");
}

#[tokio::test]
async fn strange_datagrams_are_another_protocol() {
    let socket = UdpSocket::bind(LOOPBACK).await.unwrap();
    let address = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut heard = [0; 1024];
        loop {
            let (_, client) = socket.recv_from(&mut heard).await.unwrap();
            socket.send_to(b"what?", client).await.unwrap();
        }
    });
    let report = examined(&udp(address)).await;
    task.abort();
    found(&report, Step::Protocol, Outcome::Failed, "unknown_protocol");
}

//! The end of the program, whatever clients do.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::program::{Serve, eventually};

/// How long the program waits for requests when it stops.
const REQUESTS: Duration = Duration::from_millis(8_500);

fn connect(address: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    stream
}

/// A request whose body the server is known to wait for: it asks for it.
fn half_a_request(address: SocketAddr) -> TcpStream {
    let head = "POST /api/connect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
                Expect: 100-continue\r\nContent-Length: 100\r\n\r\n";
    let mut stream = connect(address, head);
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    stream
}

#[test]
fn open_connections_without_a_request_hold_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = Serve::start(folder.path());
    let _silent = connect(serve.address, "");
    let mut kept = connect(
        serve.address,
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    );
    assert!(kept.read(&mut [0; 1024]).unwrap() > 0);
    let (status, took) = serve.process.terminate();
    assert!(status.success());
    // A request may take until then.
    assert!(took < REQUESTS, "{took:?}");
}

#[test]
fn a_client_in_the_middle_of_its_request_is_cut_off_and_the_ledger_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = Serve::start(folder.path());
    let _half = half_a_request(serve.address);
    let (status, took) = serve.process.terminate();
    assert!(status.success());
    // Ten seconds, and what a busy machine needs for that.
    assert!(took < Duration::from_secs(20), "{took:?}");
    // What SQLite leaves beside the ledger where it was not closed.
    assert!(!folder.path().join("ledger.db-wal").exists());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = Serve::start(folder.path());
    let _half = half_a_request(serve.address);
    serve.process.signal();
    serve.process.wait_for("stopping");
    // The first second's signals are taken for the same, so it is asked until it ends.
    let began = std::time::Instant::now();
    let status = eventually("the end", || {
        serve.process.signal();
        serve.process.ended()
    });
    assert_eq!(status.code(), Some(1));
    assert!(began.elapsed() < REQUESTS);
}

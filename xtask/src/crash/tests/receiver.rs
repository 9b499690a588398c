use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use super::super::{
    dice::Dice,
    journal::{Event, Journal},
    receiver::{Mood, Receiver},
};

const SLOWEST: Duration = Duration::from_millis(5);

fn send(receiver: &Receiver, key: &str) -> String {
    let url = receiver.url();
    let address = url
        .trim_start_matches("http://")
        .trim_end_matches("/punches");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /punches HTTP/1.1\r\nIdempotency-Key: {key}\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    .unwrap();
    let mut answer = String::new();
    // A cut connection is one of its answers.
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn a_healthy_receiver_takes_and_acknowledges() {
    let journal = Journal::default();
    let receiver = Receiver::start(journal.clone(), Dice::new(1), SLOWEST).unwrap();
    assert!(send(&receiver, "a").starts_with("HTTP/1.1 200"));
    assert!(matches!(
        journal.events().as_slice(),
        [Event::Arrived(_), Event::Taken(_), Event::Acknowledged(_)]
    ));
}

#[test]
fn a_failing_receiver_never_refuses_what_it_has_taken() {
    let journal = Journal::default();
    let receiver = Receiver::start(journal.clone(), Dice::new(7), SLOWEST).unwrap();
    send(&receiver, "a");
    receiver.set_mood(Mood::Failing);
    for _ in 0..100 {
        let answer = send(&receiver, "a");
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 200"),
            "{answer}"
        );
    }
}

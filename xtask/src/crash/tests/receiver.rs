use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use super::{
    super::{
        dice::Dice,
        journal::Event,
        manners::{Character, Mood, Poison},
        receiver::Receiver,
    },
    batch, doors, punch,
};

fn send(receiver: &Receiver, body: &[u8]) -> String {
    let url = receiver.url();
    let address = url
        .trim_start_matches("http://")
        .trim_end_matches("/punches");
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /punches HTTP/1.1\r\nIdempotency-Key: a\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    // A cut connection is one of its answers.
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn a_healthy_receiver_takes_and_acknowledges() {
    let receiver = Receiver::start(Character::default(), Dice::new(1), doors()).unwrap();
    let request = batch("a", &[punch("1", "2026-01-01 08:00:00")]);
    assert!(send(&receiver, &request.body).starts_with("HTTP/1.1 200"));
    let events = receiver.journal().events();
    assert!(
        matches!(
            events.as_slice(),
            [Event::Arrived(_), Event::Taken(_), Event::Acknowledged(_)]
        ),
        "{events:?}"
    );
}

#[test]
fn what_is_refused_is_answered_with_words_and_written_down() {
    let poison = Poison {
        pin: "7".to_owned(),
        records: 1,
    };
    let character = Character {
        refuses: Some(poison),
        ..Character::default()
    };
    let receiver = Receiver::start(character, Dice::new(1), doors()).unwrap();
    let request = batch("a", &[punch("7", "2026-01-01 08:00:00")]);
    receiver.set_mood(Mood::Failing);
    receiver
        .manners()
        .choose(&request, super::super::clock::now());
    receiver.set_mood(Mood::Healthy);
    let answer = send(&receiver, &request.body);
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    assert!(
        answer.ends_with(r#"{"message":"not a record of ours"}"#),
        "{answer}"
    );
    let events = receiver.journal().events();
    assert!(
        matches!(
            events.as_slice(),
            [Event::Arrived(_), Event::Refused(_, 422)]
        ),
        "{events:?}"
    );
}

use std::time::Duration;

use proptest::prelude::*;

use super::{packet, unframed};
use crate::{
    Link,
    capture::{Capture, Happened, Moment},
    code,
};

fn conversation() -> Capture {
    let at = Duration::from_millis;
    let moment = |millis, what| Moment {
        at: at(millis),
        link: Link::Stream,
        what,
    };
    Capture {
        notes: vec!["a terminal of Ana's".to_owned()],
        moments: vec![
            moment(0, Happened::Opened),
            moment(1, Happened::Sent(packet(code::CONNECT, 0, 0, &[]))),
            moment(13, Happened::Received(packet(code::ACK_OK, 0x1234, 0, &[]))),
            moment(61_500, Happened::Noise(b"HTTP/1.1".to_vec())),
            moment(61_501, Happened::Closed),
        ],
    }
}

#[test]
fn a_capture_is_written_as_its_documentation_says() {
    let text = conversation().to_string();
    assert_eq!(
        text,
        "zk-capture 1\n# a terminal of Ana's\n0.000 tcp opened\n0.001 tcp > e80317fc00000000\n\
         0.013 tcp < d007fbe534120000\n61.500 tcp noise 485454502f312e31\n61.501 tcp closed\n"
    );
    assert_eq!(text.parse(), Ok(conversation()));
}

#[test]
fn a_capture_by_another_hand_may_have_empty_lines_and_upper_case() {
    let text = "zk-capture 1\r\n\r\n#free\n0.010 udp > E80317FC00000000\n";
    let read: Capture = text.parse().unwrap();
    assert_eq!(read.notes, ["free"]);
    let connect = unframed("5050827d08000000e80317fc00000000");
    assert_eq!(
        read.moments,
        [Moment {
            at: Duration::from_millis(10),
            link: Link::Datagram,
            what: Happened::Sent(connect)
        }]
    );
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    for (line, reason) in [
        ("1 tcp opened", "no time"),
        ("0.1 tcp opened", "no time"),
        ("0.001 ip opened", "neither tcp nor udp"),
        ("0.001 tcp", "what happened is missing"),
        ("0.001 tcp <", "the packet is missing"),
        ("0.001 tcp < e8", "too short"),
        ("0.001 tcp < e80317fd00000000", "checksum"),
        ("0.001 tcp < e80317fc0000000é", "hexadecimal"),
        ("0.001 tcp opened twice", "behind its end"),
        ("0.001 tcp vanished", "none of opened"),
    ] {
        let error = format!("zk-capture 1\n{line}\n")
            .parse::<Capture>()
            .unwrap_err();
        assert_eq!(error.line, 2, "{line}");
        assert!(error.to_string().contains(reason), "{line}: {error}");
    }
    let error = "0.000 tcp opened".parse::<Capture>().unwrap_err();
    assert_eq!(error.line, 1);
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(
        moments in prop::collection::vec(
            (0_u64..10_000_000, any::<bool>(), 0_u8..5, any::<(u16, u16, u16)>(), prop::collection::vec(any::<u8>(), 0..64)),
            0..20,
        ),
    ) {
        let moments = moments.into_iter().map(|(millis, stream, what, (command, session, reply), bytes)| Moment {
            at: Duration::from_millis(millis),
            link: if stream { Link::Stream } else { Link::Datagram },
            what: match what {
                0 => Happened::Opened,
                1 => Happened::Sent(packet(command, session, reply, &bytes)),
                2 => Happened::Received(packet(command, session, reply, &bytes)),
                3 => Happened::Noise(bytes),
                _ => Happened::Closed,
            },
        });
        let capture = Capture { notes: Vec::new(), moments: moments.collect() };
        prop_assert_eq!(capture.to_string().parse(), Ok(capture));
    }

    #[test]
    fn any_text_is_a_capture_or_an_error(text in "(zk-capture 1\n)?[0-9a-f .#<>tcpudopenlsi\n]{0,200}") {
        let _ = text.parse::<Capture>();
    }
}

//! Orders by lines of text.

use rstest::rstest;
use zk_terminal::{
    EventLength, EventsBegin, Faults, Listeners, LiveShape, Registration, TerminalConfig,
};
use zk_wire::code;

use crate::raw::{Over, Raw, start_with};

#[tokio::test]
async fn a_terminal_does_what_lines_say() {
    let terminal = start_with(TerminalConfig::default(), 5, 100).await;
    for (line, answer) in [
        ("fault cut=40000", "set"),
        (" fault  udp-loss=5 ", "set"),
        ("punch 3", "3 punched"),
        ("punch 100", "2 punched"),
        ("fill 1000", "1000 rows more"),
        ("add 2000 Ana López", "slot 6"),
        ("remove 1001", "removed"),
        ("serial OTHER", "set"),
        ("offset-reads refused:4989", "set"),
        ("counters frozen", "set"),
        ("counters records=7", "set"),
        (
            "events bytes=52,when-enabled,newest,unacknowledged=3",
            "set",
        ),
        ("events refused=2001,first", "set"),
        ("events usual", "set"),
        ("clock -3600", "it is 2026-11-23T07:30:00"),
        ("capacity 50 refuse", "set"),
        ("punch 1", "0 punched"),
        ("clear", "cleared"),
        ("cut", "closed"),
        ("die", "dead"),
    ] {
        assert_eq!(terminal.obey(line).as_deref(), Ok(answer), "{line}");
    }
    let pins: Vec<_> = terminal.users().into_iter().map(|user| user.pin).collect();
    assert_eq!(pins, ["1002", "1003", "1004", "1005", "2000"]);
    let faults = Faults {
        cut_after: Some(40_000),
        udp_loss_percent: 5,
        ..Faults::default()
    };
    assert_eq!(terminal.faults(), faults);
    assert_eq!(
        (terminal.serial().as_str(), terminal.punch_count()),
        ("OTHER", 0)
    );
    let told = terminal.obey("state").unwrap();
    assert!(
        told.starts_with("OTHER with 5 users, 0 templates, 0 rows"),
        "{told}"
    );
    terminal.obey("fault none").unwrap();
    assert_eq!(terminal.faults(), Faults::default());
}

#[tokio::test]
async fn what_clients_made_it_do_is_told() {
    let terminal = start_with(TerminalConfig::default(), 5, 100).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    client.ask(code::UNLOCK, &25_u32.to_le_bytes()).await;
    client.ask(code::TEST_VOICE, &4_u32.to_le_bytes()).await;
    client.ask(code::WRITE_LCD, b"\x01\0\0\x20Hi").await;
    client.ask(code::CLEAR_LCD, &[]).await;
    assert_eq!(
        terminal.obey("effects").unwrap(),
        "unlocked for 2.5 s, played 4, wrote \"Hi\" into line 1, cleared the display"
    );
}

#[test]
fn the_shape_of_events_is_read_from_text() {
    let shape: LiveShape = "bytes=52,refused=2001,when-enabled,first,unacknowledged=3"
        .parse()
        .unwrap();
    let expected = LiveShape {
        length: EventLength::Bytes(52),
        registration: Registration::Refused(2_001),
        begins: EventsBegin::WhenEnabled,
        listeners: Listeners::First,
        unacknowledged: Some(3),
    };
    assert_eq!(
        (shape, "usual".parse()),
        (expected, Ok(LiveShape::default()))
    );
}

#[tokio::test]
async fn traffic_is_told_since_the_last_time() {
    let terminal = start_with(TerminalConfig::default(), 5, 100).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    terminal.obey("traffic").unwrap();
    client.ask(code::GET_TIME, &[]).await;
    assert_eq!(
        terminal.obey("traffic").unwrap(),
        "1 round trips, 16 bytes in, 20 bytes out; 201: 1 in, 16 bytes, 1 out, 20 bytes"
    );
}

#[rstest]
#[case("", "\"\" is no order; the orders are: fault NAME=VALUE")]
#[case("dance", "\"dance\" is no order")]
#[case("punch", "a number is missing")]
#[case("fault cut=x", "\"cut=x\" is no fault")]
#[case("remove 77", "nobody has the PIN \"77\"")]
#[case("add", "a PIN is missing")]
#[case("add 1001 Somebody", "the PIN \"1001\" belongs to another user")]
#[case("clock soon", "a number of seconds is missing")]
#[case("serial", "a serial number is missing")]
#[case("counters many", "\"many\" is none of 80, 92")]
#[case("offset-reads refused:x", "\"refused:x\" names no code")]
#[case("offset-reads no", "\"no\" is none of yes")]
#[case("capacity x", "a number of rows is missing")]
#[case("capacity 5 burst", "\"burst\" is neither rollover nor refuse")]
#[case("events bytes=x", "\"bytes=x\" is none of usual, bytes=N")]
#[case("events newest=1", "\"newest=1\" is none of usual")]
#[case("events", "\"\" is none of usual")]
#[tokio::test]
async fn a_line_that_says_nothing_is_explained(#[case] line: &str, #[case] reason: &str) {
    let terminal = start_with(TerminalConfig::default(), 2, 0).await;
    let error = terminal.obey(line).unwrap_err().to_string();
    assert!(error.starts_with(reason), "{error}");
}

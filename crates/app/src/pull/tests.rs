use std::{io, net::SocketAddr};

use jiff::civil::{DateTime, date};
use rstest::rstest;
use zk_client::Session;
use zk_terminal::{
    Contents, CounterShape, Faults, Handle, Lie, LocalClock, Punch, TerminalConfig, User,
    VirtualTerminal,
};
use zk_wire::{RowLayout, UserFormat};

use super::{
    Format, Lines, Progress, PullArgs, Pulled, What, attendance, is_broken_pipe, pull, target,
};
use crate::comm_key::CommKeyArgs;

const HEADER: &str = "user_id,timestamp,state,punch_type,verify_mode,work_code\n";

fn now() -> DateTime {
    date(2026, 11, 23).at(8, 30, 0, 0)
}

fn user(uid: u16, pin: &str, name: &str) -> User {
    User {
        uid,
        pin: pin.to_owned(),
        name: name.to_owned(),
        privilege: 0,
        password: String::new(),
        card: 0,
        group: 1,
    }
}

fn punch(uid: u16, pin: &str, time: DateTime, state: u8) -> Punch {
    Punch {
        uid,
        pin: pin.to_owned(),
        time,
        state,
        verify: 1,
        work_code: 0,
    }
}

async fn terminal(config: TerminalConfig, contents: Contents) -> Handle {
    let clock = LocalClock::stopped_at(now());
    VirtualTerminal::start(([127, 0, 0, 1], 0).into(), config, contents, clock)
        .await
        .unwrap()
}

fn args(address: SocketAddr, what: What, format: Format) -> PullArgs {
    PullArgs {
        address: address.to_string().parse().unwrap(),
        udp: false,
        key: CommKeyArgs::default(),
        what,
        format,
    }
}

async fn pulled(terminal: &Handle, what: What, format: Format) -> String {
    let mut out = Vec::new();
    pull(&args(terminal.address(), what, format), &mut out)
        .await
        .unwrap();
    let activity = terminal.activity();
    assert_eq!(
        (activity.exits, activity.disables),
        (activity.sessions, 0),
        "the terminal was not left as it should be"
    );
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn punches_come_as_csv_json_and_jsonl() {
    let contents = Contents {
        users: vec![user(7, "0042", "Ana")],
        punches: vec![
            punch(7, "0042", now(), 0),
            punch(7, "0042", date(2026, 11, 23).at(17, 5, 9, 0), 1),
        ],
    };
    let terminal = terminal(TerminalConfig::default(), contents).await;
    assert_eq!(
        pulled(&terminal, What::Attendance, Format::Csv).await,
        format!(
            "{HEADER}0042,2026-11-23 08:30:00,0,Check In,1,0\n0042,2026-11-23 17:05:09,1,Check Out,1,0\n"
        )
    );
    let first = r#"{"user_id":"0042","timestamp":"2026-11-23 08:30:00","state":0,"punch_type":"Check In","verify_mode":1,"work_code":0}"#;
    let second = r#"{"user_id":"0042","timestamp":"2026-11-23 17:05:09","state":1,"punch_type":"Check Out","verify_mode":1,"work_code":0}"#;
    assert_eq!(
        pulled(&terminal, What::Attendance, Format::Json).await,
        format!("[\n{first},\n{second}\n]\n")
    );
    assert_eq!(
        pulled(&terminal, What::Attendance, Format::Jsonl).await,
        format!("{first}\n{second}\n")
    );
}

#[tokio::test]
async fn an_empty_log_is_a_header_an_empty_array_or_nothing() {
    let terminal = terminal(TerminalConfig::default(), Contents::default()).await;
    assert_eq!(
        pulled(&terminal, What::Attendance, Format::Csv).await,
        HEADER
    );
    assert_eq!(
        pulled(&terminal, What::Attendance, Format::Json).await,
        "[]\n"
    );
    assert_eq!(pulled(&terminal, What::Attendance, Format::Jsonl).await, "");
}

#[tokio::test]
async fn rows_with_slot_numbers_get_the_user_ids_of_the_user_table() {
    for record_format in [RowLayout::A8, RowLayout::B8] {
        let config = TerminalConfig {
            record_format,
            ..TerminalConfig::default()
        };
        let punches = (0..300).map(|second| {
            let uid = if second % 2 == 0 { 7 } else { 8 };
            punch(uid, "", now() + jiff::SignedDuration::from_secs(second), 0)
        });
        let contents = Contents {
            users: vec![user(7, "100234", "Ana")],
            punches: punches.collect(),
        };
        let terminal = terminal(config, contents).await;
        let csv = pulled(&terminal, What::Attendance, Format::Csv).await;
        let ids: Vec<&str> = csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap())
            .collect();
        // Slot 8 is nobody's any more, so its number is all there is.
        assert_eq!(ids, ["100234", "8"].repeat(ids.len() / 2));
        assert_eq!(ids.len(), 300);
    }
}

#[tokio::test]
async fn an_unreadable_row_keeps_what_it_says_and_its_bytes() {
    let never = date(1999, 12, 31).at(23, 59, 59, 0);
    let contents = Contents {
        users: vec![user(7, "0042", "Ana")],
        punches: vec![
            punch(7, "0042", now(), 0),
            punch(7, "0042", never, 1),
            punch(7, "0042", now(), 1),
        ],
    };
    let terminal = terminal(TerminalConfig::default(), contents).await;
    let csv = pulled(&terminal, What::Attendance, Format::Csv).await;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 4);
    let (fields, raw) = lines[2].rsplit_once(',').unwrap();
    assert_eq!(fields, "0042,,1,Check Out,1,0");
    assert_eq!(raw.len(), 80);
    assert!(raw.starts_with("070030303432"), "{raw}");
    assert_eq!(lines[3], "0042,2026-11-23 08:30:00,1,Check Out,1,0");

    let json = pulled(&terminal, What::Attendance, Format::Json).await;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(rows[1]["timestamp"], serde_json::Value::Null);
    assert_eq!(rows[1]["raw"], raw);
    assert_eq!(rows[1]["user_id"], "0042");
    assert_eq!(rows[0].get("raw"), None);
}

#[tokio::test]
async fn names_are_read_in_the_code_page_that_they_are_written_in() {
    let people = [(1, "1", "a"), (2, "2", "b"), (3, "3", "c")];
    let contents = Contents {
        users: people.map(|(uid, pin, name)| user(uid, pin, name)).to_vec(),
        punches: Vec::new(),
    };
    let terminal = terminal(TerminalConfig::default(), contents).await;
    let names: [&[u8]; 3] = [
        b"\xd5\xc5\xce\xb0",
        b"\xc0\xee\xc4\xc8",
        b"\xcd\xf5\xb7\xbc",
    ];
    for ((_, pin, _), name) in people.iter().zip(names) {
        assert!(terminal.set_raw_name(pin, name));
    }
    let csv = pulled(&terminal, What::Users, Format::Csv).await;
    for name in ["张伟", "李娜", "王芳"] {
        assert!(csv.contains(name), "{csv}");
    }
}

#[tokio::test]
async fn users_come_in_the_shape_of_the_api() {
    for user_format in [UserFormat::B28, UserFormat::B72] {
        let config = TerminalConfig {
            user_format,
            ..TerminalConfig::default()
        };
        let ana = User {
            privilege: 14,
            password: "4321".to_owned(),
            card: 4242,
            ..user(7, "1001", "Ana, L.")
        };
        let contents = Contents {
            users: vec![ana, user(8, "1002", "Bo")],
            punches: Vec::new(),
        };
        let terminal = terminal(config, contents).await;
        assert_eq!(
            pulled(&terminal, What::Users, Format::Csv).await,
            "user_id,name,privilege,card,group_id,has_password\n1001,\"Ana, L.\",14,4242,1,true\n1002,Bo,0,0,1,false\n"
        );
        assert_eq!(
            pulled(&terminal, What::Users, Format::Jsonl)
                .await
                .lines()
                .next()
                .unwrap(),
            r#"{"user_id":"1001","name":"Ana, L.","privilege":14,"card":4242,"group_id":"1","has_password":true}"#
        );
    }
}

#[tokio::test]
async fn info_is_one_object_or_one_line_under_a_header() {
    let terminal = terminal(TerminalConfig::default(), Contents::default()).await;
    let json = pulled(&terminal, What::Info, Format::Json).await;
    let info: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(info["serial_number"], "ZKEMU0000001");
    assert_eq!(info["device_time"], "2026-11-23 08:30:00");
    assert_eq!(info["records_on_device"], 0);
    let csv = pulled(&terminal, What::Info, Format::Csv).await;
    let fields: Vec<Vec<String>> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect();
    let at = fields[0]
        .iter()
        .position(|name| name == "serial_number")
        .unwrap();
    assert_eq!(fields[1][at], "ZKEMU0000001");
    assert_eq!(fields[0].len(), fields[1].len());
}

#[tokio::test]
async fn a_log_in_no_known_layout_is_written_in_hex_and_is_no_success() {
    let terminal = terminal(
        TerminalConfig::default(),
        Contents::generate(5, 3, 1, now()),
    )
    .await;
    terminal.say_log(Some(vec![0xee; 132]));
    let args = args(terminal.address(), What::Attendance, Format::Csv);
    let mut written = Vec::new();
    let came_to = pull(&args, &mut written).await.unwrap();
    assert_eq!(came_to, Pulled::DoesNotAddUp);
    let text = String::from_utf8(written).unwrap();
    let row = format!(",,,,,,{}", "ee".repeat(44));
    assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), [row.as_str(); 3]);
}

/// What a pull of a log of 20 rows came to, and what is told of it.
async fn tallied(config: TerminalConfig, faults: Faults) -> (Pulled, Option<String>) {
    let terminal = terminal(config, Contents::generate(10, 20, 1, now())).await;
    terminal.set_faults(faults);
    let args = args(terminal.address(), What::Attendance, Format::Csv);
    let came_to = pull(&args, io::sink()).await.unwrap();
    let mut session = Session::connect(&target(&args).unwrap()).await.unwrap();
    let mut lines = Lines::new(Vec::new(), Format::Csv, attendance::HEADER);
    let tally = attendance::pull(&mut session, &mut lines, &mut Progress::new())
        .await
        .unwrap();
    session.close().await;
    (came_to, tally.difference())
}

#[rstest]
#[case::it_counts_more(
    CounterShape::OneTooMany,
    Lie::No,
    "holds 21 punches, and its log came as 20 rows, 1 did not come"
)]
#[case::it_counts_less(
    CounterShape::Records(18),
    Lie::No,
    "holds 18 punches, and its log came as 20 rows, 2 more than that"
)]
#[case::the_log_says_it_is_empty(
    CounterShape::B92,
    Lie::Says(0),
    "came as 0 rows, 20 did not come"
)]
#[case::the_log_says_one_less(CounterShape::B92, Lie::Off(-40), "came as 19 rows, 1 did not come")]
#[tokio::test]
async fn a_log_that_does_not_add_up_is_told_and_is_no_success(
    #[case] counters: CounterShape,
    #[case] declared_bytes: Lie,
    #[case] told: &str,
) {
    let config = TerminalConfig {
        counters,
        ..TerminalConfig::default()
    };
    let faults = Faults {
        declared_bytes,
        ..Faults::default()
    };
    let (came_to, difference) = tallied(config, faults).await;
    assert_eq!(came_to, Pulled::DoesNotAddUp);
    let difference = difference.unwrap();
    assert!(difference.contains(told), "{difference}");
}

#[rstest]
#[case::it_counts_right("SC700", CounterShape::B92)]
#[case::it_does_not_count("SC700", CounterShape::Unknown)]
#[case::it_always_says_none("SC700", CounterShape::NoRecords)]
#[case::it_is_known_to_miscount("SpeedFace-V5L", CounterShape::OneTooMany)]
#[tokio::test]
async fn what_a_terminal_cannot_count_is_no_alarm(
    #[case] name: &str,
    #[case] counters: CounterShape,
) {
    let config = TerminalConfig {
        name: name.to_owned(),
        counters,
        ..TerminalConfig::default()
    };
    let (came_to, difference) = tallied(config, Faults::default()).await;
    assert_eq!((came_to, difference), (Pulled::Everything, None));
}

#[rstest]
#[case::in_the_log_itself(Faults { declared_bytes: Lie::Off(40), ..Faults::default() })]
#[case::where_it_is_announced(Faults { announced_size: Lie::Off(-40), ..Faults::default() })]
#[tokio::test]
async fn a_log_that_contradicts_itself_is_a_failure_with_its_reason(#[case] faults: Faults) {
    let contents = Contents::generate(10, 2_000, 1, now());
    let terminal = terminal(TerminalConfig::default(), contents).await;
    terminal.set_faults(faults);
    let args = args(terminal.address(), What::Attendance, Format::Csv);
    let error = pull(&args, io::sink()).await.unwrap_err();
    assert!(format!("{error:#}").contains("bytes"), "{error:#}");
}

#[tokio::test]
async fn a_failure_before_the_first_row_writes_nothing() {
    let terminal = terminal(
        TerminalConfig::default(),
        Contents::generate(10, 5_000, 1, now()),
    )
    .await;
    terminal.set_faults(Faults {
        cut_after: Some(100),
        ..Faults::default()
    });
    let mut out = Vec::new();
    let error = pull(
        &args(terminal.address(), What::Attendance, Format::Json),
        &mut out,
    )
    .await
    .unwrap_err();
    assert_eq!(String::from_utf8(out).unwrap(), "", "{error:#}");
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_the_rows_before_it_and_no_end() {
    let terminal = terminal(
        TerminalConfig::default(),
        Contents::generate(10, 5_000, 1, now()),
    )
    .await;
    let whole = pulled(&terminal, What::Attendance, Format::Json).await;
    terminal.set_faults(Faults {
        cut_after: Some(150_000),
        ..Faults::default()
    });
    let mut out = Vec::new();
    let error = pull(
        &args(terminal.address(), What::Attendance, Format::Json),
        &mut out,
    )
    .await
    .unwrap_err();
    let part = String::from_utf8(out).unwrap();
    assert!(
        whole.starts_with(&part) && part.len() > 100_000,
        "{error:#}"
    );
    assert!(!part.ends_with("]\n"), "it looks complete");
}

#[tokio::test]
async fn a_reader_that_has_enough_is_no_failure() {
    struct Closed;
    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let terminal = terminal(
        TerminalConfig::default(),
        Contents::generate(10, 5_000, 1, now()),
    )
    .await;
    let error = pull(
        &args(terminal.address(), What::Attendance, Format::Csv),
        Closed,
    )
    .await
    .unwrap_err();
    assert!(is_broken_pipe(&error), "{error:#}");
    assert_eq!(terminal.activity().exits, 1);
}

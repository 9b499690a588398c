//! A conversation that is kept has nobody in it, and tells the same.

use rstest::rstest;
use zk_client::Target;
use zk_doctor::{Outcome, Report, Step};
use zk_terminal::{
    AnswerShape, BulkShape, Contents, CounterShape, Faults, OffsetReads, Order, Punch, Repeat,
    ReplayTerminal, TerminalConfig, User,
};
use zk_wire::{
    Packet, RowLayout, UserFormat,
    capture::{Capture, Happened},
    code,
};

use crate::patient::{LOOPBACK, captured, now, target, terminal_with, text, udp};

const SERIAL: &str = "CEXA204760917";
const NAMES: [&str; 4] = ["Zdenka Quxley", "Йоханнес", "نورالدين", "王小明"];
const PASSWORD: &str = "98765";
const CARD: u32 = 0xdead_beef;

fn people() -> Contents {
    let pin = |at: usize| (7_700_077 + at * 13).to_string();
    let users = (0..40_u16)
        .map(|at| User {
            uid: at + 1,
            pin: pin(at.into()),
            name: NAMES[usize::from(at) % NAMES.len()].to_owned(),
            privilege: 0,
            password: PASSWORD.to_owned(),
            card: CARD,
            group: 1,
        })
        .collect();
    let begin = jiff::civil::date(2026, 3, 1).at(8, 0, 0, 0);
    let punches = (0..4_000_u16)
        .map(|at| Punch {
            uid: at % 40 + 1,
            pin: pin((at % 40).into()),
            time: begin + jiff::SignedDuration::from_mins(i64::from(at) * 7),
            state: u8::try_from(at % 2).unwrap(),
            verify: 1,
            work_code: 0,
        })
        .collect();
    Contents { users, punches }
}

fn config(user_format: UserFormat, record_format: RowLayout) -> TerminalConfig {
    TerminalConfig {
        serial: SERIAL.to_owned(),
        user_format,
        record_format,
        ..TerminalConfig::default()
    }
}

fn everything(capture: &Capture) -> Vec<u8> {
    let packets = capture
        .moments
        .iter()
        .filter_map(|moment| match &moment.what {
            Happened::Sent(packet) | Happened::Received(packet) => Some(packet),
            Happened::Opened | Happened::Noise(_) | Happened::Closed => None,
        });
    // Without headers, so that what packets split stands together.
    packets.flat_map(|packet| packet.payload.clone()).collect()
}

/// Looks for everybody of [`people`], as text and as numbers, also in several packets' payloads read as one.
#[track_caller]
fn nobody_is_in(capture: &Capture, user_format: UserFormat) {
    let bytes = everything(capture);
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(!holds(SERIAL.as_bytes()));
    assert!(!holds(b"00:17:61"), "the address of the network card");
    assert!(!holds(PASSWORD.as_bytes()));
    assert!(!holds(&CARD.to_le_bytes()));
    for user in people().users {
        assert!(!holds(user.pin.as_bytes()), "{}", user.pin);
        let number: u32 = user.pin.parse().unwrap();
        assert!(!holds(&number.to_le_bytes()), "{number} as a number");
        let fits = match user_format {
            UserFormat::B28 => 7,
            UserFormat::B72 => 23,
        };
        let name = &user.name.as_bytes()[..user.name.len().min(fits)];
        assert!(!holds(&name[..name.len() - 1]), "{}", user.name);
    }
}

/// Every outcome and code, in order.
fn outcomes(report: &Report) -> Vec<(Step, Outcome, Vec<&'static str>)> {
    let steps = report.steps.iter().map(|step| {
        let codes = step.remarks.iter().map(|remark| remark.code).collect();
        (step.step, step.outcome, codes)
    });
    steps.collect()
}

async fn kept(
    config: TerminalConfig,
    faults: Faults,
    to: fn(std::net::SocketAddr) -> Target,
) -> (Report, Capture) {
    let terminal = terminal_with(config, people()).await;
    terminal.set_faults(faults);
    let mut target = to(terminal.address());
    target.timeouts.connect = std::time::Duration::from_secs(5);
    let report = captured(&target).await;
    let capture = report.capture.clone().unwrap();
    (report, capture)
}

#[rstest]
#[case(UserFormat::B72, RowLayout::R40)]
#[case(UserFormat::B72, RowLayout::R49)]
#[case(UserFormat::B72, RowLayout::A8)]
#[case(UserFormat::B28, RowLayout::B8)]
#[case(UserFormat::B28, RowLayout::R16)]
#[tokio::test]
async fn a_capture_has_nobody_in_it(#[case] users: UserFormat, #[case] log: RowLayout) {
    for to in [target as fn(_) -> _, udp] {
        let (report, capture) = kept(config(users, log), Faults::default(), to).await;
        assert_eq!(
            report.step(Step::Log).unwrap().outcome,
            Outcome::Ok,
            "{report:?}"
        );
        nobody_is_in(&capture, users);
    }
}

#[rstest]
#[case::small_packets(AnswerShape { tcp_packet: 1_008, ..AnswerShape::default() }, Faults::default(), target as fn(_) -> _)]
#[case::directly(AnswerShape { bulk: BulkShape::Direct, ..AnswerShape::default() }, Faults::default(), target)]
#[case::after_a_refusal(AnswerShape { bulk: BulkShape::Refused(4989), ..AnswerShape::default() }, Faults::default(), target)]
#[case::odd_packets(AnswerShape { tcp_packet: 97, ..AnswerShape::default() }, Faults::default(), target)]
#[case::twice(AnswerShape::default(), Faults { replies: Repeat::Twice, ..Faults::default() }, target)]
#[case::lossy(AnswerShape { udp_packet: 511, ..AnswerShape::default() }, Faults { udp_loss_percent: 5, ..Faults::default() }, udp)]
#[case::swapped(AnswerShape::default(), Faults { udp_order: Order::Swapped, ..Faults::default() }, udp)]
#[tokio::test]
async fn however_packets_split_the_rows_nobody_is_in_it(
    #[case] answers: AnswerShape,
    #[case] faults: Faults,
    #[case] to: fn(std::net::SocketAddr) -> Target,
) {
    let config = TerminalConfig {
        answers,
        ..config(UserFormat::B72, RowLayout::R40)
    };
    let (_, capture) = kept(config, faults, to).await;
    nobody_is_in(&capture, UserFormat::B72);
}

#[tokio::test]
async fn the_same_person_stays_the_same_and_lengths_stay() {
    let (_, capture) = kept(
        config(UserFormat::B72, RowLayout::R40),
        Faults::default(),
        target,
    )
    .await;
    let bytes = everything(&capture);
    // The first user of the table; 1/40 of the log is theirs.
    let stands_for = b"1000000";
    let count = bytes
        .windows(7)
        .filter(|window| window == stands_for)
        .count();
    assert!(count > 100, "{count}");
    let text = capture.to_string();
    assert_eq!(
        text.parse::<Capture>().unwrap().moments.len(),
        capture.moments.len()
    );
}

#[tokio::test]
async fn a_key_cannot_be_computed_from_a_capture() {
    let key = zk_wire::CommKey::new(123_456);
    let config = TerminalConfig {
        comm_key: Some(key),
        ..config(UserFormat::B72, RowLayout::R40)
    };
    let terminal = terminal_with(config, people()).await;
    let mut target = target(terminal.address());
    target.comm_key = Some(key);
    let capture = captured(&target).await.capture.unwrap();
    let auth = capture
        .moments
        .iter()
        .find_map(|moment| match &moment.what {
            Happened::Sent(packet) if packet.command == code::AUTH => Some(packet),
            _ => None,
        });
    assert_eq!(auth.unwrap().payload, [0; 4]);
}

#[tokio::test]
async fn no_capture_is_kept_unless_it_is_wanted() {
    let terminal = terminal_with(
        TerminalConfig::default(),
        Contents::generate(3, 10, 7, now()),
    )
    .await;
    let report = crate::patient::examined(&target(terminal.address())).await;
    assert!(report.capture.is_none());
    // And what was compared above was not empty.
    let report = captured(&target(terminal.address())).await;
    let sent = |packet: &Packet| packet.command == code::CONNECT;
    let moments = report.capture.clone().unwrap().moments;
    assert!(
        moments
            .iter()
            .any(|moment| matches!(&moment.what, Happened::Sent(packet) if sent(packet)))
    );
    assert_eq!(outcomes(&report).len(), Step::ALL.len());
}

/// The text without what is somebody's.
fn impersonal(report: &Report) -> String {
    let serial = report
        .device
        .as_ref()
        .and_then(|device| device.serial.clone());
    text(report).replace(&serial.unwrap_or_default(), "SERIAL")
}

#[rstest]
#[case::usual(TerminalConfig::default(), target as fn(_) -> _)]
#[case::over_udp(TerminalConfig::default(), udp)]
#[case::face(TerminalConfig { record_format: RowLayout::R49, counters: CounterShape::NoRecords, ..TerminalConfig::default() }, target)]
#[case::old(TerminalConfig { user_format: UserFormat::B28, record_format: RowLayout::B8, counters: CounterShape::Unknown, ..TerminalConfig::default() }, udp)]
#[case::numbers(TerminalConfig { user_format: UserFormat::B28, record_format: RowLayout::R16, ..TerminalConfig::default() }, target)]
#[case::no_offsets(TerminalConfig { offset_reads: OffsetReads::IgnoresOffset, ..TerminalConfig::default() }, target)]
#[case::small_packets(TerminalConfig { answers: AnswerShape { tcp_packet: 1_008, ..AnswerShape::default() }, ..TerminalConfig::default() }, target)]
#[tokio::test]
async fn a_replayed_capture_gives_the_same_report(
    #[case] config: TerminalConfig,
    #[case] to: fn(std::net::SocketAddr) -> Target,
) {
    let config = TerminalConfig {
        serial: SERIAL.to_owned(),
        ..config
    };
    let (report, capture) = kept(config, Faults::default(), to).await;
    // As it comes out of a file.
    let capture: Capture = capture.to_string().parse().unwrap();
    let replay = ReplayTerminal::start(LOOPBACK, &capture).await.unwrap();
    let again = captured(&to(replay.address())).await;
    assert_eq!(
        impersonal(&again),
        impersonal(&report),
        "{:?}",
        replay.unanswered()
    );
    assert_eq!(outcomes(&again), outcomes(&report));
    // Anonymised twice, it is still the same conversation.
    assert_eq!(again.capture.unwrap().moments.len(), capture.moments.len());
}

#[tokio::test]
async fn a_table_that_no_virtual_terminal_would_hold_is_examined_from_a_capture() {
    let contents = Contents::generate(3, 10, 7, now());
    let terminal = terminal_with(TerminalConfig::default(), contents).await;
    let mut capture = captured(&target(terminal.address())).await.capture.unwrap();
    let table = capture
        .moments
        .iter_mut()
        .find_map(|moment| match &mut moment.what {
            Happened::Received(packet) if packet.command == code::DATA => Some(&mut packet.payload),
            _ => None,
        })
        .unwrap();
    let row = |at: usize| 4 + at * 72;
    // The second user gets the first one's user id, the third no slot.
    table.copy_within(row(0) + 48..row(0) + 72, row(1) + 48);
    table[row(2)..row(2) + 2].fill(0);
    let replay = ReplayTerminal::start(LOOPBACK, &capture).await.unwrap();
    let report = captured(&target(replay.address())).await;
    let (_, outcome, codes) = outcomes(&report).remove(6);
    assert_eq!(outcome, Outcome::Warning);
    assert!(
        codes.contains(&"doubles") && codes.contains(&"unreadable"),
        "{codes:?}"
    );
}

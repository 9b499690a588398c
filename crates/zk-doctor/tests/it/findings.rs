//! What the doctor finds in terminals that work, more or less.

use std::time::Duration;

use jiff::{SignedDuration, civil::date};
use rstest::rstest;
use tokio::net::TcpStream;
use zk_doctor::{Outcome, Step};
use zk_terminal::{
    AnswerShape, BulkShape, Contents, CounterShape, Faults, LiveShape, OffsetReads, Punch,
    Registration, TerminalConfig, User,
};
use zk_wire::{CommKey, RowLayout, UserFormat, code};

use crate::patient::{
    codes, examined, found, now, target, terminal, terminal_with, text, udp, with,
};

#[tokio::test]
async fn nothing_is_disabled_written_or_cleared_and_the_session_is_ended() {
    let terminal = terminal(TerminalConfig::default()).await;
    let (users, punches) = (terminal.users(), terminal.punches());
    examined(&target(terminal.address())).await;
    let did = terminal.activity();
    assert_eq!(
        (
            did.disables,
            did.clears,
            did.user_writes,
            did.restarts,
            did.unknown_commands
        ),
        (0, 0, 0, 0, 0)
    );
    assert_eq!(
        (did.connections, did.sessions, did.exits),
        (1, 1, 1),
        "{did:?}"
    );
    assert_eq!((terminal.users(), terminal.punches()), (users, punches));
}

#[rstest]
#[case(None, "key_needed")]
#[case(Some(1), "wrong_key")]
#[tokio::test]
async fn a_key_that_is_missing_or_wrong_is_the_finding(
    #[case] given: Option<u32>,
    #[case] code: &str,
) {
    let terminal = terminal(TerminalConfig {
        comm_key: Some(CommKey::new(123_456)),
        ..TerminalConfig::default()
    })
    .await;
    let mut target = target(terminal.address());
    target.comm_key = given.map(CommKey::new);
    let report = examined(&target).await;
    found(&report, Step::Protocol, Outcome::Ok, "speaks_it");
    found(&report, Step::Key, Outcome::Failed, code);
    found(&report, Step::Log, Outcome::Skipped, "skipped");
}

#[tokio::test]
async fn a_right_key_and_a_superfluous_one_are_told_apart() {
    let locked = terminal(TerminalConfig {
        comm_key: Some(CommKey::new(123_456)),
        ..TerminalConfig::default()
    })
    .await;
    let open = terminal(TerminalConfig::default()).await;
    for (terminal, code) in [(locked, "key_taken"), (open, "key_not_needed")] {
        let mut target = target(terminal.address());
        target.comm_key = Some(CommKey::new(123_456));
        let report = examined(&target).await;
        found(&report, Step::Key, Outcome::Ok, code);
        found(&report, Step::Log, Outcome::Ok, "read");
    }
}

#[rstest]
#[case(20, Outcome::Ok, "right")]
#[case(-240, Outcome::Warning, "drifted")]
#[case(3_600, Outcome::Warning, "drifted")]
#[case(-86_400 * 400, Outcome::Failed, "impossible")]
#[tokio::test]
async fn a_clock_is_right_drifts_or_is_impossible(
    #[case] ahead: i64,
    #[case] outcome: Outcome,
    #[case] code: &str,
) {
    let terminal = terminal(TerminalConfig {
        clock_offset: SignedDuration::from_secs(ahead),
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Clock, outcome, code);
}

#[rstest]
#[case(RowLayout::A8, "layout 8)")]
#[case(RowLayout::B8, "layout 8b)")]
#[case(RowLayout::R16, "layout 16)")]
#[case(RowLayout::R40, "layout 40)")]
#[case(RowLayout::R49, "layout 49)")]
#[tokio::test]
async fn every_layout_of_the_log_is_named(#[case] layout: RowLayout, #[case] named: &str) {
    let terminal = terminal(TerminalConfig {
        record_format: layout,
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Log, Outcome::Ok, "read");
    assert!(text(&report).contains(named), "{}", text(&report));
}

#[tokio::test]
async fn a_log_in_no_known_layout_is_a_finding_with_what_to_send() {
    let terminal = terminal(TerminalConfig::default()).await;
    terminal.say_log(Some(vec![0xee; 132]));
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Log, Outcome::Failed, "layout_unknown");
    assert!(text(&report).contains("132 bytes"), "{}", text(&report));
    assert!(text(&report).contains("--capture"), "{}", text(&report));
}

#[tokio::test]
async fn small_rows_of_users_are_read_too() {
    let terminal = terminal(TerminalConfig {
        user_format: UserFormat::B28,
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&udp(terminal.address())).await;
    assert_eq!(report.transport, Some("udp"));
    found(&report, Step::Users, Outcome::Ok, "read");
    assert!(text(&report).contains("rows of 28 bytes"));
}

#[rstest]
#[case(CounterShape::Unknown, Step::Counters, "unknown")]
#[case(CounterShape::NoRecords, Step::Log, "counts_nothing")]
#[case(CounterShape::OneTooMany, Step::Log, "counts_wrong")]
#[tokio::test]
async fn counters_that_cannot_be_trusted_are_found(
    #[case] counters: CounterShape,
    #[case] step: Step,
    #[case] code: &str,
) {
    let terminal = terminal(TerminalConfig {
        counters,
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&target(terminal.address())).await;
    found(&report, step, Outcome::Warning, code);
}

#[rstest]
#[case(OffsetReads::Yes, Outcome::Ok, "offsets")]
#[case(OffsetReads::Refused(2001), Outcome::Warning, "no_offsets")]
#[case(OffsetReads::IgnoresOffset, Outcome::Warning, "no_offsets")]
#[tokio::test]
async fn whether_it_reads_from_the_middle_of_its_log_is_tried(
    #[case] offset_reads: OffsetReads,
    #[case] outcome: Outcome,
    #[case] code: &str,
) {
    let terminal = terminal(TerminalConfig {
        offset_reads,
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Log, outcome, code);
}

#[tokio::test]
async fn a_log_of_several_pieces_from_a_terminal_without_offsets_is_read_all_the_same() {
    let contents = Contents::generate(20, 4_000, 7, now());
    let config = TerminalConfig {
        offset_reads: OffsetReads::Refused(2001),
        ..TerminalConfig::default()
    };
    let terminal = terminal_with(config, contents).await;
    let report = examined(&target(terminal.address())).await;
    assert!(text(&report).contains("4,000 punches"), "{}", text(&report));
    found(&report, Step::Log, Outcome::Warning, "no_offsets");
}

#[tokio::test]
async fn a_log_that_is_nearly_full_is_told() {
    let terminal = terminal(TerminalConfig {
        record_capacity: 310,
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Log, Outcome::Warning, "nearly_full");
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_counted_with_their_reason() {
    let terminal = terminal(TerminalConfig::default()).await;
    let before_2000 = Punch {
        uid: 1,
        pin: "1001".to_owned(),
        time: date(1999, 1, 1).at(0, 0, 0, 0),
        state: 0,
        verify: 1,
        work_code: 0,
    };
    let tomorrow = Punch {
        time: date(2026, 12, 24).at(0, 0, 0, 0),
        ..before_2000.clone()
    };
    for punch in [&before_2000, &tomorrow, &tomorrow] {
        terminal.punch(punch.clone());
    }
    let report = examined(&target(terminal.address())).await;
    let codes = codes(&report, Step::Log);
    for code in ["unreadable", "implausible_times", "repeats"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    assert!(text(&report).contains("1 of 303 rows cannot be read (1 row: its time is no date"));
}

#[tokio::test]
async fn a_refused_log_is_a_failure_with_its_answer_and_the_rest_goes_on() {
    let terminal = terminal(TerminalConfig {
        answers: AnswerShape {
            bulk: BulkShape::Refused(4989),
            ..AnswerShape::default()
        },
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&target(terminal.address())).await;
    // The direct way still works.
    found(&report, Step::Log, Outcome::Ok, "read");
    found(&report, Step::Live, Outcome::Ok, "accepted");
}

#[tokio::test]
async fn a_connection_that_breaks_ends_the_examination_in_words() {
    let terminal = terminal(TerminalConfig::default()).await;
    terminal.set_faults(Faults {
        cut_after: Some(700),
        ..Faults::default()
    });
    let report = examined(&target(terminal.address())).await;
    let broken = report
        .steps
        .iter()
        .find(|step| step.outcome == Outcome::Failed)
        .unwrap();
    assert_eq!(broken.step, Step::Users, "{}", text(&report));
    assert_eq!(codes(&report, Step::Users), ["connection_lost"]);
    assert_eq!(codes(&report, Step::Live), ["skipped"]);
}

#[tokio::test]
async fn slots_in_the_log_that_nobody_has_are_told() {
    let contents = Contents {
        users: vec![User {
            uid: 1,
            pin: "1".to_owned(),
            name: "Ana".to_owned(),
            privilege: 0,
            password: String::new(),
            card: 0,
            group: 1,
        }],
        punches: (0..30)
            .map(|at| Punch {
                uid: 1 + at % 3,
                pin: String::new(),
                time: date(2026, 11, 22).at(8, i8::try_from(at).unwrap(), 0, 0),
                state: 0,
                verify: 1,
                work_code: 0,
            })
            .collect(),
    };
    let config = TerminalConfig {
        record_format: RowLayout::A8,
        ..TerminalConfig::default()
    };
    let terminal = terminal_with(config, contents).await;
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Log, Outcome::Warning, "slots_without_user");
    assert!(
        text(&report).contains("2 of these slots"),
        "{}",
        text(&report)
    );
}

#[tokio::test]
async fn a_terminal_that_answers_udp_only_is_read_over_udp() {
    let terminal = terminal(TerminalConfig {
        max_connections: 1,
        ..TerminalConfig::default()
    })
    .await;
    // Somebody else holds the only connection.
    let _other = TcpStream::connect(terminal.address()).await.unwrap();
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Reachability, Outcome::Warning, "tcp_busy");
    found(&report, Step::Log, Outcome::Ok, "read");
    assert_eq!(report.transport, Some("udp"));
}

#[tokio::test]
async fn a_refusal_to_tell_punches_is_a_warning() {
    let terminal = terminal(TerminalConfig {
        live: LiveShape {
            registration: Registration::Refused(2001),
            ..LiveShape::default()
        },
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Live, Outcome::Warning, "refused");
}

#[tokio::test]
async fn a_punch_is_waited_for_and_heard() {
    let terminal = terminal(TerminalConfig::default()).await;
    let address = target(terminal.address());
    let examination = with(&address, false, Some(Duration::from_secs(30)));
    let punching = async {
        // Until it is registered, nobody hears; it asks for the state right before.
        loop {
            terminal.punch_by("1001", 0);
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        report = examination => found(&report, Step::Live, Outcome::Ok, "heard"),
        () = punching => unreachable!("it punches for ever"),
    }
}

#[tokio::test]
async fn waiting_in_vain_for_a_punch_is_a_warning() {
    let terminal = terminal(TerminalConfig::default()).await;
    let report = with(
        &target(terminal.address()),
        false,
        Some(Duration::from_millis(50)),
    )
    .await;
    found(&report, Step::Live, Outcome::Warning, "heard_nothing");
}

#[test]
fn a_server_may_examine_in_a_task() {
    fn can_move<T: Send>(_: T) {}
    let target = target(crate::patient::LOOPBACK);
    let options = zk_doctor::Options {
        local_time: &now,
        live: None,
        capture: false,
    };
    can_move(zk_doctor::examine(&target, &options, |_| {}));
    can_move(zk_doctor::scan(
        &zk_doctor::Ranges::default(),
        zk_doctor::ScanOptions::default(),
        |_| {},
        |_| {},
    ));
}

#[tokio::test]
async fn user_ids_that_it_would_not_take_are_told_with_the_reason() {
    let terminal = terminal(TerminalConfig {
        pin_width: Some(3),
        ..TerminalConfig::default()
    })
    .await;
    let report = examined(&target(terminal.address())).await;
    found(&report, Step::Users, Outcome::Warning, "breaks_pin_rules");
    let text = text(&report);
    assert!(
        text.contains("20 user ids are not such as it takes"),
        "{text}"
    );
}

#[rstest]
#[case(0, 1, true)]
#[case(1, 1, false)]
#[tokio::test]
async fn rows_of_16_bytes_with_one_state_and_many_ways_of_verification_are_doubtful(
    #[case] second_state: u8,
    #[case] second_verify: u8,
    #[case] doubtful: bool,
) {
    let punches = (0..60_u8).map(|at| Punch {
        uid: 1,
        pin: "1001".to_owned(),
        time: date(2026, 11, 22).at(8, i8::try_from(at).unwrap(), 0, 0),
        state: (at % 2) * second_state,
        verify: (at % 2) * second_verify,
        work_code: 0,
    });
    let contents = Contents {
        users: Vec::new(),
        punches: punches.collect(),
    };
    let config = TerminalConfig {
        record_format: RowLayout::R16,
        ..TerminalConfig::default()
    };
    let terminal = terminal_with(config, contents).await;
    let report = examined(&target(terminal.address())).await;
    let codes = codes(&report, Step::Log);
    assert_eq!(
        codes.contains(&"state_may_be_verify"),
        doubtful,
        "{codes:?}"
    );
}

/// Lets so much time pass at once.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_terminal_that_needs_half_a_minute_to_prepare_is_waited_for_and_that_is_said() {
    let terminal = terminal(TerminalConfig::default()).await;
    terminal.set_faults(Faults {
        prepare_delay: Duration::from_secs(30),
        ..Faults::default()
    });
    let target = target(terminal.address());
    let clock = async {
        let mut asked = 0;
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let now = terminal.traffic().of(code::PREPARE_BUFFER).packets_in;
            if now > asked {
                asked = now;
                pass(Duration::from_secs(30)).await;
            }
        }
    };
    let report = tokio::select! {
        report = examined(&target) => report,
        () = clock => unreachable!("it never ends"),
    };
    assert_eq!(report.outcome, Outcome::Ok);
    for step in [Step::Users, Step::Log] {
        found(&report, step, Outcome::Ok, "slow");
        found(&report, step, Outcome::Ok, "read");
    }
    assert!(
        text(&report).contains("It needed 30 s to hand out its log."),
        "{}",
        text(&report)
    );
}

#[tokio::test]
async fn a_terminal_that_never_prepares_anything_is_not_taken_for_a_broken_cable() {
    let terminal = terminal(TerminalConfig::default()).await;
    terminal.set_faults(Faults {
        prepare_delay: Duration::from_secs(90),
        ..Faults::default()
    });
    let mut target = target(terminal.address());
    target.timeouts.prepare = Duration::from_millis(200);
    let report = examined(&target).await;
    found(&report, Step::Users, Outcome::Failed, "timeout");
    let text = text(&report);
    assert!(text.contains("the network is not the cause"), "{text}");
    assert!(!text.contains("cable"), "{text}");
}

#[tokio::test]
async fn reply_numbers_that_are_off_are_remarked() {
    let terminal = terminal(TerminalConfig::default()).await;
    terminal.set_faults(Faults {
        reply_number_off: 1,
        ..Faults::default()
    });
    let report = examined(&target(terminal.address())).await;
    assert_eq!(report.outcome, Outcome::Ok);
    found(&report, Step::Protocol, Outcome::Ok, "reply-numbers-off");
}

//! A whole conversation with the virtual terminal, in every form that it knows.

use std::time::Duration;

use jiff::civil::{DateTime, date};
use zk_client::{Session, Target, Timeouts, Transport};
use zk_terminal::{
    AnswerShape, BulkShape, ChunkShape, Contents, EventInside, Faults, Handle, LocalClock, Order,
    Repeat, TerminalConfig, VirtualTerminal,
};
use zk_wire::{CommKey, RowLayout, UserFormat, UserRow, Who, WireTime};

pub(crate) const RECORDS: usize = 3_001;

pub(crate) fn now() -> DateTime {
    date(2026, 11, 23).at(8, 30, 0, 0)
}

pub(crate) async fn start(config: TerminalConfig) -> Handle {
    let contents = Contents::generate(200, RECORDS, 7, now());
    VirtualTerminal::start(
        ([127, 0, 0, 1], 0).into(),
        config,
        contents,
        LocalClock::stopped_at(now()),
    )
    .await
    .unwrap()
}

pub(crate) fn target(terminal: &Handle, transport: Transport) -> Target {
    let timeouts = Timeouts {
        reply: Duration::from_secs(2),
        ..Timeouts::default()
    };
    Target {
        transport,
        timeouts,
        ..Target::tcp("127.0.0.1", terminal.address().port())
    }
}

/// Reads the log and compares each row with the terminal's own.
async fn compare(terminal: &Handle, session: &mut Session) {
    let counters = session.counters().await.unwrap();
    let punches = terminal.punches();
    let mut expected = punches.iter();
    let mut log = session.attendance(counters.as_ref()).await.unwrap();
    while let Some(rows) = log.next_rows().await.unwrap() {
        for row in rows.iter() {
            let (row, punch) = (row.read().unwrap(), expected.next().unwrap());
            match row.who {
                Who::Pin(pin) => assert_eq!(pin.as_str(), punch.pin),
                Who::Slot(slot) => assert_eq!(slot, punch.uid),
            }
            assert_eq!(
                row.time.to_string(),
                punch.time.strftime("%Y-%m-%d %H:%M:%S").to_string()
            );
            assert_eq!(row.state, punch.state);
        }
    }
    assert_eq!(expected.next(), None, "rows are missing");
    log.finish().await;
}

async fn converse(terminal: &Handle, transport: Transport) {
    let mut session = Session::connect(&target(terminal, transport))
        .await
        .unwrap();
    assert_eq!(
        session.option("~SerialNumber").await.unwrap().as_deref(),
        Some(&terminal.serial()[..])
    );
    let users = session.users().await.unwrap();
    assert!(
        users
            .rows
            .iter()
            .map(|user| &user.pin)
            .eq(terminal.users().iter().map(|user| &user.pin))
    );
    compare(terminal, &mut session).await;
    session.close().await;
}

#[tokio::test]
async fn every_form_of_rows_is_read_over_tcp_and_udp() {
    for record_format in [
        RowLayout::A8,
        RowLayout::B8,
        RowLayout::R16,
        RowLayout::R40,
        RowLayout::R49,
        RowLayout::Long(56),
    ] {
        for user_format in [UserFormat::B28, UserFormat::B72] {
            let terminal = start(TerminalConfig {
                record_format,
                user_format,
                ..TerminalConfig::default()
            })
            .await;
            converse(&terminal, Transport::Tcp).await;
            converse(&terminal, Transport::Udp).await;
            let activity = terminal.activity();
            assert_eq!(
                (activity.sessions, activity.exits, activity.disables),
                (2, 2, 0),
                "{record_format}"
            );
            assert_eq!(
                (
                    activity.connections,
                    activity.bad_checksums,
                    activity.unknown_commands
                ),
                (1, 0, 0)
            );
            terminal.stop().await;
        }
    }
}

#[tokio::test]
async fn every_shape_of_answers_is_read() {
    let usual = AnswerShape::default();
    for answers in [
        AnswerShape {
            inline_limit: 1_000_000,
            ..usual.clone()
        },
        AnswerShape {
            bulk: BulkShape::Direct,
            ..usual.clone()
        },
        AnswerShape {
            bulk: BulkShape::Refused(4989),
            ..usual.clone()
        },
        AnswerShape {
            chunk: ChunkShape::Single,
            ..usual.clone()
        },
        AnswerShape {
            tcp_packet: 1_008,
            ..usual
        },
    ] {
        let terminal = start(TerminalConfig {
            answers: answers.clone(),
            ..TerminalConfig::default()
        })
        .await;
        converse(&terminal, Transport::Tcp).await;
        terminal.stop().await;
    }
}

#[tokio::test]
async fn faults_that_lose_nothing_change_nothing() {
    let terminal = start(TerminalConfig {
        comm_key: Some(CommKey::new(4_321)),
        ..TerminalConfig::default()
    })
    .await;
    for faults in [
        Faults {
            replies: Repeat::Twice,
            ..Faults::default()
        },
        Faults {
            event_inside_table: EventInside::AfterFirstPacket,
            ..Faults::default()
        },
        Faults {
            udp_order: Order::Swapped,
            ..Faults::default()
        },
        Faults {
            write_size: Some(997),
            ..Faults::default()
        },
    ] {
        terminal.set_faults(faults);
        for transport in [Transport::Tcp, Transport::Udp] {
            let target = Target {
                comm_key: Some(CommKey::new(4_321)),
                ..target(&terminal, transport)
            };
            let mut session = Session::connect(&target).await.unwrap();
            compare(&terminal, &mut session).await;
            session.close().await;
        }
    }
    terminal.stop().await;
}

#[tokio::test]
async fn a_log_survives_the_loss_of_datagrams() {
    let terminal = start(TerminalConfig::default()).await;
    let mut session = Session::connect(&target(&terminal, Transport::Udp))
        .await
        .unwrap();
    terminal.set_faults(Faults {
        udp_loss_percent: 5,
        ..Faults::default()
    });
    compare(&terminal, &mut session).await;
    terminal.set_faults(Faults::default());
    session.close().await;
    terminal.stop().await;
}

#[tokio::test]
async fn users_are_added_changed_and_deleted() {
    for user_format in [UserFormat::B28, UserFormat::B72] {
        let terminal = start(TerminalConfig {
            user_format,
            ..TerminalConfig::default()
        })
        .await;
        let mut session = Session::connect(&target(&terminal, Transport::Tcp))
            .await
            .unwrap();
        let mut user = UserRow {
            uid: 900,
            pin: "77001".to_owned(),
            name: b"Ana".to_vec(),
            privilege: 14,
            password: b"4321".to_vec(),
            card: 4242,
            group: 1,
            origin: Vec::new(),
        };
        session.set_user(&user).await.unwrap();
        user.name = b"Anita".to_vec();
        session.set_user(&user).await.unwrap();
        let stored = terminal
            .users()
            .into_iter()
            .find(|stored| stored.uid == 900)
            .unwrap();
        assert_eq!(
            (stored.pin.as_str(), stored.name.as_str(), stored.card),
            ("77001", "Anita", 4242)
        );
        session.delete_user(900).await.unwrap();
        assert!(terminal.users().iter().all(|stored| stored.uid != 900));
        assert!(terminal.activity().refreshes >= 3);
        session.close().await;
        terminal.stop().await;
    }
}

#[tokio::test]
async fn the_clock_is_set_and_the_terminal_restarted() {
    let terminal = start(TerminalConfig::default()).await;
    let mut session = Session::connect(&target(&terminal, Transport::Tcp))
        .await
        .unwrap();
    let time = WireTime::new(2024, 2, 29, 23, 59, 59).unwrap();
    session.set_clock(time).await.unwrap();
    assert_eq!(session.clock().await.unwrap(), Some(time));
    session.restart().await.unwrap();
    assert_eq!(terminal.activity().restarts, 1);
    terminal.stop().await;
}

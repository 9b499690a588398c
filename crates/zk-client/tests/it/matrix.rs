//! Everything that a terminal or a network can do wrong, one after the other: what comes out is right, or an error says
//! so in time, and afterwards all is as before.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use zk_client::{Error, Session, Target, Timeouts, Transport};
use zk_terminal::{
    AnswerShape, Busy, Checksum, EventInside, Faults, Handle, Lie, Order, Refusal, Repeat, Scope,
    Silence, Stall, TerminalConfig,
};
use zk_wire::code;

use crate::virtual_terminal::{RECORDS, start, target};

/// Whether all of it can be read in spite of the fault.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    /// Over TCP and UDP.
    Right,
    /// Over UDP only, where what was lost is asked for again.
    RightOverUdp,
    /// Over TCP only, where nothing comes that this terminal did not just send.
    RightOverTcp,
    /// An error.
    Fails,
    /// Either: chance decides.
    Either,
}

#[expect(clippy::too_many_lines, reason = "a table, one fault a row")]
fn faults() -> Vec<(&'static str, Faults, Outcome)> {
    let usual = Faults::default();
    let tables = Faults {
        scope: Scope::Tables,
        ..usual
    };
    let refusal = |command, code| Faults {
        refusal: Some(Refusal { command, code }),
        ..usual
    };
    let stall = |lasting| Faults {
        stall: Some(Stall {
            after: 40_000,
            lasting,
        }),
        ..usual
    };
    vec![
        ("none", usual, Outcome::Right),
        (
            "cut in a table",
            Faults {
                cut_after: Some(40_000),
                ..usual
            },
            Outcome::RightOverUdp,
        ),
        (
            "cut at the first answer",
            Faults {
                cut_connection_after: Some(7),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "cut in an option",
            Faults {
                cut_connection_after: Some(40),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "a short stall",
            stall(Duration::from_millis(100)),
            Outcome::Right,
        ),
        ("a stall for ever", stall(Duration::MAX), Outcome::Either),
        (
            "slow answers",
            Faults {
                answer_delay: Duration::from_millis(20),
                ..usual
            },
            Outcome::Right,
        ),
        (
            "a slow preparation",
            Faults {
                prepare_delay: Duration::from_millis(300),
                ..usual
            },
            Outcome::Right,
        ),
        (
            "no events",
            Faults {
                silence: Silence::Events,
                ..usual
            },
            Outcome::Right,
        ),
        (
            "no answers",
            Faults {
                silence: Silence::Everything,
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "reset at once",
            Faults {
                busy: Busy::Resets,
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "connect refused",
            Faults {
                busy: Busy::Refuses,
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "no key is right",
            Faults {
                busy: Busy::NeverUnlocks,
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "each packet twice",
            Faults {
                replies: Repeat::Twice,
                ..usual
            },
            Outcome::Right,
        ),
        (
            "the last answer again",
            Faults {
                replies: Repeat::PreviousFirst,
                ..usual
            },
            Outcome::Right,
        ),
        (
            "tables in another order",
            Faults {
                tcp_order: Order::Swapped,
                udp_order: Order::Swapped,
                ..tables
            },
            Outcome::RightOverUdp,
        ),
        (
            "loss",
            Faults {
                udp_loss_percent: 5,
                ..usual
            },
            Outcome::Either,
        ),
        (
            "lost requests",
            Faults {
                udp_request_loss_percent: 10,
                ..usual
            },
            Outcome::Either,
        ),
        (
            "wrong checksums",
            Faults {
                checksum: Checksum::Wrong,
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "wrong checksums of tables",
            Faults {
                checksum: Checksum::Wrong,
                ..tables
            },
            Outcome::Fails,
        ),
        (
            "wrong numbers",
            Faults {
                reply_number_off: 1,
                ..usual
            },
            Outcome::RightOverTcp,
        ),
        (
            "numbers one behind",
            Faults {
                reply_number_off: u16::MAX,
                ..usual
            },
            Outcome::RightOverTcp,
        ),
        (
            "wrong numbers of tables",
            Faults {
                reply_number_off: 1,
                ..tables
            },
            // What is asked behind a table has right numbers again, and those are not believed any more.
            Outcome::Either,
        ),
        (
            "wrong numbers, and each packet twice",
            Faults {
                reply_number_off: 1,
                replies: Repeat::Twice,
                ..usual
            },
            Outcome::RightOverTcp,
        ),
        (
            "garbage",
            Faults {
                garbage: 7,
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "garbage in tables",
            Faults {
                garbage: 7,
                ..tables
            },
            Outcome::Fails,
        ),
        (
            "frames of 4 GiB",
            Faults {
                frame_length: Lie::Says(u32::MAX),
                ..usual
            },
            Outcome::RightOverUdp,
        ),
        (
            "frames that end early",
            Faults {
                frame_length: Lie::Off(-3),
                ..tables
            },
            Outcome::RightOverUdp,
        ),
        (
            "events before all",
            Faults {
                event_inside_table: EventInside::BeforeEveryAnswer,
                ..usual
            },
            Outcome::Right,
        ),
        (
            "events in tables",
            Faults {
                event_inside_table: EventInside::AfterFirstPacket,
                ..usual
            },
            Outcome::Right,
        ),
        (
            "byte by byte",
            Faults {
                write_size: Some(61),
                ..usual
            },
            Outcome::Right,
        ),
        (
            "tables too short",
            Faults {
                truncate: Some(1_000),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "4 GiB announced",
            Faults {
                announced_size: Lie::Says(u32::MAX),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "less announced",
            Faults {
                announced_size: Lie::Off(-400),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "4 GiB prepared",
            Faults {
                prepared_size: Lie::Says(u32::MAX),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "less prepared",
            Faults {
                prepared_size: Lie::Off(-400),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "more declared",
            Faults {
                declared_bytes: Lie::Off(400),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "4 GiB declared",
            Faults {
                declared_bytes: Lie::Says(u32::MAX),
                ..usual
            },
            Outcome::Fails,
        ),
        (
            "pieces refused",
            refusal(code::READ_BUFFER, code::ACK_ERROR),
            Outcome::Fails,
        ),
        (
            "pieces get a code never seen",
            refusal(code::READ_BUFFER, 4_989),
            Outcome::Fails,
        ),
        (
            "tables get a code never seen",
            refusal(code::PREPARE_BUFFER, 4_989),
            Outcome::Right,
        ),
        (
            "options get a code never seen",
            refusal(code::OPTIONS_READ, 12_345),
            Outcome::Either,
        ),
    ]
}

/// Where nothing is wrong, nothing but the machine takes its time.
fn patient(terminal: &Handle) -> Target {
    Target {
        timeouts: Timeouts {
            connect: Duration::from_mins(1),
            reply: Duration::from_mins(1),
            ..Timeouts::default()
        },
        ..target(terminal, Transport::Tcp)
    }
}

fn hasty(terminal: &Handle, transport: Transport) -> Target {
    Target {
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            reply: Duration::from_secs(1),
            brief: Duration::from_millis(500),
            prepare: Duration::from_secs(2),
            table: Duration::from_secs(5),
            exit: Duration::from_millis(50),
        },
        ..target(terminal, transport)
    }
}

/// What a contact reads: serial number, users' PINs, the raw rows of the log, and its last rows once more.
#[derive(Debug, Clone, PartialEq)]
struct Read {
    serial: Option<String>,
    pins: Vec<String>,
    rows: Vec<u8>,
    end: Vec<u8>,
}

async fn read(target: &Target) -> Result<Read, Error> {
    let mut session = Session::connect(target).await?;
    let read = contact(&mut session).await;
    session.close().await;
    read
}

async fn contact(session: &mut Session) -> Result<Read, Error> {
    let serial = session.option("~SerialNumber").await?;
    let counters = session.counters().await?;
    let users = session.users().await?;
    let mut rows = Vec::new();
    let mut log = session.attendance(counters.as_ref()).await?;
    while let Some(more) = log.next_rows().await? {
        for row in more.iter() {
            rows.extend(row.raw());
        }
    }
    log.finish().await;
    let mut prepared = session.prepare_log().await?;
    let last = prepared.bytes().saturating_sub(400)..prepared.bytes();
    let end = session.read_log(&mut prepared, last).await?;
    session.free_log(prepared).await;
    Ok(Read {
        serial,
        pins: users.rows.into_iter().map(|row| row.pin).collect(),
        rows,
        end,
    })
}

/// What is wrong with what the client made of these faults, and of the terminal afterwards.
async fn try_out(name: &'static str, faults: Faults, outcome: Outcome) -> Vec<String> {
    let terminal = start(TerminalConfig {
        answers: AnswerShape {
            tcp_packet: 1_008,
            ..AnswerShape::default()
        },
        ..TerminalConfig::default()
    })
    .await;
    let truth = read(&patient(&terminal)).await.unwrap();
    assert_eq!(truth.rows.len(), RECORDS * 40);
    let mut surprises = Vec::new();
    for transport in [Transport::Tcp, Transport::Udp] {
        let mut surprise =
            |what: String| surprises.push(format!("{name} over {transport}: {what}"));
        terminal.set_faults(faults);
        let begun = Instant::now();
        let read = read(&hasty(&terminal, transport)).await;
        let took = begun.elapsed();
        terminal.set_faults(Faults::default());
        if took > Duration::from_mins(1) {
            surprise(format!("it took {took:?}"));
        }
        match (outcome, transport, read) {
            (Outcome::Right | Outcome::Either, _, Ok(read))
            | (Outcome::RightOverUdp, Transport::Udp, Ok(read))
            | (Outcome::RightOverTcp, Transport::Tcp, Ok(read)) => {
                let serial = read.serial.clone().or(truth.serial.clone());
                if (Read { serial, ..read }) != truth {
                    surprise("something else was read".to_owned());
                }
            }
            (Outcome::RightOverUdp, Transport::Tcp, Err(_))
            | (Outcome::RightOverTcp, Transport::Udp, Err(_))
            | (Outcome::Fails | Outcome::Either, _, Err(_)) => {}
            (_, _, Ok(_)) => surprise("all of it came".to_owned()),
            (_, _, Err(error)) => surprise(error.to_string()),
        }
    }
    if read(&patient(&terminal)).await.unwrap() != truth {
        surprises.push(format!("{name}: afterwards something else was read"));
    }
    terminal.stop().await;
    surprises
}

#[tokio::test]
async fn what_is_read_is_right_or_an_error_and_nothing_takes_for_ever() {
    let mut surprises = Vec::new();
    let mut faults = faults();
    while !faults.is_empty() {
        let mut trying = JoinSet::new();
        for (name, faults, outcome) in faults.drain(faults.len().saturating_sub(8)..) {
            trying.spawn(try_out(name, faults, outcome));
        }
        while let Some(tried) = trying.join_next().await {
            surprises.extend(tried.unwrap());
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}

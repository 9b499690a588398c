//! What terminals and networks do wrong: an error, never a short list, and never for ever.

use std::time::Duration;

use zk_client::{Error, Session, Step, Target, Timeouts};
use zk_wire::Unreadable;

use crate::{
    peer::{self, ACK_OK, EXIT, FREE_SIZES, GET_TIME, PREPARE_BUFFER, Playing, SESSION},
    tables::{all, announce, asked, log, piece, read_from},
};

fn hasty(terminal: &Playing) -> Target {
    let timeouts = Timeouts {
        reply: Duration::from_secs(1),
        prepare: Duration::from_millis(1_500),
        exit: Duration::from_millis(200),
        ..Timeouts::default()
    };
    Target {
        timeouts,
        ..terminal.target()
    }
}

#[tokio::test]
async fn a_connection_that_ends_in_a_log_is_an_error() {
    let terminal = peer::tcp(|mut peer| async move {
        let table = log(1_000);
        peer.greet().await;
        announce(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        let frames = piece(&peer, &table[range], 65_528).concat();
        peer.say_bytes(&frames[..20_000]).await;
    })
    .await;
    let error = read_from(&terminal.target()).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionLost { .. }), "{error}");
    terminal.over().await;
}

#[tokio::test]
async fn a_piece_that_is_too_short_is_an_error() {
    let terminal = peer::tcp(|mut peer| async move {
        let table = log(1_000);
        peer.greet().await;
        announce(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        let mut frames = piece(&peer, &table[range], 1_008);
        frames.remove(frames.len() - 2);
        peer.say_bytes(&frames.concat()).await;
        peer.hear(EXIT).await;
    })
    .await;
    let error = read_from(&terminal.target()).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    terminal.over().await;
}

#[tokio::test]
async fn a_log_that_declares_more_than_it_brings_is_an_error() {
    let terminal = peer::tcp(|mut peer| async move {
        let mut table = log(100);
        table.truncate(100 * 40);
        peer.greet().await;
        peer.hear(PREPARE_BUFFER).await;
        peer.say(peer::DATA, SESSION, &table).await;
        peer.hear(EXIT).await;
    })
    .await;
    let error = read_from(&terminal.target()).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    terminal.over().await;
}

#[tokio::test]
async fn an_absurd_length_is_an_error_before_memory_is_taken() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(PREPARE_BUFFER).await;
        peer.say(
            ACK_OK,
            SESSION,
            &[
                0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
            ],
        )
        .await;
        peer.hear(EXIT).await;
    })
    .await;
    let error = read_from(&terminal.target()).await.unwrap_err();
    assert!(error.to_string().contains("4294967295"), "{error}");
    terminal.over().await;
}

#[tokio::test]
async fn a_frame_that_claims_too_much_ends_the_conversation() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(FREE_SIZES).await;
        peer.say_bytes(&peer::bytes("5050827dffffffffd007")).await;
        peer.hear(EXIT).await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let error = session.counters().await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    let again = session.clock().await.unwrap_err();
    assert!(
        matches!(again, Error::ConnectionLost { .. }),
        "nothing more is asked on it: {again}"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_wrong_checksum_over_tcp_ends_the_conversation() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(GET_TIME).await;
        let mut frame = peer.answer(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]);
        frame[10] ^= 1;
        peer.say_bytes(&frame).await;
        peer.hear(EXIT).await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let error = session.clock().await.unwrap_err();
    assert!(
        matches!(&error, Error::Damaged { reason, .. } if reason.contains("checksum")),
        "{error}"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_reply_to_an_earlier_question_is_passed_over() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(FREE_SIZES).await;
        let first = peer.answer(ACK_OK, SESSION, &[0; 92]);
        peer.say_bytes(&first).await;
        peer.hear(GET_TIME).await;
        peer.say_bytes(&first).await;
        // The session field says nothing about whose reply it is.
        peer.say(ACK_OK, 7, &[0x88, 0x55, 0x85, 0x33]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    session.counters().await.unwrap();
    assert_eq!(
        session.clock().await.unwrap().unwrap().to_string(),
        "2026-11-23 08:30:00"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_silent_terminal_is_a_timeout_and_still_gets_its_exit() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(GET_TIME).await;
        peer.hear(EXIT).await;
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    let error = session.clock().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                step: Step::Reply,
                ..
            }
        ),
        "{error}"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn events_without_end_do_not_lengthen_the_wait() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(GET_TIME).await;
        while let Some(heard) = peer.hear_any().await {
            if heard.command == EXIT {
                break;
            }
            peer.say_frame(&peer::frame(peer::EVENT, 2, 0, &[])).await;
        }
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    session.clock().await.unwrap_err();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_log_that_stops_is_a_timeout_of_the_right_step() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(PREPARE_BUFFER).await;
        peer.hear(EXIT).await;
    })
    .await;
    let error = read_from(&hasty(&terminal)).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                step: Step::PrepareTable,
                ..
            }
        ),
        "{error}"
    );
    terminal.over().await;

    let terminal = peer::tcp(|mut peer| async move {
        let table = log(1_000);
        peer.greet().await;
        announce(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        let frames = piece(&peer, &table[range], 1_008);
        peer.say_bytes(&frames[..4].concat()).await;
        peer.hear(EXIT).await;
    })
    .await;
    let error = read_from(&hasty(&terminal)).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                step: Step::Table,
                ..
            }
        ),
        "{error}"
    );
    terminal.over().await;
}

#[tokio::test]
async fn a_log_in_no_known_form_is_told_and_the_session_goes_on() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(PREPARE_BUFFER).await;
        peer.say(peer::DATA, SESSION, &[7, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7])
            .await;
        peer.hear(peer::FREE_DATA).await;
        peer.say(ACK_OK, SESSION, &[]).await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut log = session.attendance(None).await.unwrap();
    let rows = log.next_rows().await.unwrap().unwrap();
    let pieces: Vec<_> = rows.iter().map(|row| (row.raw(), row.read())).collect();
    assert_eq!(
        pieces,
        [(&[1, 2, 3, 4, 5, 6, 7][..], Err(Unreadable::Layout))]
    );
    assert!(log.next_rows().await.unwrap().is_none());
    let refused = log.finish().await.refused.unwrap();
    assert!(refused.to_string().contains("7 bytes"), "{refused}");
    session.clock().await.unwrap().unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_log_that_came_whole_is_whole_although_freeing_it_is_not_answered() {
    for breaks in [false, true] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            peer.hear(PREPARE_BUFFER).await;
            peer.say(peer::DATA, SESSION, &log(5)).await;
            peer.hear(peer::FREE_DATA).await;
            if !breaks {
                peer.hear(EXIT).await;
            }
        })
        .await;
        assert_eq!(read_from(&hasty(&terminal)).await.unwrap(), all(5));
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_session_that_is_dropped_says_exit_all_the_same() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(EXIT).await;
    })
    .await;
    let session = Session::connect(&terminal.target()).await.unwrap();
    drop(session);
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_forgot_the_session_is_not_taken_for_one_without_a_serial_number() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]).await;
        peer.hear(peer::OPTIONS_READ).await;
        peer.say(peer::ACK_UNAUTH, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    session.clock().await.unwrap().unwrap();
    let error = session.option("~SerialNumber").await.unwrap_err();
    assert!(matches!(error, Error::ConnectionLost { .. }), "{error}");
    session.close().await;
    terminal.over().await;
}

//! Parts of a prepared log, and short commands between them.

use std::{ops::Range, time::Duration};

use zk_client::{Error, Session, Target, Timeouts};

use crate::{
    peer::{
        self, ACK_ERROR, ACK_OK, DATA, FREE_DATA, GET_TIME, PREPARE_BUFFER, PREPARE_DATA, Peer,
        Playing, READ_BUFFER, SESSION,
    },
    tables::{announce, asked, log, piece},
};

fn hasty(terminal: &Playing) -> Target {
    Target {
        timeouts: Timeouts {
            reply: Duration::from_secs(1),
            exit: Duration::from_millis(200),
            ..Timeouts::default()
        },
        ..terminal.target()
    }
}

/// The answer to a request for a part of a table.
type Answer = fn(&Peer, &[u8], Range<usize>) -> Vec<u8>;

/// The bytes that tell how long the log is, and its first row.
async fn hand_out_head(peer: &mut Peer, table: &[u8]) {
    announce(peer, table).await;
    hand_out(peer, table, 0..64).await;
}

async fn hand_out(peer: &mut Peer, table: &[u8], expected: Range<usize>) {
    let range = asked(peer).await;
    assert_eq!(range, expected);
    peer.say_bytes(&piece(peer, &table[range], 65_528).concat())
        .await;
}

#[tokio::test]
async fn the_end_of_a_log_is_read_without_its_beginning_and_a_clock_between_two_pieces() {
    let terminal = peer::tcp(|mut peer| async move {
        let table = log(1_000);
        peer.greet().await;
        hand_out_head(&mut peer, &table).await;
        hand_out(&mut peer, &table, 39_844..39_924).await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]).await;
        hand_out(&mut peer, &table, 39_924..40_004).await;
        peer.acknowledge(FREE_DATA).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut prepared = session.prepare_log().await.unwrap();
    assert_eq!(
        (prepared.bytes(), prepared.arrived_whole()),
        (40_000, false)
    );
    assert_eq!(prepared.chunk_size(), 65_472);
    let rows = &log(1_000)[4..];
    let first = session.read_log(&mut prepared, 39_840..39_920).await;
    assert_eq!(first.unwrap(), rows[39_840..39_920]);
    session.clock().await.unwrap().unwrap();
    let second = session.read_log(&mut prepared, 39_920..40_000).await;
    assert_eq!(second.unwrap(), rows[39_920..]);
    let nothing = session.read_log(&mut prepared, 40_000..40_000).await;
    assert_eq!(nothing.unwrap(), []);
    session.free_log(prepared).await;
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn the_end_of_a_log_is_read_over_udp() {
    let terminal = peer::udp(|mut peer| async move {
        let table = log(1_000);
        peer.greet().await;
        announce(&mut peer, &table).await;
        for expected in [0..64, 39_924..40_004] {
            assert_eq!(asked(&mut peer).await, expected);
            for frame in piece(&peer, &table[expected], 1_024) {
                peer.say_frame(&frame).await;
            }
        }
        peer.acknowledge(FREE_DATA).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut prepared = session.prepare_log().await.unwrap();
    assert_eq!(prepared.chunk_size(), 16_384);
    let end = session.read_log(&mut prepared, 39_920..40_000).await;
    assert_eq!(end.unwrap(), log(1_000)[39_924..]);
    session.free_log(prepared).await;
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_short_log_comes_with_the_first_answer() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(PREPARE_BUFFER).await;
        peer.say(DATA, SESSION, &log(3)).await;
        peer.acknowledge(FREE_DATA).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut prepared = session.prepare_log().await.unwrap();
    assert_eq!((prepared.bytes(), prepared.arrived_whole()), (120, true));
    let last = session.read_log(&mut prepared, 80..120).await.unwrap();
    assert_eq!(last, log(3)[84..]);
    session.free_log(prepared).await;
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_cannot_begin_in_the_middle_is_told_and_the_session_goes_on() {
    let refuses = |peer: &Peer, _: &[u8], _: Range<usize>| peer.answer(ACK_ERROR, SESSION, &[]);
    let begins_anew = |peer: &Peer, table: &[u8], asked: Range<usize>| {
        piece(peer, &table[..asked.len()], 65_528).concat()
    };
    let hands_out_all =
        |peer: &Peer, table: &[u8], _: Range<usize>| piece(peer, table, 65_528).concat();
    let answers: [Answer; 3] = [refuses, begins_anew, hands_out_all];
    for answer in answers {
        let terminal = peer::tcp(move |mut peer| async move {
            let table = log(1_000);
            peer.greet().await;
            hand_out_head(&mut peer, &table).await;
            let range = asked(&mut peer).await;
            peer.say_bytes(&answer(&peer, &table, range)).await;
            peer.acknowledge(FREE_DATA).await;
            peer.hear(PREPARE_BUFFER).await;
            let size = 40_004_u32.to_le_bytes();
            peer.say(ACK_OK, SESSION, &size).await;
            hand_out(&mut peer, &table, 0..40_004).await;
            peer.acknowledge(FREE_DATA).await;
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        let mut prepared = session.prepare_log().await.unwrap();
        let error = session
            .read_log(&mut prepared, 39_840..40_000)
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::OffsetRefused { offset: 39_844, .. }),
            "{error}"
        );
        assert!(error.is_about_the_request());
        session.free_log(prepared).await;
        let mut rows = 0;
        let mut log = session.attendance_in_one_piece(None).await.unwrap();
        while let Some(more) = log.next_rows().await.unwrap() {
            rows += more.len();
        }
        log.finish().await;
        assert_eq!(rows, 1_000);
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_piece_that_stops_halfway_is_a_timeout() {
    let terminal = peer::tcp(|mut peer| async move {
        let table = log(1_000);
        peer.greet().await;
        hand_out_head(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        let frames = piece(&peer, &table[range], 1_008);
        assert_eq!(frames[0][8..10], PREPARE_DATA.to_le_bytes());
        peer.say_bytes(&frames[..2].concat()).await;
        peer.hear(peer::EXIT).await;
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    let mut prepared = session.prepare_log().await.unwrap();
    let error = session
        .read_log(&mut prepared, 20_000..40_000)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_prepared_log_is_given_up_when_another_table_is_read() {
    let terminal = peer::tcp(|mut peer| async move {
        let table = log(1_000);
        peer.greet().await;
        hand_out_head(&mut peer, &table).await;
        peer.acknowledge(FREE_DATA).await;
        peer.hear(PREPARE_BUFFER).await;
        peer.say(DATA, SESSION, &[0; 4]).await;
        peer.acknowledge(FREE_DATA).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut prepared = session.prepare_log().await.unwrap();
    session.users().await.unwrap();
    let error = session.read_log(&mut prepared, 0..40).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
    let error = session
        .read_log(&mut prepared, 0..40_001)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("40000 bytes"), "{error}");
    session.free_log(prepared).await;
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn freeing_that_is_never_answered_costs_a_moment() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        for _ in 0..3 {
            peer.hear(PREPARE_BUFFER).await;
            peer.say(DATA, SESSION, &log(3)).await;
            peer.hear(FREE_DATA).await;
        }
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let begun = tokio::time::Instant::now();
    for _ in 0..3 {
        let prepared = session.prepare_log().await.unwrap();
        session.free_log(prepared).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(8));
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_read_that_is_given_up_halfway_disturbs_nothing_that_follows() {
    let terminal = peer::tcp(|mut peer| async move {
        let table = log(1_000);
        peer.greet().await;
        hand_out_head(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        let late = piece(&peer, &table[range], 1_008);
        peer.say_bytes(&late[..3].concat()).await;
        peer.hear(GET_TIME).await;
        let clock = peer.answer(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]);
        peer.say_bytes(&[late[3..].concat(), clock].concat()).await;
        hand_out(&mut peer, &table, 20_004..40_004).await;
        peer.acknowledge(FREE_DATA).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut prepared = session.prepare_log().await.unwrap();
    let given_up = tokio::time::timeout(
        Duration::from_millis(50),
        session.read_log(&mut prepared, 20_000..40_000),
    )
    .await;
    assert!(given_up.is_err());
    session.clock().await.unwrap().unwrap();
    let rows = session.read_log(&mut prepared, 20_000..40_000).await;
    assert_eq!(rows.unwrap(), log(1_000)[20_004..]);
    session.free_log(prepared).await;
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_says_nothing_when_asked_for_the_middle_is_told_from_one_that_is_gone() {
    for transport in [peer::tcp_with, peer::udp_with] {
        for is_there in [true, false] {
            let terminal = transport(Box::new(move |mut peer| {
                Box::pin(async move {
                    let table = log(1_000);
                    peer.greet().await;
                    announce(&mut peer, &table).await;
                    let beginning = asked(&mut peer).await;
                    for frame in piece(&peer, &table[beginning], 1_024) {
                        peer.say_frame(&frame).await;
                    }
                    let mut heard = peer.hear_any().await.unwrap();
                    while heard.command == READ_BUFFER {
                        heard = peer.hear_any().await.unwrap();
                    }
                    assert_eq!(heard.command, GET_TIME);
                    if is_there {
                        peer.say(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]).await;
                        peer.acknowledge(FREE_DATA).await;
                        peer.part().await;
                    }
                })
            }))
            .await;
            let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
            let mut prepared = session.prepare_log().await.unwrap();
            let error = session
                .read_log(&mut prepared, 20_000..40_000)
                .await
                .unwrap_err();
            match (is_there, error) {
                (true, Error::OffsetRefused { offset: 20_004, .. }) => {
                    session.free_log(prepared).await;
                }
                (false, Error::Timeout { .. } | Error::ConnectionLost { .. }) => {}
                (_, other) => panic!("{other}"),
            }
            session.close().await;
            terminal.over().await;
        }
    }
}

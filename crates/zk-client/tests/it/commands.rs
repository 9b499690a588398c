//! Short commands: the vectors' bytes, sent once where once is what counts, and the terminal left enabled.

use std::time::Duration;

use zk_client::{DoorState, Error, Session, Target, TerminalState, Timeouts, UnlockUnit};

use crate::peer::{
    self, ACK_ERROR, ACK_OK, CLEAR_ATTENDANCE, CLEAR_LCD, DISABLE, DOOR_STATE, ENABLE, EXIT,
    FREE_SIZES, GET_TIME, PREPARE_BUFFER, Playing, REFRESH_DATA, SESSION, STATE, TEST_VOICE,
    UNLOCK, WRITE_LCD,
};

const CLOCK: [u8; 4] = [0x88, 0x55, 0x85, 0x33];

fn hasty(terminal: &Playing) -> Target {
    let timeouts = Timeouts {
        reply: Duration::from_millis(1_500),
        brief: Duration::from_millis(500),
        exit: Duration::from_millis(100),
        ..Timeouts::default()
    };
    Target {
        timeouts,
        ..terminal.target()
    }
}

#[tokio::test]
async fn door_voice_and_display_get_the_vectors_bytes() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        let unlock = peer.acknowledge(UNLOCK).await.payload;
        assert_eq!(unlock, peer::bytes("1e000000"));
        let unlock = peer.acknowledge(UNLOCK).await.payload;
        assert_eq!(unlock, [1, 0, 0, 0], "a started tenth is a whole one");
        let voice = peer.acknowledge(TEST_VOICE).await.payload;
        assert_eq!(voice, peer::bytes("00000000"));
        let text = peer.acknowledge(WRITE_LCD).await.payload;
        assert_eq!(text, peer::bytes("010000204869"));
        assert_eq!(peer.acknowledge(CLEAR_LCD).await.payload, []);
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    session.unlock(Duration::from_secs(3)).await.unwrap();
    session.unlock(Duration::from_millis(1)).await.unwrap();
    session.play_voice(0).await.unwrap();
    session.write_lcd(1, b"Hi").await.unwrap();
    session.clear_lcd().await.unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_counts_seconds_is_told_seconds() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        for seconds in [3, 1] {
            let unlock = peer.acknowledge(UNLOCK).await.payload;
            assert_eq!(unlock, [seconds, 0, 0, 0]);
        }
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    session.count_unlock_in(UnlockUnit::Seconds);
    session.unlock(Duration::from_secs(3)).await.unwrap();
    session.unlock(Duration::from_millis(400)).await.unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn what_cannot_be_meant_is_not_sent() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    for error in [
        session.unlock(Duration::ZERO).await.unwrap_err(),
        session.unlock(Duration::from_hours(1)).await.unwrap_err(),
        session.write_lcd(0, &[b'x'; 65]).await.unwrap_err(),
        session.disable(Duration::ZERO).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Invalid { .. }), "{error}");
    }
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_door_is_opened_once_although_no_answer_comes() {
    let terminal = peer::udp(|mut peer| async move {
        peer.greet().await;
        peer.hear(UNLOCK).await;
        peer.hear(EXIT).await;
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    let error = session.unlock(Duration::from_secs(3)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn what_a_terminal_does_stands_in_the_session_field() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        for session in [0, 1, 2, 3, 4, 5, 9, SESSION] {
            peer.hear(STATE).await;
            peer.say(ACK_OK, session, &[]).await;
        }
        peer.hear(STATE).await;
        // An F19: identifying (zk-protocol, terminal.md).
        peer.say_recorded("5050827d08000000d007f6f702003700").await;
        peer.hear(STATE).await;
        peer.say(ACK_ERROR, SESSION, &[]).await;
        peer.hear(STATE).await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_OK, SESSION, &CLOCK).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    for expected in [
        Some(TerminalState::Idle),
        Some(TerminalState::Enrolling),
        Some(TerminalState::Identifying),
        Some(TerminalState::Menu),
        Some(TerminalState::Busy),
        Some(TerminalState::WritingCard),
        Some(TerminalState::Other(9)),
        None,
        Some(TerminalState::Identifying),
        None,
        None,
    ] {
        assert_eq!(session.state().await.unwrap(), expected);
    }
    session.clock().await.unwrap().unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_door_without_a_sensor_says_nothing() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        for payload in [&[1][..], &[0], &[]] {
            peer.hear(DOOR_STATE).await;
            peer.say(ACK_OK, SESSION, payload).await;
        }
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    for expected in [Some(DoorState::Open), Some(DoorState::Closed), None] {
        assert_eq!(session.door_state().await.unwrap(), expected);
    }
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_disabled_terminal_is_enabled_before_the_session_is_closed() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        let disabled = peer.acknowledge(DISABLE).await.payload;
        assert_eq!(disabled, [60, 0, 0, 0]);
        peer.acknowledge(ENABLE).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    session
        .disable(Duration::from_millis(59_001))
        .await
        .unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_is_enabled_once() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.acknowledge(DISABLE).await;
        peer.acknowledge(ENABLE).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    session.disable(Duration::from_mins(1)).await.unwrap();
    session.enable().await.unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_is_enabled_after_every_failure() {
    /// How the conversation ends after the terminal was disabled, or perhaps was.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum End {
        Unanswered,
        Garbage,
        Timeout,
        Dropped,
        Table,
    }
    for end in [
        End::Unanswered,
        End::Garbage,
        End::Timeout,
        End::Dropped,
        End::Table,
    ] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            peer.hear(DISABLE).await;
            if end != End::Unanswered {
                peer.say(ACK_OK, SESSION, &[]).await;
            }
            match end {
                End::Garbage => {
                    peer.hear(GET_TIME).await;
                    peer.say_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                }
                End::Timeout => drop(peer.hear(GET_TIME).await),
                End::Table => {
                    peer.hear(PREPARE_BUFFER).await;
                    peer.say(ACK_OK, SESSION, &[0xff; 13]).await;
                }
                End::Unanswered | End::Dropped => {}
            }
            peer.hear(ENABLE).await;
            peer.hear(EXIT).await;
        })
        .await;
        let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
        let disabled = session.disable(Duration::from_mins(1)).await;
        assert_eq!(disabled.is_err(), end == End::Unanswered);
        match end {
            End::Garbage | End::Timeout => {
                session.clock().await.unwrap_err();
            }
            End::Table => {
                session.users().await.unwrap_err();
            }
            End::Unanswered | End::Dropped => {}
        }
        if end == End::Dropped {
            drop(session);
        } else {
            session.close().await;
        }
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_terminal_that_refuses_to_be_disabled_need_not_be_enabled() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(DISABLE).await;
        peer.say(ACK_ERROR, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let error = session.disable(Duration::from_mins(1)).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_log_is_cleared_once_and_counted_afterwards() {
    let sizes = |records: u8| {
        let mut sizes = [0; 80];
        sizes[32] = records;
        sizes
    };
    for is_answered in [true, false] {
        let terminal = peer::udp(move |mut peer| async move {
            peer.greet().await;
            assert_eq!(peer.hear(CLEAR_ATTENDANCE).await.payload, []);
            if is_answered {
                peer.say(ACK_OK, SESSION, &[]).await;
            }
            peer.acknowledge(REFRESH_DATA).await;
            peer.hear(FREE_SIZES).await;
            peer.say(ACK_OK, SESSION, &sizes(1)).await;
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
        let cleared = session.clear_log().await.unwrap();
        assert_eq!(cleared.is_acknowledged, is_answered);
        assert_eq!(cleared.left.unwrap().records(), Some(1));
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_log_that_may_not_be_cleared_is_told_and_nothing_follows() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(CLEAR_ATTENDANCE).await;
        peer.say(ACK_ERROR, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let error = session.clear_log().await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_never_tells_its_counters_is_asked_once_and_a_late_answer_does_no_harm() {
    for transport in [peer::tcp_with, peer::udp_with] {
        let terminal = transport(Box::new(|mut peer| {
            Box::pin(async move {
                peer.greet().await;
                peer.hear(FREE_SIZES).await;
                let late = peer.answer(ACK_OK, SESSION, &[9; 80]);
                // Over UDP it is asked for again until the wait is over.
                let mut heard = peer.hear_any().await.unwrap();
                while heard.command == FREE_SIZES {
                    heard = peer.hear_any().await.unwrap();
                }
                assert_eq!(heard.command, GET_TIME);
                peer.say_frame(&late).await;
                peer.say(ACK_OK, SESSION, &CLOCK).await;
                peer.part().await;
            })
        }))
        .await;
        let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
        assert!(session.answers_counters());
        assert_eq!(session.counters().await.unwrap(), None);
        assert!(!session.answers_counters());
        assert_eq!(session.counters().await.unwrap(), None);
        let clock = session.clock().await.unwrap().unwrap();
        assert_eq!(clock.to_string(), "2026-11-23 08:30:00");
        session.close().await;
        terminal.over().await;
    }
}

//! Writes: each is made effective and read back, and none is sent twice.

use std::time::Duration;

use zk_client::{Error, Session, Target, Timeouts};
use zk_wire::{UserRow, WireTime};

use crate::peer::{
    self, ACK_ERROR, ACK_OK, DATA, DELETE_USER, FREE_DATA, GET_TIME, PREPARE_BUFFER, Peer,
    REFRESH_DATA, RESTART, SESSION, SET_TIME, USER_WRITE,
};

/// The row of the fact sheet's vectors (section 16): uid 7, Ana Lopez.
pub(crate) const ANA: &str = "07000e3433323100000000416e61204c6f70657a00000000000000000000000000000092100000013200000000000000313030323334000000000000000000000000000000000000";
const ANA_28: &str = "0700003433323100416e61000000000092100000000100008a870100";

fn ana() -> UserRow {
    UserRow {
        uid: 7,
        privilege: 14,
        password: b"4321".to_vec(),
        name: b"Ana Lopez".to_vec(),
        card: 4242,
        group: 1,
        pin: "100234".to_owned(),
        origin: Vec::new(),
    }
}

async fn acknowledge(peer: &mut Peer, command: u16) {
    peer.hear(command).await;
    peer.say(ACK_OK, SESSION, &[]).await;
}

pub(crate) async fn hand_out_users(peer: &mut Peer, rows: &[Vec<u8>]) {
    peer.hear(PREPARE_BUFFER).await;
    let rows = rows.concat();
    let table = [&u32::try_from(rows.len()).unwrap().to_le_bytes()[..], &rows].concat();
    peer.say(DATA, SESSION, &table).await;
    acknowledge(peer, FREE_DATA).await;
}

fn time() -> WireTime {
    WireTime::new(2026, 11, 23, 8, 30, 0).unwrap()
}

#[tokio::test]
async fn a_user_is_written_in_the_size_of_the_terminals_rows_and_read_back() {
    for (known, expected) in [(ANA, 72), (ANA_28, 28)] {
        let terminal = peer::tcp(move |mut peer| async move {
            let mut other = peer::bytes(known);
            other[0] = 9;
            peer.greet().await;
            hand_out_users(&mut peer, std::slice::from_ref(&other)).await;
            let row = peer.hear(USER_WRITE).await.payload;
            assert_eq!(row.len(), expected);
            peer.say(ACK_OK, SESSION, &[]).await;
            acknowledge(&mut peer, REFRESH_DATA).await;
            hand_out_users(&mut peer, &[other, row]).await;
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        let user = UserRow {
            name: b"Ana".to_vec(),
            ..ana()
        };
        session.set_user(&user).await.unwrap();
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn the_first_user_is_written_in_short_rows_where_long_ones_are_refused() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[]).await;
        assert_eq!(peer.hear(USER_WRITE).await.payload.len(), 72);
        peer.say(ACK_ERROR, SESSION, &[]).await;
        let row = peer.hear(USER_WRITE).await.payload;
        assert_eq!(row.len(), 28);
        peer.say(ACK_OK, SESSION, &[]).await;
        acknowledge(&mut peer, REFRESH_DATA).await;
        hand_out_users(&mut peer, &[row]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let user = UserRow {
        name: b"Ana".to_vec(),
        ..ana()
    };
    session.set_user(&user).await.unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_lost_write_of_a_user_is_sent_again_over_udp() {
    let terminal = peer::udp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        let lost = peer.hear(USER_WRITE).await;
        assert_eq!(peer.hear(USER_WRITE).await, lost);
        peer.say(ACK_OK, SESSION, &[]).await;
        acknowledge(&mut peer, REFRESH_DATA).await;
        hand_out_users(&mut peer, &[lost.payload]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    session.set_user(&ana()).await.unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_user_that_is_gone_was_deleted_whatever_the_answer_to_a_repeated_request() {
    for left in [vec![], vec![peer::bytes(ANA)]] {
        let is_gone = left.is_empty();
        let terminal = peer::udp(|mut peer| async move {
            peer.greet().await;
            let first = peer.hear(DELETE_USER).await;
            // Its answer is lost.
            assert_eq!(peer.hear(DELETE_USER).await, first);
            peer.say(ACK_ERROR, SESSION, &[]).await;
            acknowledge(&mut peer, REFRESH_DATA).await;
            hand_out_users(&mut peer, &left).await;
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        match session.delete_user(7).await {
            Ok(()) => assert!(is_gone),
            Err(error) => assert!(
                !is_gone && matches!(error, Error::Refused { .. }),
                "{error}"
            ),
        }
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn users_after_one_that_is_not_answered_are_not_sent() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        let first = peer.hear(USER_WRITE).await.payload;
        peer.say(ACK_OK, SESSION, &[]).await;
        peer.hear(USER_WRITE).await;
        peer.say(ACK_ERROR, SESSION, &[]).await;
        let third = peer.hear(USER_WRITE).await.payload;
        acknowledge(&mut peer, REFRESH_DATA).await;
        hand_out_users(&mut peer, &[first, third]).await;
        peer.part().await;
    })
    .await;
    let timeouts = Timeouts {
        reply: Duration::from_millis(1_500),
        ..Timeouts::default()
    };
    let target = Target {
        timeouts,
        ..terminal.target()
    };
    let mut session = Session::connect(&target).await.unwrap();
    let users: Vec<UserRow> = (1..=4)
        .map(|uid| UserRow {
            uid,
            pin: uid.to_string(),
            ..ana()
        })
        .collect();
    let verdicts = session.set_users(&users).await.unwrap();
    assert!(
        matches!(verdicts[..], [Ok(()), Err(Error::Refused { .. }), Ok(())]),
        "{verdicts:?}"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_user_that_the_terminal_forgets_or_changes_is_not_stored() {
    for read_back in [Vec::new(), vec![peer::bytes(ANA)]] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            hand_out_users(&mut peer, &[]).await;
            acknowledge(&mut peer, USER_WRITE).await;
            acknowledge(&mut peer, REFRESH_DATA).await;
            hand_out_users(&mut peer, &read_back).await;
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        let user = UserRow {
            name: b"Anna".to_vec(),
            ..ana()
        };
        let error = session.set_user(&user).await.unwrap_err();
        assert!(matches!(error, Error::NotStored { .. }), "{error}");
        assert!(error.is_about_the_request());
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_user_that_does_not_fit_is_not_sent() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[peer::bytes(ANA_28)]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let error = session
        .set_user(&UserRow {
            name: b"Ana Maria Lopez".to_vec(),
            ..ana()
        })
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_refused_user_is_refused_and_the_session_goes_on() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[]).await;
        peer.hear(USER_WRITE).await;
        peer.say(ACK_ERROR, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let error = session.set_user(&ana()).await.unwrap_err();
    assert!(
        matches!(error, Error::Refused { code: 2001, .. }),
        "{error}"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_deleted_user_is_looked_for_afterwards() {
    for (left, gone) in [(vec![], true), (vec![peer::bytes(ANA)], false)] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            assert_eq!(peer.hear(DELETE_USER).await.payload, [7, 0]);
            peer.say(ACK_OK, SESSION, &[]).await;
            acknowledge(&mut peer, REFRESH_DATA).await;
            hand_out_users(&mut peer, &left).await;
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        assert_eq!(session.delete_user(7).await.is_ok(), gone);
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_clock_is_set_and_read_back() {
    let at = |month, day, hour, minute, second| {
        WireTime::new(2028, month, day, hour, minute, second).unwrap()
    };
    let midnight = at(2, 29, 23, 59, 59);
    for (set, shown, stored) in [
        (midnight, midnight, true),
        // A second may pass meanwhile, and with it the month or the year; on the wire every month has 31 days.
        (midnight, at(3, 1, 0, 0, 0), true),
        (
            at(12, 31, 23, 59, 59),
            WireTime::new(2029, 1, 1, 0, 0, 0).unwrap(),
            true,
        ),
        (midnight, at(2, 29, 23, 58, 59), false),
        (midnight, at(3, 1, 23, 59, 59), false),
    ] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            let sent = peer.hear(SET_TIME).await.payload;
            assert_eq!(sent, set.to_u32().to_le_bytes());
            peer.say(ACK_OK, SESSION, &[]).await;
            acknowledge(&mut peer, REFRESH_DATA).await;
            peer.hear(GET_TIME).await;
            peer.say(ACK_OK, SESSION, &shown.to_u32().to_le_bytes())
                .await;
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        let result = session.set_clock(set).await;
        assert_eq!(result.is_ok(), stored, "{set} {shown} {result:?}");
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_sent_again_but_read_back() {
    let terminal = peer::udp(|mut peer| async move {
        peer.greet().await;
        peer.hear(SET_TIME).await;
        acknowledge(&mut peer, REFRESH_DATA).await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_OK, SESSION, &peer::bytes("88558533")).await;
        peer.part().await;
    })
    .await;
    let timeouts = Timeouts {
        reply: Duration::from_millis(1_500),
        ..Timeouts::default()
    };
    let mut session = Session::connect(&Target {
        timeouts,
        ..terminal.target()
    })
    .await
    .unwrap();
    session.set_clock(time()).await.unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_restart_is_sent_once_whether_it_is_answered_or_not() {
    for answered in [true, false] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            peer.hear(RESTART).await;
            if answered {
                peer.say(ACK_OK, SESSION, &[]).await;
                assert_eq!(peer.hear_any().await, None);
            }
        })
        .await;
        Session::connect(&terminal.target())
            .await
            .unwrap()
            .restart()
            .await
            .unwrap();
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_refused_restart_is_told() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(RESTART).await;
        peer.say(ACK_ERROR, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let error = Session::connect(&terminal.target())
        .await
        .unwrap()
        .restart()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    terminal.over().await;
}

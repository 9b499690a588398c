//! Conversations with real terminals, as others recorded them (fact sheet, section 17), and the vectors of section 16.

use zk_client::{Error, Session};
use zk_wire::{CommKey, UserFormat};

use crate::peer::{
    self, CONNECT, EXIT, FREE_DATA, FREE_SIZES, GET_TIME, OPTIONS_READ, PREPARE_BUFFER, bytes,
};

/// `ACK_OK` to CONNECT and the client's two packets around it: pyzk, `test_tcp_connect`.
const CONNECTED: &str = "5050827d08000000d007fffc2ffb0000";
/// K20, pyzk, `test_tcp_get_users_broken_data`.
const K20_SIZES: &str = "5050827d58000000d0074c49582013000000000000000000000000000000000002000000000000000000000000000000000000000000000007000000000000000000000000000000f4010000f401000050c30000f4010000f201000050c30000";
const K20_USERS: &str = "5050827d9c000000dd053c87582015009000000001000000000000000000006366756c616e6f0000000000000000000000000000000000000000000000000000000000003130303030316c70000000000000000000000000000000000200000000000000000000726d656e67616e6f0000000000000000000000000000000000000000000000000000000000323232323232636200000000000000000000000000000000";

#[tokio::test]
async fn connect_and_exit_are_the_recorded_bytes() {
    let terminal = peer::tcp(|mut peer| async move {
        let connect = peer.hear(CONNECT).await;
        assert_eq!(
            (connect.session, connect.number, connect.payload.as_slice()),
            (0, 0, &[][..])
        );
        peer.say_bytes(&bytes(CONNECTED)).await;
        let exit = peer.hear(EXIT).await;
        // 5050827d08000000e903e6002ffb0100
        assert_eq!((exit.session, exit.number), (0xfb2f, 1));
        peer.say_bytes(&peer.answer(peer::ACK_OK, 0xfb2f, &[]))
            .await;
        assert_eq!(peer.hear_any().await, None);
    })
    .await;
    Session::connect(&terminal.target())
        .await
        .unwrap()
        .close()
        .await;
    terminal.over().await;
}

#[tokio::test]
async fn a_wrong_key_is_told_and_the_session_is_left() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say_bytes(&bytes("5050827d08000000d5075bb2cf450000"))
            .await;
        let auth = peer.hear(peer::AUTH).await;
        // 5050827d0c0000004e044e2ccf450100614d323c, with the key 12.
        assert_eq!((auth.session, auth.number), (0x45cf, 1));
        assert_eq!(auth.payload, bytes("614d323c"));
        peer.say_bytes(&bytes("5050827d08000000d5075ab2cf450100"))
            .await;
        peer.hear(EXIT).await;
    })
    .await;
    let mut target = terminal.target();
    target.comm_key = Some(CommKey::new(12));
    let error = Session::connect(&target).await.unwrap_err();
    assert!(matches!(error, Error::WrongKey { .. }), "{error}");
    terminal.over().await;
}

#[tokio::test]
async fn the_counters_of_a_k20_are_read() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(FREE_SIZES).await;
        peer.say_recorded(K20_SIZES).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let counters = session.counters().await.unwrap().unwrap();
    assert_eq!(
        (
            counters.users(),
            counters.records(),
            counters.record_capacity()
        ),
        (Some(2), Some(0), Some(50_000))
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn the_users_of_a_k20_are_read_though_they_arrive_in_two_pieces() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        let request = peer.hear(PREPARE_BUFFER).await;
        assert_eq!(request.payload, bytes("0109000500000000000000"));
        let recorded = bytes(K20_USERS);
        let whole = peer.answer(peer::DATA, 0x2058, &recorded[16..]);
        peer.say_bytes(&whole[..128]).await;
        // The second piece must not join the first.
        tokio::task::yield_now().await;
        peer.say_bytes(&whole[128..]).await;
        peer.hear(FREE_DATA).await;
        peer.say(peer::ACK_OK, 0x2058, &[]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let users = session.users().await.unwrap();
    let told: Vec<_> = users
        .rows
        .iter()
        .map(|user| (user.uid, user.pin.as_str(), user.name.as_slice()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "100001lp", b"cfulano".as_slice()),
            (2, "222222cb", b"rmengano".as_slice())
        ]
    );
    assert_eq!(users.format, Some(UserFormat::B72));
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn options_are_asked_and_read_as_recorded() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        // 5050827d120000000b00b9e6f38d0c007e506c6174666f726d00
        assert_eq!(peer.hear(OPTIONS_READ).await.payload, b"~Platform\0");
        peer.say_recorded(
            "5050827d1d000000d007714cf38d0c007e506c6174666f726d3d5a454d3736305f54465400",
        )
        .await;
        assert_eq!(peer.hear(OPTIONS_READ).await.payload, b"WorkCode\0");
        peer.say_recorded("5050827d13000000d007828af38d0b00576f726b436f64653d3000")
            .await;
        // A D2 answers what it does not know with 0xffff.
        peer.hear(OPTIONS_READ).await;
        peer.say_recorded("5050827d08000000ffffae823d7d1400").await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    assert_eq!(
        session.option("~Platform").await.unwrap().as_deref(),
        Some("ZEM760_TFT")
    );
    assert_eq!(
        session.option("WorkCode").await.unwrap().as_deref(),
        Some("0")
    );
    assert_eq!(session.option("NoSuch").await.unwrap(), None);
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn the_clock_is_asked_and_read_as_in_the_vectors() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(GET_TIME).await;
        peer.say_recorded("5050827d0c000000d007e85c3412060088558533")
            .await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    assert_eq!(
        session.clock().await.unwrap().unwrap().to_string(),
        "2026-11-23 08:30:00"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_face_terminal_in_access_control_mode_refuses_its_log_by_name() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(PREPARE_BUFFER).await;
        // SpeedFace H5L, pyzk#170.
        peer.say(4989, peer::SESSION, &[]).await;
        peer.say_model("SpeedFace-H5L").await;
        peer.hear(peer::ATTENDANCE_READ).await;
        peer.say(peer::ACK_ERROR, peer::SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut log = session.attendance(None).await.unwrap();
    let error = log.next_rows().await.unwrap_err();
    assert!(
        matches!(error, Error::Refused { code: 4989, .. }),
        "{error}"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_log_that_a_terminal_does_not_prepare_is_not_taken_from_its_memory_by_its_model() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        for is_known in [false, true] {
            // A K40 (js_zklib#53), where it refuses: to the bare command it hands out garbage.
            peer.hear(PREPARE_BUFFER).await;
            peer.say(peer::ACK_ERROR, peer::SESSION, &[]).await;
            if !is_known {
                peer.say_model("K40").await;
            }
            peer.acknowledge(FREE_DATA).await;
        }
        // Its users are no matter of the log.
        peer.hear(PREPARE_BUFFER).await;
        peer.say(peer::ACK_ERROR, peer::SESSION, &[]).await;
        peer.hear(9).await;
        peer.say(peer::DATA, peer::SESSION, &[0; 4]).await;
        peer.acknowledge(FREE_DATA).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut log = session.attendance(None).await.unwrap();
    let error = log.next_rows().await.unwrap_err();
    assert!(
        matches!(error, Error::Refused { code: 2001, .. }),
        "{error}"
    );
    log.finish().await;
    let error = session.prepare_log().await.unwrap_err();
    assert!(error.is_about_the_request(), "{error}");
    assert_eq!(session.users().await.unwrap().rows, []);
    session.close().await;
    terminal.over().await;
}

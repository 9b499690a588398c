//! From nothing to a session: every way in which that goes wrong has its own words.

use std::time::Duration;

use tokio::{net::TcpListener, time::Instant};
use zk_client::{BusySign, Error, Session, Step, Target, Timeouts, Transport};
use zk_wire::CommKey;

use crate::peer::{self, ACK_OK, ACK_UNAUTH, AUTH, CONNECT, EXIT, GET_TIME, SESSION};

/// Nobody listens here, and the system gives it to no other test.
const NOBODYS_PORT: u16 = 1;

fn hasty(connect: u64) -> Timeouts {
    Timeouts {
        connect: Duration::from_millis(connect),
        ..Timeouts::default()
    }
}

async fn failing(target: Target) -> Error {
    let error = Session::connect(&target).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(&target.port.to_string()) || matches!(error, Error::Refused { .. }),
        "{text}"
    );
    error
}

#[tokio::test]
async fn a_closed_port_says_that_nothing_listens() {
    let error = failing(Target::tcp("127.0.0.1", NOBODYS_PORT)).await;
    assert!(matches!(error, Error::NothingListens { .. }), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("nothing listens at 127.0.0.1:1"),
        "{error}"
    );
    let error = failing(Target::udp("127.0.0.1", NOBODYS_PORT)).await;
    assert!(
        matches!(
            error,
            Error::NothingListens {
                transport: Transport::Udp,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_service_that_sends_back_what_it_gets_is_no_terminal() {
    let echo = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say(CONNECT, 0, &[]).await;
    })
    .await;
    let error = failing(echo.target()).await;
    assert!(matches!(error, Error::OtherProtocol { .. }), "{error}");
    echo.over().await;
}

#[tokio::test]
async fn a_name_that_nobody_has_says_so() {
    let error = failing(Target::tcp("no-such-host.invalid", 4370)).await;
    assert!(matches!(error, Error::NotReachable { .. }), "{error}");
}

#[tokio::test]
async fn a_web_server_is_recognised() {
    let server = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say_bytes(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            .await;
    })
    .await;
    let error = failing(server.target()).await;
    assert!(matches!(error, Error::OtherProtocol { .. }), "{error}");
    assert!(
        error.to_string().contains("another protocol, HTTP"),
        "{error}"
    );
    server.over().await;
}

#[tokio::test]
async fn a_web_server_that_waits_for_the_end_of_the_line_is_recognised() {
    let server = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        assert_eq!(peer.hear_any().await, None, "the client sends more");
        peer.say_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let target = Target {
        timeouts: hasty(800),
        ..server.target()
    };
    let error = failing(target).await;
    assert!(matches!(error, Error::OtherProtocol { .. }), "{error}");
    server.over().await;
}

#[tokio::test]
async fn an_access_panel_is_recognised_over_tcp_and_udp() {
    let panel = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say_bytes(&[0xaa, 0x01, 0x08, 0x00, 0x55]).await;
    })
    .await;
    let error = failing(panel.target()).await;
    assert!(error.to_string().contains("C3/inBio"), "{error}");
    panel.over().await;

    let panel = peer::udp(|mut peer| async move {
        loop {
            peer.hear(CONNECT).await;
            peer.say_bytes(&[0xaa, 0x01, 0x08, 0x00, 0x55]).await;
        }
    })
    .await;
    let error = failing(Target {
        timeouts: hasty(300),
        ..panel.target()
    })
    .await;
    assert!(matches!(error, Error::OtherProtocol { .. }), "{error}");
}

#[tokio::test]
async fn a_terminal_that_lets_go_of_its_last_client_late_is_tried_again() {
    let terminal = peer::listen(|listener| async move {
        let first = peer::accept(&listener).await;
        first.reset();
        let mut second = peer::accept(&listener).await;
        second.hear(CONNECT).await;
        drop(second);
        let mut third = peer::accept(&listener).await;
        third.greet().await;
        third.part().await;
    })
    .await;
    let target = Target {
        timeouts: hasty(2_000),
        ..terminal.target()
    };
    Session::connect(&target).await.unwrap().close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_always_closes_is_busy_with_another_client() {
    let terminal = peer::listen(|listener| async move {
        for _ in 0..3 {
            peer::accept(&listener).await.reset();
        }
    })
    .await;
    let error = failing(Target {
        timeouts: hasty(1_000),
        ..terminal.target()
    })
    .await;
    assert!(
        matches!(
            error,
            Error::Busy {
                sign: BusySign::Closed,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error.to_string().contains("busy with another client"),
        "{error}"
    );
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_takes_the_connection_and_stays_silent_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Target::tcp("127.0.0.1", listener.local_addr().unwrap().port());
    let began = Instant::now();
    let error = failing(Target {
        timeouts: hasty(300),
        ..target
    })
    .await;
    assert!(
        matches!(
            error,
            Error::Busy {
                sign: BusySign::Silent(_),
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error.to_string().contains("does not answer within 0.3 s"),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn nobody_at_the_other_end_of_udp_is_a_timeout() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let terminal = peer::udp(|mut peer| async move {
        loop {
            tell.send(peer.hear(CONNECT).await).unwrap();
        }
    })
    .await;
    let error = failing(Target {
        timeouts: hasty(300),
        ..terminal.target()
    })
    .await;
    assert!(
        matches!(
            error,
            Error::Timeout {
                step: Step::Greeting,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        told.try_recv().unwrap(),
        told.try_recv().unwrap(),
        "the same request is sent again"
    );
}

#[tokio::test]
async fn a_key_opens_the_session() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say(ACK_UNAUTH, 0x5cbb, &[]).await;
        let auth = peer.hear(AUTH).await;
        // The worked example of the fact sheet, section 4.
        assert_eq!(
            (auth.session, auth.payload),
            (0x5cbb, peer::bytes("267f32a5"))
        );
        peer.say(ACK_OK, 0x5cbb, &[]).await;
        peer.part().await;
    })
    .await;
    let target = Target {
        comm_key: Some(CommKey::new(123_456)),
        ..terminal.target()
    };
    Session::connect(&target).await.unwrap().close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_key_that_is_asked_for_only_after_connecting_opens_the_session_too() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say(ACK_OK, 0x5cbb, &[]).await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_UNAUTH, 0x5cbb, &[]).await;
        assert_eq!(peer.hear(AUTH).await.payload, peer::bytes("267f32a5"));
        peer.say(ACK_OK, 0x5cbb, &[]).await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_OK, 0x5cbb, &[0x88, 0x55, 0x85, 0x33]).await;
        peer.part().await;
    })
    .await;
    let target = Target {
        comm_key: Some(CommKey::new(123_456)),
        ..terminal.target()
    };
    let mut session = Session::connect(&target).await.unwrap();
    session.clock().await.unwrap().unwrap();
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_asks_for_a_key_only_after_connecting_is_said_to_need_one() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(GET_TIME).await;
        peer.say(ACK_UNAUTH, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let error = session.clock().await.unwrap_err();
    assert!(matches!(error, Error::KeyNeeded { .. }), "{error}");
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn without_a_key_the_key_0_is_tried_and_then_one_is_asked_for() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say(ACK_UNAUTH, 0x45cf, &[]).await;
        assert_eq!(peer.hear(AUTH).await.payload, peer::bytes("617d323c"));
        peer.say(ACK_UNAUTH, 0x45cf, &[]).await;
        peer.hear(EXIT).await;
    })
    .await;
    let error = Session::connect(&terminal.target()).await.unwrap_err();
    assert!(matches!(error, Error::KeyNeeded { .. }), "{error}");
    assert!(error.to_string().contains("key is needed"), "{error}");
    terminal.over().await;
}

#[tokio::test]
async fn a_connection_that_is_given_up_halfway_still_says_exit() {
    let (greeted, wait) = tokio::sync::oneshot::channel();
    let terminal = peer::tcp(|mut peer| async move {
        peer.hear(CONNECT).await;
        peer.say(ACK_UNAUTH, SESSION, &[]).await;
        peer.hear(AUTH).await;
        greeted.send(()).unwrap();
        assert_eq!(peer.hear(EXIT).await.session, SESSION);
    })
    .await;
    let target = terminal.target();
    tokio::select! {
        _ = Session::connect(&target) => panic!("nobody let it in"),
        told = wait => told.unwrap(),
    }
    terminal.over().await;
}

#[tokio::test]
async fn every_address_of_a_name_is_tried() {
    // "localhost" is ::1 and 127.0.0.1 on most machines; the terminal listens on one of them only.
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.part().await;
    })
    .await;
    let target = Target {
        host: "localhost".to_owned(),
        ..terminal.target()
    };
    Session::connect(&target).await.unwrap().close().await;
    terminal.over().await;
}

//! Whatever is given up at whatever moment, the session can be used on, and what it says next is right.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use zk_client::{Error, Session, Transport};
use zk_terminal::{Contents, Handle, LocalClock, OffsetReads, TerminalConfig, VirtualTerminal};
use zk_wire::WireTime;

use crate::virtual_terminal::{now, target};

const ROWS: usize = 4_000;

/// What is given up.
#[derive(Debug, Clone, Copy)]
enum What {
    Counters,
    Option,
    State,
    Users,
    Log,
    Parts,
    Live,
    Event,
    Disabling,
}

impl What {
    const ALL: [Self; 9] = [
        Self::Counters,
        Self::Option,
        Self::State,
        Self::Users,
        Self::Log,
        Self::Parts,
        Self::Live,
        Self::Event,
        Self::Disabling,
    ];

    async fn goes_on(self, session: &mut Session) -> Result<(), Error> {
        match self {
            Self::Counters => session.counters().await.map(drop),
            Self::Option => session.option("~SerialNumber").await.map(drop),
            Self::State => session.state().await.map(drop),
            Self::Users => session.users().await.map(drop),
            Self::Log => {
                let mut log = session.attendance(None).await?;
                while log.next_rows().await?.is_some() {}
                log.finish().await;
                Ok(())
            }
            Self::Parts => {
                let mut log = session.prepare_log().await?;
                session.read_log(&mut log, 4_000..8_000).await?;
                session.free_log(log).await;
                Ok(())
            }
            Self::Live => session.start_live().await.map(drop),
            Self::Event => session
                .next_event(Duration::from_millis(20))
                .await
                .map(drop),
            Self::Disabling => session.disable(Duration::from_secs(30)).await,
        }
    }
}

/// Polls so many times and gives up then; `None` if it was not done by that time.
async fn polled<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..times {
        let polled = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if let Poll::Ready(done) = polled {
            return Some(done);
        }
        tokio::task::yield_now().await;
    }
    None
}

async fn all_is_right(session: &mut Session, terminal: &Handle, expected: &[u8]) {
    let clock = session.clock().await.unwrap();
    assert_eq!(clock, WireTime::new(2026, 11, 23, 8, 30, 0));
    let mut log = session.prepare_log().await.unwrap();
    let end = log.bytes() - 400..log.bytes();
    assert_eq!(session.read_log(&mut log, end).await.unwrap(), expected);
    session.free_log(log).await;
    let users = session.users().await.unwrap().rows;
    assert_eq!(users.len(), terminal.users().len());
}

async fn give_up_everything(transport: Transport) {
    let terminal = VirtualTerminal::start(
        ([127, 0, 0, 1], 0).into(),
        TerminalConfig::default(),
        Contents::generate(30, ROWS, 7, now()),
        LocalClock::stopped_at(now()),
    )
    .await
    .unwrap();
    let mut session = Session::connect(&target(&terminal, transport))
        .await
        .unwrap();
    let mut log = session.prepare_log().await.unwrap();
    let end = log.bytes() - 400..log.bytes();
    let expected = session.read_log(&mut log, end).await.unwrap();
    session.free_log(log).await;
    for what in What::ALL {
        let mut given_up = 0;
        // More and more of it, until it is done.
        for times in 1..200 {
            match polled(times, what.goes_on(&mut session)).await {
                None => given_up += 1,
                Some(done) => {
                    done.unwrap();
                    break;
                }
            }
            all_is_right(&mut session, &terminal, &expected).await;
        }
        assert!(given_up > 0, "{what:?} was never given up");
    }
    session.close().await;
    assert!(!terminal.is_disabled());
    terminal.stop().await;
}

#[tokio::test]
async fn a_session_over_tcp_is_right_after_anything_was_given_up() {
    give_up_everything(Transport::Tcp).await;
}

#[tokio::test]
async fn a_session_over_udp_is_right_after_anything_was_given_up() {
    give_up_everything(Transport::Udp).await;
}

#[tokio::test]
async fn a_log_that_has_to_come_again_is_the_same_when_that_is_given_up_again_and_again() {
    let terminal = VirtualTerminal::start(
        ([127, 0, 0, 1], 0).into(),
        TerminalConfig {
            offset_reads: OffsetReads::IgnoresOffset,
            ..TerminalConfig::default()
        },
        Contents::generate(30, ROWS, 7, now()),
        LocalClock::stopped_at(now()),
    )
    .await
    .unwrap();
    for times in [1, 2, 3, 5, 8, 13] {
        let mut session = Session::connect(&target(&terminal, Transport::Tcp))
            .await
            .unwrap();
        let mut log = session.attendance(None).await.unwrap();
        let (mut pins, mut patience) = (Vec::new(), times);
        loop {
            match polled(patience, log.next_rows()).await {
                Some(Ok(Some(rows))) => {
                    pins.extend(rows.iter().map(|row| row.read().unwrap().who.to_string()));
                }
                Some(Ok(None)) => break,
                Some(Err(error)) => panic!("{error}"),
                // It begins anew each time.
                None => patience += 1,
            }
        }
        log.finish().await;
        let punches = terminal.punches();
        assert!(pins.iter().eq(punches.iter().map(|punch| &punch.pin)));
        session.close().await;
    }
    terminal.stop().await;
}

//! A conversation over UDP of which any one datagram gets lost, doubled, or comes late: nothing is missed by that.

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use tokio::{net::UdpSocket, task::JoinSet, time::Instant};
use zk_client::{AttendanceLog, Error, Session, Target, Timeouts};
use zk_terminal::{
    AnswerShape, BulkShape, Contents, Faults, LocalClock, OffsetReads, SharedContents,
    TerminalConfig, VirtualTerminal,
};

use crate::virtual_terminal::now;

const ROWS: usize = 120;

/// What becomes of one datagram.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Lost,
    Doubled,
    /// It comes behind the next one of the same direction.
    Overtaken,
}

/// Passes datagrams on between one client and the terminal, all but the `nth` as they come; counts them. What is sent again,
/// as on a busy machine although nothing was lost, is no other datagram.
async fn relay(socket: UdpSocket, terminal: SocketAddr, nth: usize, fate: Fate) -> usize {
    let beyond = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    beyond.connect(terminal).await.unwrap();
    let (mut passed, mut client, mut late) = (0, None, None);
    let mut known = HashSet::new();
    let mut there = vec![0; 2_048];
    let mut back = vec![0; 2_048];
    loop {
        let (datagram, goes_there) = tokio::select! {
            received = socket.recv_from(&mut there) => {
                let (length, from) = received.unwrap();
                client = Some(from);
                (there[..length].to_vec(), true)
            }
            received = beyond.recv(&mut back) => (back[..received.unwrap()].to_vec(), false),
        };
        let is_last = goes_there && datagram.starts_with(&1_001_u16.to_le_bytes());
        let is_new = known.insert((goes_there, datagram.clone()));
        let strikes = is_new && passed == nth;
        passed += usize::from(is_new);
        let mut on = match (strikes, fate) {
            (false, _) => vec![datagram],
            (true, Fate::Lost) => Vec::new(),
            (true, Fate::Doubled) => vec![datagram.clone(), datagram],
            (true, Fate::Overtaken) => {
                late = Some((datagram, goes_there));
                Vec::new()
            }
        };
        if !strikes && late.as_ref().is_some_and(|(_, there)| *there == goes_there) {
            on.extend(late.take().map(|(datagram, _)| datagram));
        }
        for datagram in on {
            if goes_there {
                beyond.send(&datagram).await.unwrap();
            } else if let Some(client) = client {
                socket.send_to(&datagram, client).await.unwrap();
            }
        }
        if is_last {
            return passed;
        }
    }
}

/// Datagrams of the conversation up to EXIT, and what the log brought, read whole and at its end.
async fn converse(nth: usize, fate: Fate) -> (usize, Result<(), Error>) {
    let terminal = VirtualTerminal::start(
        ([127, 0, 0, 1], 0).into(),
        TerminalConfig::default(),
        Contents::generate(20, ROWS, 7, now()),
        LocalClock::stopped_at(now()),
    )
    .await
    .unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let target = Target {
        timeouts: Timeouts {
            reply: Duration::from_secs(2),
            brief: Duration::from_secs(1),
            exit: Duration::from_millis(50),
            ..Timeouts::default()
        },
        ..Target::udp("127.0.0.1", socket.local_addr().unwrap().port())
    };
    let relay = tokio::spawn(relay(socket, terminal.address(), nth, fate));
    let mut session = Session::connect(&target).await.unwrap();
    let read = read(&mut session, &terminal.punches()).await;
    session.close().await;
    let passed = relay.await.unwrap();
    assert!(terminal.activity().unlocks <= 1, "the door opens once");
    terminal.stop().await;
    (passed, read)
}

async fn read(session: &mut Session, punches: &[zk_terminal::Punch]) -> Result<(), Error> {
    assert!(session.option("~SerialNumber").await?.is_some());
    let counters = session.counters().await?.unwrap();
    assert_eq!(counters.records(), Some(120));
    let users = session.users().await?.rows;
    assert_eq!(users.len(), 20);
    let mut log = session.attendance(Some(&counters)).await?;
    let (mut pins, mut whole) = (Vec::new(), Vec::new());
    while let Some(rows) = log.next_rows().await? {
        for row in rows.iter() {
            pins.push(row.read().unwrap().who.to_string());
            whole.extend(row.raw());
        }
    }
    log.finish().await;
    assert!(pins.iter().eq(punches.iter().map(|punch| &punch.pin)));
    let mut prepared = session.prepare_log().await?;
    let end = prepared.bytes() - 1_200..prepared.bytes();
    let rows = session.read_log(&mut prepared, end.clone()).await?;
    assert_eq!(rows, whole[end]);
    session.free_log(prepared).await;
    assert!(session.start_live().await?.agrees());
    session.probe().await?.unwrap();
    session.unlock(Duration::from_secs(1)).await
}

async fn strike_everywhere(fate: Fate) {
    let (all, read) = converse(usize::MAX, fate).await;
    read.unwrap();
    assert!(all > 50, "{all} datagrams");
    let mut nth = 0;
    while nth < all {
        let mut conversations = JoinSet::new();
        for nth in nth..(nth + 16).min(all) {
            conversations.spawn(async move { (nth, converse(nth, fate).await) });
        }
        nth += 16;
        while let Some(done) = conversations.join_next().await {
            let (nth, (_, read)) = done.unwrap();
            match read {
                Ok(()) => {}
                // The command that opens a door is not sent again, nor is its answer.
                Err(Error::Timeout { .. }) if fate != Fate::Doubled && nth + 4 >= all => {}
                Err(error) => panic!("{fate:?} {nth} of {all}: {error}"),
            }
        }
    }
}

#[tokio::test]
async fn any_one_datagram_may_get_lost() {
    strike_everywhere(Fate::Lost).await;
}

#[tokio::test]
async fn any_one_datagram_may_come_twice() {
    strike_everywhere(Fate::Doubled).await;
}

#[tokio::test]
async fn any_one_datagram_may_be_overtaken() {
    strike_everywhere(Fate::Overtaken).await;
}

async fn pins(mut log: AttendanceLog<'_>) -> Result<Vec<String>, Error> {
    let mut pins = Vec::new();
    while let Some(rows) = log.next_rows().await? {
        pins.extend(rows.iter().map(|row| row.read().unwrap().who.to_string()));
    }
    log.finish().await;
    Ok(pins)
}

/// A log of 10,000 rows read while so many datagrams of every hundred get lost.
async fn read_in_spite_of(
    loss: u8,
    bulk: BulkShape,
    offset_reads: OffsetReads,
    contents: SharedContents,
) -> Duration {
    let config = TerminalConfig {
        answers: AnswerShape {
            bulk,
            ..AnswerShape::default()
        },
        offset_reads,
        ..TerminalConfig::default()
    };
    let clock = LocalClock::stopped_at(now());
    let terminal = VirtualTerminal::start(([127, 0, 0, 1], 0).into(), config, contents, clock)
        .await
        .unwrap();
    terminal.set_faults(Faults {
        udp_loss_percent: loss,
        udp_request_loss_percent: loss,
        ..Faults::default()
    });
    let address = terminal.address();
    let mut target = Target::udp(address.ip().to_string(), address.port());
    target.timeouts.connect = Duration::from_mins(1);
    let begun = Instant::now();
    let mut session = Session::connect(&target).await.unwrap();
    let pins = match pins(session.attendance(None).await.unwrap()).await {
        Err(Error::OffsetRefused { .. }) => {
            pins(session.attendance_in_one_piece(None).await.unwrap()).await
        }
        read => read,
    };
    let pins = pins.unwrap();
    let took = begun.elapsed();
    session.close().await;
    let all: Vec<_> = terminal
        .punches()
        .into_iter()
        .map(|punch| punch.pin)
        .collect();
    assert_eq!(pins, all, "{loss} % lost, {bulk:?}, {offset_reads:?}");
    terminal.stop().await;
    took
}

#[tokio::test]
async fn a_long_log_comes_whole_although_many_datagrams_get_lost() {
    let ways = [
        (BulkShape::Buffered, OffsetReads::Yes),
        (BulkShape::Buffered, OffsetReads::Refused(2001)),
        (BulkShape::Direct, OffsetReads::Yes),
        (BulkShape::Refused(4989), OffsetReads::Yes),
    ];
    let contents = SharedContents::from(Contents::generate(20, 10_000, 7, now()));
    let mut reads = JoinSet::new();
    for (bulk, offset_reads) in ways {
        for loss in [1, 5] {
            let contents = contents.clone();
            reads.spawn(async move {
                let took = read_in_spite_of(loss, bulk, offset_reads, contents).await;
                assert!(
                    took < Duration::from_mins(2),
                    "{loss} % lost, {bulk:?}: {took:?}"
                );
            });
        }
    }
    while let Some(read) = reads.join_next().await {
        read.unwrap();
    }
}

//! A conversation that is cut at every byte, over a simulated network whose clock goes as fast as it can.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};
use turmoil::net::{TcpListener, TcpStream};
use zk_client::{Error, Session, Target, Timeouts};
use zk_wire::Event;

use crate::{
    peer::{
        self, ACK_ERROR, ACK_OK, CONNECT, EVENT, EXIT, FREE_SIZES, GET_TIME, OPTIONS_READ,
        PREPARE_BUFFER, Peer, READ_BUFFER, SESSION, STATE,
    },
    tables::{log, piece},
};

const ROWS: u16 = 12;
const PORT: u16 = 4370;

/// What the other side does after the cut.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Close,
    Silence,
}

/// The terminal's end of a connection, which ends after so many bytes, counted both ways.
struct Cut {
    stream: Option<TcpStream>,
    left: usize,
    end: End,
    passed: Arc<AtomicUsize>,
}

impl Cut {
    fn pass(&mut self, bytes: usize) {
        self.left -= bytes;
        self.passed.fetch_add(bytes, Ordering::Relaxed);
        if self.left == 0 && self.end == End::Close {
            self.stream = None;
        }
    }
}

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.left;
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Ok(()));
        };
        if left == 0 {
            return Poll::Pending;
        }
        let mut limited = vec![0; left.min(buffer.remaining())];
        let mut limited = ReadBuf::new(&mut limited);
        let polled = Pin::new(stream).poll_read(context, &mut limited);
        if let Poll::Ready(Ok(())) = &polled {
            buffer.put_slice(limited.filled());
            self.pass(limited.filled().len());
        }
        polled
    }
}

impl AsyncWrite for Cut {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = self.left;
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        if left == 0 {
            return Poll::Pending;
        }
        let polled = Pin::new(stream).poll_write(context, &bytes[..left.min(bytes.len())]);
        if let Poll::Ready(Ok(written)) = &polled {
            self.pass(*written);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

/// A terminal that does as it is told until nobody is there any more.
async fn serve(mut peer: Peer) {
    let table = log(ROWS);
    while let Some(heard) = peer.hear_any().await {
        match heard.command {
            OPTIONS_READ => peer.say(ACK_OK, SESSION, b"~SerialNumber=A1\0").await,
            FREE_SIZES => peer.say(ACK_OK, SESSION, &[0; 80]).await,
            GET_TIME => {
                let time = peer.answer(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]);
                peer.say_bytes(&time).await;
            }
            STATE => peer.say(ACK_OK, 0, &[]).await,
            PREPARE_BUFFER => {
                let size = u32::try_from(table.len()).unwrap().to_le_bytes();
                peer.say(ACK_OK, SESSION, &size).await;
            }
            READ_BUFFER => {
                let number = |at: usize| {
                    u32::from_le_bytes(heard.payload[at..at + 4].try_into().unwrap()) as usize
                };
                let frames = piece(&peer, &table[number(0)..][..number(4)], 256);
                let (first, others) = frames.split_at(1);
                let event = peer::frame(EVENT, 2, 0, &[]);
                peer.say_bytes(&[&first.concat(), &event[..], &others.concat()].concat())
                    .await;
            }
            EVENT => {
                let answer = peer.answer(ACK_OK, SESSION, &[]);
                let event = peer::frame(EVENT, 1, 0, &peer::bytes("8a8701000f011a0b17110509"));
                peer.say_bytes(&[answer, event].concat()).await;
            }
            // An event's.
            ACK_OK => {}
            EXIT => {
                peer.say(ACK_OK, SESSION, &[]).await;
                return;
            }
            CONNECT..=1_999 | 60..=62 => peer.say(ACK_OK, SESSION, &[]).await,
            _ => peer.say(ACK_ERROR, SESSION, &[]).await,
        }
    }
}

/// What came out of a conversation.
#[derive(Debug, Default)]
struct Told {
    serial: Option<String>,
    rows: Vec<u8>,
    end: Vec<u8>,
    events: usize,
    took: Duration,
    error: Option<Error>,
}

async fn converse(told: &Mutex<Told>) {
    let begun = Instant::now();
    let target = Target {
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            reply: Duration::from_secs(2),
            brief: Duration::from_secs(1),
            prepare: Duration::from_secs(3),
            exit: Duration::from_secs(1),
            ..Timeouts::default()
        },
        ..Target::tcp("terminal", PORT)
    };
    let stream = TcpStream::connect(("terminal", PORT)).await.unwrap();
    let end = match Session::over(stream, &target).await {
        Ok(mut session) => {
            let end = everything(&mut session, told).await;
            session.close().await;
            end
        }
        Err(error) => Err(error),
    };
    let mut told = told.lock().unwrap();
    told.took = begun.elapsed();
    told.error = end.err();
}

async fn everything(session: &mut Session, told: &Mutex<Told>) -> Result<(), Error> {
    let serial = session.option("~SerialNumber").await?;
    told.lock().unwrap().serial = serial;
    session.counters().await?;
    session.clock().await?;
    let mut whole = session.attendance(None).await?;
    while let Some(rows) = whole.next_rows().await? {
        let mut told = told.lock().unwrap();
        for row in rows.iter() {
            told.rows.extend(row.raw());
        }
    }
    whole.finish().await;
    let mut prepared = session.prepare_log().await?;
    let end = prepared.bytes() - 80..prepared.bytes();
    let end = session.read_log(&mut prepared, end).await?;
    told.lock().unwrap().end = end;
    session.free_log(prepared).await;
    assert!(session.start_live().await?.agrees());
    while let Some(event) = session.next_event(Duration::from_millis(500)).await? {
        assert!(matches!(event, Event::Attendance(Ok(_))), "{event:?}");
        told.lock().unwrap().events += 1;
    }
    session.probe().await?;
    Ok(())
}

/// Bytes that passed, and what came out.
fn cut_after(bytes: usize, end: End) -> (usize, Told) {
    let passed = Arc::new(AtomicUsize::new(0));
    let told = Arc::new(Mutex::new(Told::default()));
    let mut network = turmoil::Builder::new()
        .tick_duration(Duration::from_millis(20))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(1))
        .simulation_duration(Duration::from_mins(1))
        .build();
    let counted = passed.clone();
    network.host("terminal", move || {
        let passed = counted.clone();
        async move {
            let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
            let (stream, _) = listener.accept().await?;
            let stream = Cut {
                stream: (bytes > 0 || end == End::Silence).then_some(stream),
                left: bytes,
                end,
                passed,
            };
            serve(Peer::over(stream)).await;
            std::future::pending().await
        }
    });
    let heard = told.clone();
    network.client("client", async move {
        converse(&heard).await;
        Ok(())
    });
    network
        .run()
        .unwrap_or_else(|error| panic!("cut after {bytes} bytes ({end:?}): {error}"));
    drop(network);
    let told = std::mem::take(&mut *told.lock().unwrap());
    (passed.load(Ordering::Relaxed), told)
}

fn cut_everywhere(end: End) {
    let (all, whole) = cut_after(usize::MAX, end);
    let rows = &log(ROWS)[4..];
    assert!(whole.error.is_none(), "{:?}", whole.error);
    assert_eq!(whole.rows, rows);
    assert_eq!(whole.end, rows[rows.len() - 80..]);
    assert_eq!(whole.events, 1);
    assert!(all > 1_500, "{all} bytes");
    let mut failed = 0;
    for bytes in 0..all {
        let (passed, told) = cut_after(bytes, end);
        assert_eq!(passed, bytes);
        // What came out is right, and if it is not all of it, an error says so.
        assert!(rows.starts_with(&told.rows), "cut after {bytes}");
        assert!(
            told.end.is_empty() || told.end == whole.end,
            "cut after {bytes}"
        );
        match &told.error {
            None => {
                assert_eq!(told.serial.as_deref(), Some("A1"), "cut after {bytes}");
                assert_eq!(told.rows, rows, "cut after {bytes}");
                assert_eq!(told.end, whole.end, "cut after {bytes}");
                assert_eq!(told.events, 1, "cut after {bytes}");
            }
            Some(
                Error::Busy { .. }
                | Error::Timeout { .. }
                | Error::ConnectionLost { .. }
                | Error::Damaged { .. },
            ) => failed += 1,
            Some(other) => panic!("cut after {bytes}: {other}"),
        }
        // The longest: an answer that may be missing, one that may not, and the farewell.
        let longest = Duration::from_secs(6);
        assert!(told.took < longest, "cut after {bytes}: {:?}", told.took);
    }
    // Only what ends the session may be missing.
    assert!(failed + 100 > all, "{failed} of {all} failed");
}

#[test]
fn a_conversation_that_ends_at_any_byte_gives_right_rows_or_an_error() {
    cut_everywhere(End::Close);
}

#[test]
fn a_conversation_that_falls_silent_at_any_byte_gives_right_rows_or_an_error_in_time() {
    cut_everywhere(End::Silence);
}

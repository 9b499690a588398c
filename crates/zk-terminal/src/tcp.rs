//! One TCP connection.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use bytes::{Buf, Bytes};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;
use zk_wire::Link;

use crate::{
    frames::{Frames, Next},
    reply::Then,
    session::Session,
    shared::Shared,
    transmission::Step,
};

/// Room for what a client sends at once.
const READ: usize = 4 << 10;
/// How long a closing connection may take to tell the client so.
const CLOSING: Duration = Duration::from_secs(1);

/// Talks with one client until either side has enough. The `place` among the connections is free afterwards.
pub(crate) async fn serve(
    stream: TcpStream,
    shared: Arc<Shared>,
    restart: CancellationToken,
    place: OwnedSemaphorePermit,
) {
    let leash = shared.state().leash();
    let mut connection = Connection {
        stream,
        session: Session::new(shared, Link::Stream),
        frames: Frames::default(),
        sent: 0,
    };
    let ended = tokio::select! {
        biased;
        () = leash.cut.cancelled() => return,
        () = leash.silence.cancelled() => {
            drop(place);
            connection.fall_silent().await;
            return;
        }
        ended = connection.run() => ended,
    };
    match ended {
        Ok(Then::Restart) => {
            connection.close().await;
            // The session is counted before anybody can see that the terminal is away.
            drop(connection);
            restart.cancel();
        }
        Ok(Then::Close | Then::Continue) => connection.close().await,
        // It is gone, silent, or shall be cut off: there is nobody to tell.
        Err(error) => tracing::debug!(%error, "connection ended"),
    }
}

struct Connection {
    stream: TcpStream,
    session: Session,
    frames: Frames,
    /// Bytes so far.
    sent: u64,
}

impl Connection {
    async fn run(&mut self) -> io::Result<Then> {
        let idle = self.session.shared.config.idle_timeout;
        let mut deadline = Instant::now() + idle;
        loop {
            self.frames.buffer.reserve(READ);
            let read = tokio::select! {
                biased;
                read = timeout_at(deadline, self.stream.read_buf(&mut self.frames.buffer)) => read??,
                event = self.session.event(), if self.session.is_registered() => {
                    let steps = self.session.tell(event);
                    self.send(steps).await?;
                    continue;
                }
            };
            if read == 0 {
                return Ok(Then::Close);
            }
            deadline = Instant::now() + idle;
            match self.answer_all().await? {
                Then::Continue => {}
                then @ (Then::Close | Then::Restart) => return Ok(then),
            }
        }
    }

    async fn answer_all(&mut self) -> io::Result<Then> {
        loop {
            match self.frames.next() {
                Next::Nothing => return Ok(Then::Continue),
                Next::Lost => return Ok(Then::Close),
                Next::Damaged => self.session.shared.state().activity.bad_checksums += 1,
                Next::Packet(packet) => {
                    let (steps, then) = self.session.take(packet);
                    self.send(steps).await?;
                    if then != Then::Continue {
                        return Ok(then);
                    }
                }
            }
        }
    }

    async fn send(&mut self, steps: Vec<Step>) -> io::Result<()> {
        let mut parts = Parts::default();
        for step in steps {
            match step {
                Step::Packet(frame) => {
                    frame
                        .beginning()
                        .into_iter()
                        .for_each(|part| parts.push(part));
                    parts.push(frame.payload);
                }
                Step::Beginning(frame, bytes) => {
                    frame
                        .beginning()
                        .into_iter()
                        .for_each(|part| parts.push(part));
                    parts.push(frame.payload.slice(..bytes));
                }
                Step::Rest(frame, bytes) => parts.push(frame.payload.slice(bytes..)),
                Step::Wait(time) => {
                    self.write(&mut parts).await?;
                    sleep(time).await;
                }
                Step::Cut => {
                    self.write(&mut parts).await?;
                    return Err(io::Error::other("cut off by a fault"));
                }
            }
        }
        self.write(&mut parts).await
    }

    /// Writes everything at once, or in the pieces that a fault asks for, up to where one cuts it off.
    async fn write(&mut self, parts: &mut Parts) -> io::Result<()> {
        let faults = self.session.shared.state().faults;
        let left = faults
            .cut_connection_after
            .map(|limit| usize::try_from(limit - self.sent.min(limit)).unwrap_or(usize::MAX));
        let cut = left.is_some_and(|left| left < parts.remaining());
        self.sent += parts.remaining() as u64;
        if let Some(left) = left.filter(|_| cut) {
            let mut beginning = Parts::default();
            beginning.push(parts.copy_to_bytes(left));
            self.write_pieces(&mut beginning, faults.write_size).await?;
            return Err(io::Error::other("cut off by a fault"));
        }
        self.write_pieces(parts, faults.write_size).await
    }

    async fn write_pieces(&mut self, parts: &mut Parts, size: Option<usize>) -> io::Result<()> {
        let idle = self.session.shared.config.idle_timeout;
        let Some(size) = size.filter(|size| *size > 0) else {
            return timeout(idle, self.stream.write_all_buf(parts)).await?;
        };
        while parts.has_remaining() {
            let mut piece = parts.copy_to_bytes(size.min(parts.remaining()));
            timeout(idle, self.stream.write_all_buf(&mut piece)).await??;
        }
        Ok(())
    }

    /// Takes what comes and says nothing more, not even that it is closed, until the client closes.
    async fn fall_silent(&mut self) {
        self.session.hear_no_more();
        self.frames.buffer.clear();
        while let Ok(1..) = self.stream.read_buf(&mut self.frames.buffer).await {
            self.frames.buffer.clear();
        }
    }

    async fn close(&mut self) {
        // A client that went away first needs no word.
        let _ = timeout(CLOSING, self.stream.shutdown()).await;
    }
}

/// Bytes to be written, taken from where they lie.
#[derive(Debug, Default)]
struct Parts(VecDeque<Bytes>);

impl Parts {
    fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.0.push_back(bytes);
        }
    }
}

impl Buf for Parts {
    fn remaining(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    fn chunk(&self) -> &[u8] {
        self.0.front().map_or(&[], |bytes| bytes)
    }

    fn chunks_vectored<'a>(&'a self, to: &mut [io::IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (slice, bytes) in to.iter_mut().zip(&self.0) {
            *slice = io::IoSlice::new(bytes);
            filled += 1;
        }
        filled
    }

    fn advance(&mut self, mut count: usize) {
        while let Some(first) = self.0.front_mut()
            && count > 0
        {
            if count < first.len() {
                first.advance(count);
                return;
            }
            count -= first.len();
            self.0.pop_front();
        }
    }
}

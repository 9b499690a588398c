use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use zk_wire::{FrameReader, Packet};

use super::{LinkError, Traffic};

/// Bytes both ways, in order.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for S {}

pub(crate) struct TcpLink {
    stream: Box<dyn Stream>,
    frames: FrameReader,
    buffer: Vec<u8>,
    /// Bytes that were not sent yet.
    outgoing: Vec<u8>,
}

/// A reply.
const LITTLE: usize = 2 * 1024;
/// One piece of a table with its frames: more is never in flight.
const MUCH: usize = 80 * 1024;
/// A connection on which nothing passes for so long is probed by the system, so that routers do not forget it and an end
/// without a word is found out.
const IDLE: Duration = Duration::from_mins(1);
const BETWEEN_PROBES: Duration = Duration::from_secs(10);

impl TcpLink {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        if let Err(error) = keep_alive(&stream) {
            tracing::debug!("the system does not watch the connection: {error}");
        }
        Ok(Self::over(stream))
    }

    pub(super) fn over(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            frames: FrameReader::default(),
            buffer: vec![0; LITTLE],
            outgoing: Vec::new(),
        }
    }

    pub(super) fn queue(&mut self, packet: &Packet) {
        self.outgoing.extend_from_slice(&packet.to_frame());
    }

    pub(super) async fn flush(&mut self) -> Result<(), LinkError> {
        while !self.outgoing.is_empty() {
            let sent = self.stream.write(&self.outgoing).await?;
            if sent == 0 {
                return Err(LinkError::Closed);
            }
            self.outgoing.drain(..sent);
        }
        Ok(())
    }

    pub(super) fn try_flush(&mut self) {
        let mut nobody = Context::from_waker(Waker::noop());
        // Whoever calls this is leaving and can do no more.
        let sent = Pin::new(&mut *self.stream).poll_write(&mut nobody, &self.outgoing);
        if let Poll::Ready(Ok(sent)) = sent {
            self.outgoing.drain(..sent);
        }
    }

    pub(super) async fn finish(&mut self) -> Result<(), LinkError> {
        Ok(self.stream.shutdown().await?)
    }

    pub(super) async fn receive(&mut self) -> Result<Packet, LinkError> {
        loop {
            if let Some(packet) = self.frames.next_packet().map_err(LinkError::Wire)? {
                return Ok(packet);
            }
            let length = self.stream.read(&mut self.buffer).await?;
            if length == 0 {
                return Err(LinkError::Closed);
            }
            self.frames
                .push(self.buffer.get(..length).unwrap_or_default());
        }
    }

    pub(super) fn expect(&mut self, traffic: Traffic) {
        match traffic {
            Traffic::Much => self.buffer.resize(MUCH, 0),
            Traffic::Little => {
                self.buffer = vec![0; LITTLE];
                if !self.frames.is_mid_frame() {
                    self.frames = FrameReader::default();
                }
            }
        }
    }
}

pub(super) fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(IDLE)
        .with_interval(BETWEEN_PROBES);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

impl fmt::Debug for TcpLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpLink")
            .field("frames", &self.frames)
            .field("unsent", &self.outgoing.len())
            .finish_non_exhaustive()
    }
}

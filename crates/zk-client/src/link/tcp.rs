use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use zk_wire::{FrameReader, Packet};

use super::{LinkError, Traffic};

#[derive(Debug)]
pub(crate) struct TcpLink {
    stream: TcpStream,
    frames: FrameReader,
    buffer: Vec<u8>,
    /// Bytes that were not sent yet.
    outgoing: Vec<u8>,
}

/// A reply.
const LITTLE: usize = 2 * 1024;
/// One piece of a table with its frames: more is never in flight.
const MUCH: usize = 80 * 1024;

impl TcpLink {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            frames: FrameReader::default(),
            buffer: vec![0; LITTLE],
            outgoing: Vec::new(),
        })
    }

    pub(super) async fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        self.outgoing.extend_from_slice(&packet.to_frame());
        while !self.outgoing.is_empty() {
            let sent = self.stream.write(&self.outgoing).await?;
            self.outgoing.drain(..sent);
        }
        Ok(())
    }

    pub(super) fn try_send(&mut self, packet: &Packet) {
        self.outgoing.extend_from_slice(&packet.to_frame());
        // Whoever calls this is leaving and can do no more.
        let _ = self.stream.try_write(&self.outgoing);
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

//! What carries packets: a TCP stream or UDP datagrams. Nothing here knows numbers or sessions.

mod tcp;
#[cfg(test)]
mod tests;
mod udp;

use std::{io, net::SocketAddr};

use zk_wire::{Packet, WireError};

pub(crate) use self::tcp::Stream;
use self::{tcp::TcpLink, udp::UdpLink};
use crate::{
    Transport,
    tap::{MaybeTap, Passing},
};

#[derive(Debug)]
pub(crate) struct Link {
    socket: Socket,
    tap: MaybeTap,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpLink),
    Udp(UdpLink),
}

/// How much is expected to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// Single replies.
    Little,
    /// A table; worth a large buffer for a while.
    Much,
}

#[derive(Debug)]
pub(crate) enum LinkError {
    /// The other side closed it.
    Closed,
    Io(io::Error),
    Wire(WireError),
}

impl Link {
    /// Opens it; over UDP that asks nobody yet.
    pub(crate) async fn open(
        transport: Transport,
        address: SocketAddr,
        tap: MaybeTap,
    ) -> io::Result<Self> {
        let socket = match transport {
            Transport::Tcp => Socket::Tcp(TcpLink::open(address).await?),
            Transport::Udp => Socket::Udp(UdpLink::open(address).await?),
        };
        tap.see(Passing::Opened(transport));
        Ok(Self { socket, tap })
    }

    /// A stream that somebody else opened.
    pub(crate) fn over(stream: impl Stream + 'static, tap: MaybeTap) -> Self {
        tap.see(Passing::Opened(Transport::Tcp));
        Self {
            socket: Socket::Tcp(TcpLink::over(stream)),
            tap,
        }
    }

    pub(crate) fn kind(&self) -> zk_wire::Link {
        match &self.socket {
            Socket::Tcp(_) => zk_wire::Link::Stream,
            Socket::Udp(_) => zk_wire::Link::Datagram,
        }
    }

    /// Sends a packet. When it is cancelled, the rest of the packet leaves before the next one.
    pub(crate) async fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        self.queue(packet);
        self.flush().await
    }

    /// Lets a packet leave with the next one, or with [`flush`](Self::flush).
    pub(crate) fn queue(&mut self, packet: &Packet) {
        self.tap.see(Passing::Sent(packet));
        match &mut self.socket {
            Socket::Tcp(link) => link.queue(packet),
            Socket::Udp(link) => link.queue(packet),
        }
    }

    /// Waits until all that is queued left. When it is cancelled, the next call goes on.
    pub(crate) async fn flush(&mut self) -> Result<(), LinkError> {
        match &mut self.socket {
            Socket::Tcp(link) => link.flush().await,
            Socket::Udp(link) => link.flush().await,
        }
    }

    /// Sends a packet if that is possible without waiting.
    pub(crate) fn try_send(&mut self, packet: &Packet) {
        self.queue(packet);
        match &mut self.socket {
            Socket::Tcp(link) => link.try_flush(),
            Socket::Udp(link) => link.try_flush(),
        }
    }

    /// Tells the other side that nothing more comes; it can still answer. Over UDP nobody is told.
    pub(crate) async fn finish(&mut self) -> Result<(), LinkError> {
        match &mut self.socket {
            Socket::Tcp(link) => link.finish().await,
            Socket::Udp(_) => Ok(()),
        }
    }

    /// The next packet that is whole and right. Nothing is lost when it is cancelled.
    pub(crate) async fn receive(&mut self) -> Result<Packet, LinkError> {
        let received = match &mut self.socket {
            Socket::Tcp(link) => link.receive().await,
            Socket::Udp(link) => link.receive().await,
        };
        match &received {
            Ok(packet) => self.tap.see(Passing::Received(packet)),
            Err(LinkError::Closed) => self.tap.see(Passing::Closed),
            Err(LinkError::Wire(error)) => self.tap.see(Passing::Garbled(error)),
            Err(LinkError::Io(_)) => {}
        }
        received
    }

    pub(crate) fn expect(&mut self, traffic: Traffic) {
        match &mut self.socket {
            Socket::Tcp(link) => link.expect(traffic),
            Socket::Udp(link) => link.expect(traffic),
        }
    }

    /// Datagrams that were no packets.
    pub(crate) fn strangers(&self) -> u32 {
        match &self.socket {
            Socket::Tcp(_) => 0,
            Socket::Udp(link) => link.strangers(),
        }
    }
}

impl From<io::Error> for LinkError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

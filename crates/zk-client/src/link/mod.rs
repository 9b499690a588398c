//! What carries packets: a TCP stream or UDP datagrams. Nothing here knows numbers or sessions.

mod tcp;
mod udp;

use std::{io, net::SocketAddr};

use zk_wire::{Packet, WireError};

use self::{tcp::TcpLink, udp::UdpLink};
use crate::Transport;

#[derive(Debug)]
pub(crate) enum Link {
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
    pub(crate) async fn open(transport: Transport, address: SocketAddr) -> io::Result<Self> {
        Ok(match transport {
            Transport::Tcp => Self::Tcp(TcpLink::open(address).await?),
            Transport::Udp => Self::Udp(UdpLink::open(address).await?),
        })
    }

    pub(crate) fn kind(&self) -> zk_wire::Link {
        match self {
            Self::Tcp(_) => zk_wire::Link::Stream,
            Self::Udp(_) => zk_wire::Link::Datagram,
        }
    }

    /// Sends a packet. When it is cancelled, the rest of the packet leaves before the next one.
    pub(crate) async fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        match self {
            Self::Tcp(link) => link.send(packet).await,
            Self::Udp(link) => link.send(packet).await,
        }
    }

    /// Sends a packet if that is possible without waiting.
    pub(crate) fn try_send(&mut self, packet: &Packet) {
        match self {
            Self::Tcp(link) => link.try_send(packet),
            Self::Udp(link) => link.try_send(packet),
        }
    }

    /// Tells the other side that nothing more comes; it can still answer. Over UDP nobody is told.
    pub(crate) async fn finish(&mut self) -> Result<(), LinkError> {
        match self {
            Self::Tcp(link) => link.finish().await,
            Self::Udp(_) => Ok(()),
        }
    }

    /// The next packet that is whole and right. Nothing is lost when it is cancelled.
    pub(crate) async fn receive(&mut self) -> Result<Packet, LinkError> {
        match self {
            Self::Tcp(link) => link.receive().await,
            Self::Udp(link) => link.receive().await,
        }
    }

    pub(crate) fn expect(&mut self, traffic: Traffic) {
        match self {
            Self::Tcp(link) => link.expect(traffic),
            Self::Udp(link) => link.expect(traffic),
        }
    }

    /// Datagrams that were no packets.
    pub(crate) fn strangers(&self) -> u32 {
        match self {
            Self::Tcp(_) => 0,
            Self::Udp(link) => link.strangers(),
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

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::UdpSocket;
use zk_wire::Packet;

use super::{LinkError, Traffic};

#[derive(Debug)]
pub(crate) struct UdpLink {
    /// Connected, so that nobody else's datagrams get in and a refusal is told.
    socket: UdpSocket,
    buffer: Vec<u8>,
    outgoing: VecDeque<Vec<u8>>,
    strangers: u32,
}

/// A reply; the largest seen are 1032 bytes.
const LITTLE: usize = 4 * 1024;
/// The largest datagram there is.
const MUCH: usize = 64 * 1024;

impl UdpLink {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let any = match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let socket = UdpSocket::bind((any, 0)).await?;
        socket.connect(address).await?;
        Ok(Self {
            socket,
            buffer: vec![0; LITTLE],
            outgoing: VecDeque::new(),
            strangers: 0,
        })
    }

    pub(super) fn queue(&mut self, packet: &Packet) {
        self.outgoing.push_back(packet.to_datagram());
    }

    pub(super) async fn flush(&mut self) -> Result<(), LinkError> {
        while let Some(datagram) = self.outgoing.front() {
            let sent = self.socket.send(datagram).await;
            self.outgoing.pop_front();
            sent?;
        }
        Ok(())
    }

    pub(super) fn try_flush(&mut self) {
        // Whoever calls this is leaving and can do no more.
        for datagram in self.outgoing.drain(..) {
            let _ = self.socket.try_send(&datagram);
        }
    }

    /// Datagrams that are damaged or no packets are as good as lost.
    pub(super) async fn receive(&mut self) -> Result<Packet, LinkError> {
        loop {
            let length = self.socket.recv(&mut self.buffer).await?;
            match Packet::decode(self.buffer.get(..length).unwrap_or_default()) {
                Ok(packet) => return Ok(packet),
                Err(error) => {
                    self.strangers = self.strangers.saturating_add(1);
                    tracing::debug!("a datagram is passed over: {error}");
                }
            }
        }
    }

    pub(super) fn expect(&mut self, traffic: Traffic) {
        self.buffer = vec![
            0;
            if traffic == Traffic::Much {
                MUCH
            } else {
                LITTLE
            }
        ];
    }

    pub(super) fn strangers(&self) -> u32 {
        self.strangers
    }
}

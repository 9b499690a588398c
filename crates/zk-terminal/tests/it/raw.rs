//! Clients that know frames and nothing else, and a terminal for them.

use std::{net::SocketAddr, time::Duration};

use jiff::civil::{DateTime, date};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    time::timeout,
};
use zk_terminal::{
    Contents, Handle, LocalClock, Punch, SharedContents, TerminalConfig, VirtualTerminal,
};
use zk_wire::{BufferRequest, Packet, code};

/// How long an answer may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn now() -> DateTime {
    date(2026, 11, 23).at(8, 30, 0, 0)
}

pub(crate) async fn start(config: TerminalConfig, contents: impl Into<SharedContents>) -> Handle {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    VirtualTerminal::start(listen, config, contents, LocalClock::stopped_at(now()))
        .await
        .unwrap()
}

/// A terminal with generated contents.
pub(crate) async fn start_with(config: TerminalConfig, users: usize, punches: usize) -> Handle {
    start(config, Contents::generate(users, punches, 7, now())).await
}

/// The punch of the fact sheet: slot 7, PIN 100234, by finger, in, at 2026-11-23 08:30:00.
pub(crate) fn known_punch() -> Punch {
    Punch {
        uid: 7,
        pin: "100234".to_owned(),
        time: now(),
        state: 0,
        verify: 1,
        work_code: 0,
    }
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap())
        .collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// A frame made without the code under test.
pub(crate) fn frame(command: u16, session: u16, number: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    for word in [command, 0, session, number] {
        packet.extend(word.to_le_bytes());
    }
    packet.extend(payload);
    let mut sum = 0_u32;
    for word in packet.chunks(2) {
        sum += u32::from(word[0]) + 256 * u32::from(word.get(1).copied().unwrap_or(0));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let sum = !u16::try_from(sum).unwrap();
    packet[2..4].copy_from_slice(&sum.to_le_bytes());
    let mut frame = bytes("5050827d");
    frame.extend(u32::try_from(packet.len()).unwrap().to_le_bytes());
    frame.extend(packet);
    frame
}

/// A client, over either transport.
pub(crate) struct Raw {
    wire: Wire,
    pub(crate) session: u16,
    pub(crate) number: u16,
}

enum Wire {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Over {
    Tcp,
    Udp,
}

impl Raw {
    pub(crate) async fn new(terminal: &Handle, over: Over) -> Self {
        Self::at(terminal.address(), over).await
    }

    pub(crate) async fn at(address: SocketAddr, over: Over) -> Self {
        let wire = match over {
            Over::Tcp => Wire::Tcp(TcpStream::connect(address).await.unwrap()),
            Over::Udp => {
                let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                socket.connect(address).await.unwrap();
                Wire::Udp(socket)
            }
        };
        Self {
            wire,
            session: 0,
            number: 0,
        }
    }

    /// With an open session.
    pub(crate) async fn open(terminal: &Handle, over: Over) -> Self {
        let mut client = Self::new(terminal, over).await;
        let reply = client.connect().await;
        assert_eq!(reply.command, code::ACK_OK);
        client
    }

    pub(crate) async fn connect(&mut self) -> Packet {
        self.send(&frame(code::CONNECT, 0, 0, &[])).await;
        let reply = self.packet().await;
        self.session = reply.session;
        self.number = 0;
        reply
    }

    pub(crate) async fn send_connect(&mut self) {
        self.send(&frame(code::CONNECT, 0, 0, &[])).await;
    }

    /// Whether nobody takes datagrams there.
    pub(crate) async fn refused(address: SocketAddr) -> bool {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(address).await.unwrap();
        socket.send(&[0]).await.unwrap();
        let answer = timeout(PATIENCE, socket.recv(&mut [0])).await;
        answer.expect("no answer came").is_err()
    }

    /// Acknowledges an event.
    pub(crate) async fn acknowledge(&mut self) {
        self.send(&frame(code::ACK_OK, self.session, 0, &[])).await;
    }

    /// The next bytes of the stream.
    pub(crate) async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let Wire::Tcp(stream) = &mut self.wire else {
            unreachable!("datagrams come whole")
        };
        let mut read = vec![0; count];
        timeout(PATIENCE, stream.read_exact(&mut read))
            .await
            .expect("they did not come")
            .unwrap();
        read
    }

    /// What one read of the stream brings.
    pub(crate) async fn at_once(&mut self) -> Vec<u8> {
        let Wire::Tcp(stream) = &mut self.wire else {
            unreachable!("datagrams come whole")
        };
        let mut read = vec![0; 65_536];
        let length = timeout(PATIENCE, stream.read(&mut read))
            .await
            .expect("nothing came")
            .unwrap();
        read.truncate(length);
        read
    }

    /// Whether the terminal took it; `false` where it closed the connection at once.
    pub(crate) async fn try_connect(&mut self) -> bool {
        if let Wire::Tcp(stream) = &mut self.wire
            && stream
                .write_all(&frame(code::CONNECT, 0, 0, &[]))
                .await
                .is_err()
        {
            return false;
        }
        let Ok(reply) = timeout(PATIENCE, self.read())
            .await
            .expect("no answer came")
        else {
            return false;
        };
        self.session = Packet::decode(&reply[8..]).unwrap().session;
        true
    }

    /// Nothing has come, not even that the connection is closed.
    pub(crate) fn is_silent(&self) -> bool {
        let mut byte = [0];
        let read = match &self.wire {
            Wire::Tcp(stream) => stream.try_read(&mut byte),
            Wire::Udp(socket) => socket.try_recv(&mut byte),
        };
        read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Sends a frame; a datagram goes without the first eight bytes.
    pub(crate) async fn send(&mut self, frame: &[u8]) {
        match &mut self.wire {
            Wire::Tcp(stream) => stream.write_all(frame).await.unwrap(),
            Wire::Udp(socket) => {
                socket.send(&frame[8..]).await.unwrap();
            }
        }
    }

    /// The next frame as it came; of a datagram, as it would be in a stream.
    pub(crate) async fn frame(&mut self) -> Vec<u8> {
        timeout(PATIENCE, self.read())
            .await
            .expect("no answer came")
            .expect("the terminal closed the connection")
    }

    async fn read(&mut self) -> std::io::Result<Vec<u8>> {
        match &mut self.wire {
            Wire::Tcp(stream) => {
                let mut frame = vec![0; 8];
                stream.read_exact(&mut frame).await?;
                let length = u32::from_le_bytes(frame[4..8].try_into().unwrap());
                frame.resize(8 + usize::try_from(length).unwrap(), 0);
                stream.read_exact(&mut frame[8..]).await?;
                Ok(frame)
            }
            Wire::Udp(socket) => {
                let mut datagram = vec![0; 65_536];
                let length = socket.recv(&mut datagram).await?;
                let mut frame = bytes("5050827d");
                frame.extend(u32::try_from(length).unwrap().to_le_bytes());
                frame.extend(&datagram[..length]);
                Ok(frame)
            }
        }
    }

    pub(crate) async fn packet(&mut self) -> Packet {
        Packet::decode(&self.frame().await[8..]).unwrap()
    }

    /// What is read until the terminal closes the connection, which it has to do.
    pub(crate) async fn until_closed(&mut self) -> Vec<u8> {
        let Wire::Tcp(stream) = &mut self.wire else {
            unreachable!("a datagram has no connection to close")
        };
        let mut read = Vec::new();
        // A reset ends it as well.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut read))
            .await
            .expect("the connection stays open");
        read
    }

    /// Sends a command of this session under the next number.
    pub(crate) async fn tell(&mut self, command: u16, payload: &[u8]) {
        self.number += 1;
        let frame = frame(command, self.session, self.number, payload);
        self.send(&frame).await;
    }

    /// Sends a command and gives its first reply.
    pub(crate) async fn ask(&mut self, command: u16, payload: &[u8]) -> Packet {
        self.tell(command, payload).await;
        let reply = self.packet().await;
        assert_eq!(
            reply.reply, self.number,
            "a reply carries its request's number"
        );
        reply
    }

    /// What else the terminal sent before it answers the next request: datagrams on one machine keep their order.
    pub(crate) async fn meanwhile(&mut self) -> Vec<Packet> {
        self.tell(code::GET_VERSION, &[]).await;
        let mut packets = Vec::new();
        loop {
            let packet = self.packet().await;
            if packet.reply == self.number {
                return packets;
            }
            packets.push(packet);
        }
    }

    pub(crate) async fn prepare(&mut self, command: u16, table: u32) -> Packet {
        let request = BufferRequest {
            command,
            table,
            extra: 0,
        };
        self.ask(code::PREPARE_BUFFER, &request.encode()).await
    }

    pub(crate) async fn prepare_attendance(&mut self) -> Packet {
        self.prepare(code::ATTENDANCE_READ, 0).await
    }

    /// All packets of one answer that begins with `PREPARE_DATA`, up to its `ACK_OK`.
    pub(crate) async fn rest(&mut self, first: Packet) -> Vec<Packet> {
        let mut packets = vec![first];
        while packets.last().unwrap().command != code::ACK_OK {
            packets.push(self.packet().await);
        }
        packets
    }

    pub(crate) async fn piece(&mut self, start: usize, size: usize) -> Packet {
        let number = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
        self.ask(code::READ_BUFFER, &[number(start), number(size)].concat())
            .await
    }

    /// The prepared table of `size` bytes, read in pieces.
    pub(crate) async fn buffered(&mut self, size: usize, step: usize) -> Vec<u8> {
        let mut table = Vec::new();
        while table.len() < size {
            let step = step.min(size - table.len());
            let first = self.piece(table.len(), step).await;
            if first.command == code::DATA {
                table.extend(first.payload);
            } else {
                table.extend(data(&self.rest(first).await));
            }
        }
        table
    }
}

/// Waits until `holds`.
pub(crate) async fn until(holds: impl Fn() -> bool) {
    timeout(PATIENCE, async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it did not happen");
}

/// The bytes of the DATA packets among `packets`.
pub(crate) fn data(packets: &[Packet]) -> Vec<u8> {
    packets
        .iter()
        .filter(|packet| packet.command == code::DATA)
        .flat_map(|packet| packet.payload.clone())
        .collect()
}

/// The size that an `ACK_OK` to a request to prepare a table announces.
pub(crate) fn announced(packet: &Packet) -> usize {
    assert_eq!((packet.command, packet.payload.len()), (code::ACK_OK, 13));
    let size = u32::from_le_bytes(packet.payload[1..5].try_into().unwrap());
    usize::try_from(size).unwrap()
}

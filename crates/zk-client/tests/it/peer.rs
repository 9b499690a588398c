//! The other end of a conversation. It knows bytes; of the protocol only where a packet begins, its number and its sum.

use std::{future::Future, net::SocketAddr, pin::Pin, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinHandle,
    time::timeout,
};
use zk_client::{Target, Transport};

/// Far more than anything here takes; only a hang gets there.
const PATIENCE: Duration = Duration::from_mins(2);
const MAGIC: [u8; 4] = [0x50, 0x50, 0x82, 0x7d];

/// What the header of a request says, and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) command: u16,
    pub(crate) session: u16,
    pub(crate) number: u16,
    pub(crate) payload: Vec<u8>,
}

/// One client, seen from the terminal's side.
pub(crate) struct Peer {
    link: Link,
    /// Of the last request.
    number: u16,
}

enum Link {
    Tcp(TcpStream),
    Other(Box<dyn Bytes>),
    Udp {
        socket: UdpSocket,
        client: Option<SocketAddr>,
    },
}

/// Bytes both ways.
trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Bytes for S {}

/// A script that plays in the background.
pub(crate) struct Playing {
    address: SocketAddr,
    transport: Transport,
    task: JoinHandle<()>,
}

/// Plays `script` with the first client that connects over TCP.
pub(crate) async fn tcp<F>(script: impl FnOnce(Peer) -> F + Send + 'static) -> Playing
where
    F: Future<Output = ()> + Send + 'static,
{
    listen(|listener| async move {
        let peer = accept(&listener).await;
        script(peer).await;
    })
    .await
}

/// Plays `script` with all that connects over TCP.
pub(crate) async fn listen<F>(script: impl FnOnce(TcpListener) -> F) -> Playing
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    Playing {
        address,
        transport: Transport::Tcp,
        task: tokio::spawn(script(listener)),
    }
}

pub(crate) async fn accept(listener: &TcpListener) -> Peer {
    let (stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    stream.set_nodelay(true).unwrap();
    Peer {
        link: Link::Tcp(stream),
        number: 0,
    }
}

/// Plays `script` with whoever sends datagrams.
pub(crate) async fn udp<F>(script: impl FnOnce(Peer) -> F) -> Playing
where
    F: Future<Output = ()> + Send + 'static,
{
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let peer = Peer {
        link: Link::Udp {
            socket,
            client: None,
        },
        number: 0,
    };
    Playing {
        address,
        transport: Transport::Udp,
        task: tokio::spawn(script(peer)),
    }
}

/// A script that plays over either transport.
pub(crate) type Script =
    Box<dyn FnOnce(Peer) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + 'static>;

type Starting = Pin<Box<dyn Future<Output = Playing>>>;

pub(crate) fn tcp_with(script: Script) -> Starting {
    Box::pin(tcp(script))
}

pub(crate) fn udp_with(script: Script) -> Starting {
    Box::pin(udp(script))
}

impl Playing {
    pub(crate) fn target(&self) -> Target {
        let target = Target::tcp(self.address.ip().to_string(), self.address.port());
        Target {
            transport: self.transport,
            ..target
        }
    }

    /// Waits for the end of the script and fails where it failed.
    pub(crate) async fn over(self) {
        timeout(PATIENCE, self.task)
            .await
            .expect("the script goes on")
            .expect("the script failed");
    }
}

async fn next_frame(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut head = [0; 8];
    stream.read_exact(&mut head).await.ok()?;
    assert_eq!(head[..4], MAGIC);
    let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    let mut packet = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut packet).await.ok()?;
    Some(packet)
}

impl Peer {
    /// The terminal's end of a stream that a test made.
    pub(crate) fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self {
            link: Link::Other(Box::new(stream)),
            number: 0,
        }
    }

    /// The next request of any kind; `None` when the client closed.
    pub(crate) async fn hear_any(&mut self) -> Option<Heard> {
        let packet = timeout(PATIENCE, self.next_packet())
            .await
            .expect("the client says nothing")?;
        let word = |at: usize| u16::from_le_bytes([packet[at], packet[at + 1]]);
        assert_eq!(
            word(2),
            sum(&packet),
            "the client sent a packet with a wrong checksum"
        );
        // The acknowledgement of an event asks for no answer.
        if word(0) != ACK_OK {
            self.number = word(6);
        }
        Some(Heard {
            command: word(0),
            session: word(4),
            number: word(6),
            payload: packet[8..].to_vec(),
        })
    }

    /// Acknowledges the next request, which must be this command.
    pub(crate) async fn acknowledge(&mut self, command: u16) -> Heard {
        let heard = self.hear(command).await;
        self.say(ACK_OK, SESSION, &[]).await;
        heard
    }

    /// Tells an event, and hears that it is acknowledged, to the byte.
    pub(crate) async fn tell(&mut self, kind: u16, payload: &[u8]) {
        self.say_frame(&frame(EVENT, kind, 0, payload)).await;
        self.hear_event_acknowledged().await;
    }

    pub(crate) async fn hear_event_acknowledged(&mut self) {
        let heard = self.hear(ACK_OK).await;
        assert_eq!(
            frame(heard.command, heard.session, heard.number, &heard.payload),
            bytes("5050827d08000000d007fbe534120000"),
        );
    }

    /// The next request, which must be this command.
    pub(crate) async fn hear(&mut self, command: u16) -> Heard {
        let heard = self.hear_any().await.expect("the client closed");
        assert_eq!(heard.command, command, "{heard:?}");
        heard
    }

    /// Hears what a terminal is asked before its log is read directly, and says its model.
    pub(crate) async fn say_model(&mut self, name: &str) {
        self.hear(OPTIONS_READ).await;
        let told = format!("~DeviceName={name}\0");
        self.say(ACK_OK, SESSION, told.as_bytes()).await;
        self.hear(OPTIONS_READ).await;
        self.say(ACK_ERROR, SESSION, &[]).await;
        self.hear(GET_VERSION).await;
        self.say(ACK_OK, SESSION, b"Ver 6.60 Apr 26 2016\0").await;
    }

    async fn next_packet(&mut self) -> Option<Vec<u8>> {
        match &mut self.link {
            Link::Tcp(stream) => next_frame(stream).await,
            Link::Other(stream) => next_frame(stream).await,
            Link::Udp { socket, client } => {
                let mut packet = vec![0; 65_536];
                let (length, from) = socket.recv_from(&mut packet).await.unwrap();
                *client = Some(from);
                packet.truncate(length);
                Some(packet)
            }
        }
    }

    /// Sends these bytes and no others.
    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        match &mut self.link {
            // The client may have left, which is for the test to notice.
            Link::Tcp(stream) => drop(stream.write_all(bytes).await),
            Link::Other(stream) => drop(stream.write_all(bytes).await),
            Link::Udp { socket, client } => drop(socket.send_to(bytes, client.unwrap()).await),
        }
    }

    /// Sends a frame, over UDP as a datagram.
    pub(crate) async fn say_frame(&mut self, frame: &[u8]) {
        let frame = match self.link {
            Link::Tcp(_) | Link::Other(_) => frame,
            Link::Udp { .. } => &frame[8..],
        };
        self.say_bytes(frame).await;
    }

    /// Sends a packet in answer to the last request.
    pub(crate) async fn say(&mut self, command: u16, session: u16, payload: &[u8]) {
        let frame = frame(command, session, self.number, payload);
        self.say_frame(&frame).await;
    }

    /// A frame in answer to the last request.
    pub(crate) fn answer(&self, command: u16, session: u16, payload: &[u8]) -> Vec<u8> {
        frame(command, session, self.number, payload)
    }

    /// Sends a recorded frame with the number of the last request in the place of its own, as recordings are cut out of
    /// longer conversations.
    pub(crate) async fn say_recorded(&mut self, hex: &str) {
        let recorded = bytes(hex);
        let packet = &recorded[8..];
        assert_eq!(
            u16::from_le_bytes([packet[2], packet[3]]),
            sum(packet),
            "the recording is damaged"
        );
        let word = |at: usize| u16::from_le_bytes([packet[at], packet[at + 1]]);
        self.say(word(0), word(4), &packet[8..]).await;
    }

    /// Plays the beginning of a conversation without key.
    pub(crate) async fn greet(&mut self) {
        self.hear(CONNECT).await;
        self.say(ACK_OK, SESSION, &[]).await;
    }

    /// Plays the end of a conversation.
    pub(crate) async fn part(&mut self) {
        self.hear(EXIT).await;
        self.say(ACK_OK, SESSION, &[]).await;
    }

    /// Closes with a reset, so that what was not read yet is lost.
    pub(crate) fn reset(self) {
        if let Link::Tcp(stream) = self.link {
            stream.set_zero_linger().unwrap();
        }
    }
}

pub(crate) const SESSION: u16 = 0x1234;
pub(crate) const USER_WRITE: u16 = 8;
pub(crate) const OPTIONS_READ: u16 = 11;
pub(crate) const ATTENDANCE_READ: u16 = 13;
pub(crate) const DELETE_USER: u16 = 18;
pub(crate) const FREE_SIZES: u16 = 50;
pub(crate) const CLEAR_ATTENDANCE: u16 = 15;
pub(crate) const DELETE_TEMPLATE: u16 = 19;
pub(crate) const UNLOCK: u16 = 31;
pub(crate) const START_VERIFY: u16 = 60;
pub(crate) const CANCEL_CAPTURE: u16 = 62;
pub(crate) const STATE: u16 = 64;
pub(crate) const WRITE_LCD: u16 = 66;
pub(crate) const CLEAR_LCD: u16 = 67;
pub(crate) const DOOR_STATE: u16 = 75;
pub(crate) const TEMPLATE_READ: u16 = 88;
pub(crate) const SAVE_TEMPLATES: u16 = 110;
pub(crate) const GET_TIME: u16 = 201;
pub(crate) const SET_TIME: u16 = 202;
pub(crate) const EVENT: u16 = 500;
pub(crate) const CONNECT: u16 = 1000;
pub(crate) const EXIT: u16 = 1001;
pub(crate) const ENABLE: u16 = 1002;
pub(crate) const DISABLE: u16 = 1003;
pub(crate) const RESTART: u16 = 1004;
pub(crate) const REFRESH_DATA: u16 = 1013;
pub(crate) const TEST_VOICE: u16 = 1017;
pub(crate) const GET_VERSION: u16 = 1100;
pub(crate) const AUTH: u16 = 1102;
pub(crate) const PREPARE_DATA: u16 = 1500;
pub(crate) const DATA: u16 = 1501;
pub(crate) const FREE_DATA: u16 = 1502;
pub(crate) const PREPARE_BUFFER: u16 = 1503;
pub(crate) const READ_BUFFER: u16 = 1504;
pub(crate) const ACK_OK: u16 = 2000;
pub(crate) const ACK_ERROR: u16 = 2001;
pub(crate) const ACK_UNAUTH: u16 = 2005;

/// A frame as a terminal makes it.
pub(crate) fn frame(command: u16, session: u16, number: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    for word in [command, 0, session, number] {
        packet.extend(word.to_le_bytes());
    }
    packet.extend(payload);
    let checksum = sum(&packet).to_le_bytes();
    packet[2..4].copy_from_slice(&checksum);
    let mut frame = MAGIC.to_vec();
    frame.extend(u32::try_from(packet.len()).unwrap().to_le_bytes());
    frame.extend(packet);
    frame
}

/// One's complement of the one's-complement sum, as the fact sheet says it; not the client's own code.
fn sum(packet: &[u8]) -> u16 {
    let mut sum = 0_u64;
    for (at, byte) in packet.iter().enumerate() {
        if at != 2 && at != 3 {
            sum += u64::from(*byte) << (8 * (at % 2));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

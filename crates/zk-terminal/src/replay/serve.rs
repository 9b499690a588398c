//! The sockets of a replay.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use zk_wire::{Link, Packet};

use super::script::{Said, Script};
use crate::frames::{Frames, Next};

/// A client that says nothing for so long, or takes nothing, is left.
const IDLE: Duration = Duration::from_mins(5);
/// Between tries to accept.
const BREATH: Duration = Duration::from_millis(50);
const READ: usize = 4 << 10;
const LARGEST: usize = 64 << 10;
/// Connections at a time.
const CONNECTIONS: usize = 16;

pub(super) async fn tcp(
    listener: TcpListener,
    script: Arc<Script>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                sleep(BREATH).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            continue;
        };
        let (script, stop) = (script.clone(), stop.clone());
        tasks.spawn(async move {
            let conversation = converse(stream, &script);
            if let Some(Err(error)) = stop.run_until_cancelled(conversation).await {
                tracing::debug!(%error, "connection ended");
            }
            drop(place);
        });
    }
}

#[derive(PartialEq, Eq)]
enum Then {
    Continue,
    Close,
}

async fn converse(mut stream: TcpStream, script: &Script) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut frames = Frames::default();
    if say(&mut stream, script.greeting()).await? == Then::Close {
        return Ok(());
    }
    loop {
        frames.buffer.reserve(READ);
        if timeout(IDLE, stream.read_buf(&mut frames.buffer)).await?? == 0 {
            return Ok(());
        }
        loop {
            match frames.next() {
                Next::Nothing => break,
                Next::Lost => return Ok(()),
                Next::Damaged => {}
                Next::Packet(request) => {
                    let said = script.answer(Link::Stream, &request);
                    if say(&mut stream, said).await? == Then::Close {
                        return Ok(());
                    }
                }
            }
        }
    }
}

async fn say(stream: &mut TcpStream, said: Vec<Said>) -> io::Result<Then> {
    let mut bytes = Vec::new();
    let mut then = Then::Continue;
    for said in said {
        match said {
            Said::Packet(packet) => bytes.extend(packet.to_frame()),
            Said::Noise(noise) => bytes.extend(noise),
            Said::Closed => {
                then = Then::Close;
                break;
            }
        }
    }
    timeout(IDLE, stream.write_all(&bytes)).await??;
    Ok(then)
}

pub(super) async fn udp(socket: UdpSocket, script: Arc<Script>) {
    let mut buffer = vec![0; LARGEST];
    loop {
        let (length, from) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            Err(error) => {
                tracing::debug!(%error, "datagram not received");
                tokio::task::yield_now().await;
                continue;
            }
        };
        let Ok(request) = Packet::decode(buffer.get(..length).unwrap_or_default()) else {
            continue;
        };
        for said in script.answer(Link::Datagram, &request) {
            let datagram = match said {
                Said::Packet(packet) => packet.to_datagram(),
                Said::Noise(noise) => noise,
                Said::Closed => break,
            };
            if let Err(error) = socket.send_to(&datagram, from).await {
                tracing::debug!(%error, "datagram not sent");
            }
        }
    }
}

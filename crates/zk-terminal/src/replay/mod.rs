//! A terminal that says what another one said: it answers from a capture.

mod script;
mod serve;

use std::{io, net::SocketAddr, sync::Arc};

use tokio::net::{TcpListener, UdpSocket};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use zk_wire::{Link, capture::Capture};

use self::script::Script;
use crate::error::Error;

/// Answers as the terminal did that a [`Capture`] was made of, so that a model can be tried without being there.
///
/// A request is matched by its command and payload (`AUTH` by its command alone); the answer is what followed the first
/// such request of the capture that was not used yet, else the last. Parts of a table that were not asked for when the
/// capture was made are put together from those that were. What the capture does not answer is answered with `ACK_ERROR`
/// and remembered, see [`Replay::unanswered`]. A transport that does not occur in the capture is not listened on.
#[derive(Debug)]
pub struct ReplayTerminal;

/// A running [`ReplayTerminal`]. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Replay {
    address: SocketAddr,
    script: Arc<Script>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// A request that the capture has no answer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// One of [`code`](zk_wire::code).
    pub command: u16,
    /// Its payload, up to 64 bytes.
    pub payload: Vec<u8>,
}

/// Tries to find a port that is free for both transports.
const TRIES: usize = 64;

impl ReplayTerminal {
    /// Listens on `listen`; with port 0 the system picks one.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyCapture`] where there is nothing to answer from; [`Error::PortTaken`] and [`Error::Listen`].
    pub async fn start(listen: SocketAddr, capture: &Capture) -> Result<Replay, Error> {
        let script = Arc::new(Script::new(capture));
        let (tcp, udp) = bind(listen, &script).await?;
        let address = match (&tcp, &udp) {
            (Some(tcp), _) => tcp.local_addr(),
            (None, Some(udp)) => udp.local_addr(),
            (None, None) => return Err(Error::EmptyCapture),
        };
        let address = address.map_err(|source| Error::Listen {
            address: listen,
            source,
        })?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        if let Some(listener) = tcp {
            let (script, tracker, life) = (script.clone(), tasks.clone(), stop.clone());
            tasks.spawn(async move {
                life.run_until_cancelled(serve::tcp(listener, script, tracker, life.clone()))
                    .await;
            });
        }
        if let Some(socket) = udp {
            let (script, life) = (script.clone(), stop.clone());
            tasks.spawn(async move {
                life.run_until_cancelled(serve::udp(socket, script)).await;
            });
        }
        tasks.close();
        Ok(Replay {
            address,
            script,
            tasks,
            stop,
        })
    }
}

async fn bind(
    listen: SocketAddr,
    script: &Script,
) -> Result<(Option<TcpListener>, Option<UdpSocket>), Error> {
    let mut tries = if listen.port() == 0 { TRIES } else { 1 };
    loop {
        tries -= 1;
        match bind_what_occurs(listen, script).await {
            Ok(sockets) => return Ok(sockets),
            Err(source) if source.kind() != io::ErrorKind::AddrInUse => {
                return Err(Error::Listen {
                    address: listen,
                    source,
                });
            }
            Err(source) if tries == 0 => {
                return Err(Error::PortTaken {
                    address: listen,
                    source,
                });
            }
            // Free for TCP, taken for UDP: another one will be free for both.
            Err(_) => {}
        }
    }
}

async fn bind_what_occurs(
    listen: SocketAddr,
    script: &Script,
) -> io::Result<(Option<TcpListener>, Option<UdpSocket>)> {
    let mut address = listen;
    let mut tcp = None;
    if script.occurs(Link::Stream) {
        let listener = TcpListener::bind(address).await?;
        address = listener.local_addr()?;
        tcp = Some(listener);
    }
    let udp = if script.occurs(Link::Datagram) {
        Some(UdpSocket::bind(address).await?)
    } else {
        None
    };
    Ok((tcp, udp))
}

impl Replay {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Requests that the capture has no answer to, the oldest first; a hundred at most.
    pub fn unanswered(&self) -> Vec<Unanswered> {
        self.script.unanswered()
    }

    /// Stops it; the port is free when this returns.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

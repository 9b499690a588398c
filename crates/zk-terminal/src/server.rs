//! Bringing a terminal up, and taking it through its restarts.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpSocket, UdpSocket},
    sync::Semaphore,
    time::{MissedTickBehavior, interval_at, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::LocalClock, config::TerminalConfig, contents::SharedContents, error::Error,
    faults::Busy, handle::Handle, operations::Done, shared::Shared, tcp, udp,
};

/// Connections that wait to be accepted.
const BACKLOG: u32 = 128;
/// Tries to find a port that is free for TCP and UDP.
const TRIES: usize = 64;
/// Between tries to accept or to bind again.
const BREATH: Duration = Duration::from_millis(50);

/// A terminal that consists of nothing but its answers.
#[derive(Debug)]
pub struct VirtualTerminal;

impl VirtualTerminal {
    /// Listens on `listen`, over TCP and UDP on the same port; with port 0 the system picks one.
    ///
    /// Where many terminals begin with the same [`Contents`](crate::Contents), give each a clone of one
    /// [`SharedContents`]: they are in memory once then.
    ///
    /// The tasks of the terminal run on the present tokio runtime until [`Handle::stop`], or until the handle is
    /// dropped. `clock` tells the true local time; the terminal's own is ahead of it by
    /// [`TerminalConfig::clock_offset`].
    ///
    /// # Errors
    ///
    /// [`Error::PortTaken`] and [`Error::Listen`] where it cannot listen; [`Error::UserTableFull`],
    /// [`Error::PinTaken`], [`Error::SlotTaken`] and [`Error::UserInvalid`] for contents that do not fit the terminal.
    pub async fn start(
        listen: SocketAddr,
        config: TerminalConfig,
        contents: impl Into<SharedContents>,
        clock: LocalClock,
    ) -> Result<Handle, Error> {
        let sockets = Sockets::bind(listen).await?;
        let address = sockets.address;
        let shared = Arc::new(Shared::new(config, &contents.into(), clock, address)?);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(run(shared.clone(), sockets, stop.clone()));
        tasks.close();
        Ok(Handle::new(shared, address, tasks, stop))
    }
}

struct Sockets {
    address: SocketAddr,
    tcp: TcpListener,
    udp: Arc<UdpSocket>,
}

impl Sockets {
    async fn bind(listen: SocketAddr) -> Result<Self, Error> {
        let mut tries = if listen.port() == 0 { TRIES } else { 1 };
        loop {
            tries -= 1;
            match Self::bind_both(listen).await {
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

    async fn bind_both(listen: SocketAddr) -> io::Result<Self> {
        let tcp = TcpListener::bind(listen).await?;
        let address = tcp.local_addr()?;
        let udp = Arc::new(UdpSocket::bind(address).await?);
        Ok(Self { address, tcp, udp })
    }
}

/// One life after another, with the time of a restart in between.
async fn run(shared: Arc<Shared>, mut sockets: Sockets, stop: CancellationToken) {
    loop {
        let life = stop.child_token();
        let sessions = TaskTracker::new();
        let udp = udp::serve(
            sockets.udp.clone(),
            shared.clone(),
            sessions.clone(),
            life.clone(),
        );
        let tcp = accept(&sockets.tcp, &shared, &sessions, &life);
        life.run_until_cancelled(async { tokio::join!(tcp, udp, punch(&shared)) })
            .await;
        sessions.close();
        sessions.wait().await;
        let away = stop.run_until_cancelled(restart(&shared, sockets)).await;
        match away {
            Some(back) => {
                let now = shared.time();
                shared
                    .state()
                    .operations
                    .record(Done::SwitchedOn, now, [0; 4]);
                sockets = back;
            }
            None => return,
        }
    }
}

/// Takes connections until it is dropped.
async fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    sessions: &TaskTracker,
    life: &CancellationToken,
) {
    let places = Arc::new(Semaphore::new(shared.config.max_connections));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                sleep(BREATH).await;
                continue;
            }
        };
        if shared.state().faults.busy == Busy::Resets {
            shared.state().activity.turned_away += 1;
            if let Err(error) = stream.set_zero_linger() {
                tracing::debug!(%error, "the connection is closed, not reset");
            }
            continue;
        }
        let Ok(place) = places.clone().try_acquire_owned() else {
            shared.state().activity.turned_away += 1;
            continue;
        };
        shared.state().activity.connections += 1;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small packets may be delayed");
        }
        let conversation = tcp::serve(stream, shared.clone(), life.clone(), place);
        let life = life.clone();
        sessions.spawn(async move {
            life.run_until_cancelled(conversation).await;
        });
    }
}

/// People punch at the rate that the configuration asks for, until it is dropped.
async fn punch(shared: &Shared) {
    let Some(every) = shared.config.punch_every.filter(|every| !every.is_zero()) else {
        return;
    };
    let first = shared.config.punch_first.unwrap_or(every);
    let mut ticks = interval_at(tokio::time::Instant::now() + first, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(punch) = shared.punch_random() {
            tracing::debug!(state = punch.state, "somebody punched");
        }
    }
}

/// Away for a while: nothing listens, and what arrives meanwhile is lost. The port stays ours.
async fn restart(shared: &Shared, sockets: Sockets) -> Sockets {
    let Sockets { address, tcp, udp } = sockets;
    drop(tcp);
    let reserved = reserve(address);
    sleep(shared.config.restart.away).await;
    let tcp = match reserved.and_then(|socket| socket.listen(BACKLOG)) {
        Ok(tcp) => tcp,
        Err(error) => listen_again(address, error).await,
    };
    let mut lost = [0; 8];
    while udp.try_recv_from(&mut lost).is_ok() {}
    Sockets { address, tcp, udp }
}

/// A socket that holds the port without listening.
fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Somebody was quicker; as soon as they leave, the terminal is back.
async fn listen_again(address: SocketAddr, mut error: io::Error) -> TcpListener {
    loop {
        tracing::warn!(%error, %address, "the terminal cannot come back yet");
        sleep(BREATH).await;
        match TcpListener::bind(address).await {
            Ok(tcp) => return tcp,
            Err(again) => error = again,
        }
    }
}

//! All UDP sessions of a terminal: one socket, one task a client.

use std::{collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::UdpSocket,
    sync::mpsc,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use zk_wire::{Link, Packet, WireError, code};

use crate::{
    frame::{Bend, Frame},
    leash::Leash,
    reply::Then,
    session::{self, Session},
    shared::Shared,
    transmission::Step,
};

/// Clients at a time. Many leave without a word, so the one that was silent for longest gives way to a new one.
const MOST_CLIENTS: usize = 64;
/// Packets that wait for a session that is busy sending; more are lost, as datagrams are.
const WAITING: usize = 32;
/// Datagrams in a row before a short pause: more would not fit the client's receive buffer, and no real terminal is
/// that quick.
const BURST: usize = 32;
const BREATH: Duration = Duration::from_millis(1);
/// Requests are short: the longest are pieces of an upload.
const LARGEST: usize = 4 << 10;

/// Takes datagrams and hands them to their sessions, until it is dropped.
pub(crate) async fn serve(
    socket: Arc<UdpSocket>,
    shared: Arc<Shared>,
    sessions: TaskTracker,
    restart: CancellationToken,
) {
    let mut clients: HashMap<SocketAddr, Client> = HashMap::new();
    let mut buffer = vec![0; LARGEST];
    loop {
        let (length, from) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            // An earlier datagram did not arrive anywhere; the socket goes on.
            Err(error) => {
                tracing::debug!(%error, "datagram not received");
                tokio::task::yield_now().await;
                continue;
            }
        };
        let packet = match Packet::decode(buffer.get(..length).unwrap_or_default()) {
            Ok(packet) => packet,
            Err(WireError::Checksum { .. }) => {
                shared.state().activity.bad_checksums += 1;
                continue;
            }
            Err(_) => continue,
        };
        if shared.state().loses_request() {
            continue;
        }
        clients.retain(|_, client| !client.queue.is_closed());
        if let Some(client) = clients.get_mut(&from) {
            client.heard = Instant::now();
            // Full: it is lost.
            let _ = client.queue.try_send(packet);
        } else if packet.command != code::CONNECT {
            shared.state().activity.unauthorised += 1;
            refuse(&socket, from, &packet).await;
        } else {
            if clients.len() >= MOST_CLIENTS {
                forget_one(&mut clients);
            }
            let (queue, packets) = mpsc::channel(WAITING);
            // The queue is new and has room.
            let _ = queue.try_send(packet);
            let heard = Instant::now();
            clients.insert(from, Client { queue, heard });
            let conversation = Conversation {
                socket: socket.clone(),
                client: from,
                session: Session::new(shared.clone(), Link::Datagram),
                packets,
                restart: restart.clone(),
                sent: 0,
            };
            let (stop, leash) = (restart.clone(), shared.state().leash());
            sessions.spawn(async move {
                stop.run_until_cancelled(conversation.run(leash)).await;
            });
        }
    }
}

/// A client as the socket's reader knows it. Its session ends when it is forgotten.
struct Client {
    queue: mpsc::Sender<Packet>,
    heard: Instant,
}

fn forget_one(clients: &mut HashMap<SocketAddr, Client>) {
    let silent = clients.iter().min_by_key(|(_, client)| client.heard);
    if let Some(address) = silent.map(|(address, _)| *address) {
        clients.remove(&address);
    }
}

async fn refuse(socket: &UdpSocket, to: SocketAddr, packet: &Packet) {
    let mut datagram = Vec::new();
    for reply in session::refusal(packet).packets {
        Frame::new(reply, Bend::default()).write_datagram(&mut datagram);
        if let Err(error) = socket.send_to(&datagram, to).await {
            tracing::debug!(%error, "datagram not sent");
        }
    }
}

struct Conversation {
    socket: Arc<UdpSocket>,
    client: SocketAddr,
    session: Session,
    packets: mpsc::Receiver<Packet>,
    restart: CancellationToken,
    /// Bytes so far.
    sent: u64,
}

impl Conversation {
    async fn run(mut self, leash: Leash) {
        let ended = tokio::select! {
            biased;
            () = leash.cut.cancelled() => return,
            () = leash.silence.cancelled() => {
                self.fall_silent().await;
                return;
            }
            ended = self.talk() => ended,
        };
        match ended {
            Ok(Then::Restart) => {
                let restart = self.restart.clone();
                // The session is counted before anybody can see that the terminal is away.
                drop(self);
                restart.cancel();
            }
            Ok(Then::Close | Then::Continue) => {}
            Err(error) => tracing::debug!(%error, "UDP session ended"),
        }
    }

    /// Takes what comes and answers nothing, until the client connects anew; that too it has to say twice.
    async fn fall_silent(&mut self) {
        self.session.hear_no_more();
        while let Some(packet) = self.packets.recv().await
            && packet.command != code::CONNECT
        {}
    }

    async fn talk(&mut self) -> io::Result<Then> {
        let idle = self.session.shared.config.idle_timeout;
        let mut deadline = Instant::now() + idle;
        loop {
            let packet = tokio::select! {
                biased;
                packet = timeout_at(deadline, self.packets.recv()) => packet?,
                event = self.session.event(), if self.session.is_registered() => {
                    let steps = self.session.tell(event);
                    self.send(steps).await?;
                    continue;
                }
            };
            let Some(packet) = packet else {
                return Ok(Then::Close);
            };
            deadline = Instant::now() + idle;
            let (steps, then) = self.session.take(packet);
            if then != Then::Continue {
                // Whatever this client sends from now on begins a new session.
                self.packets.close();
            }
            self.send(steps).await?;
            if then != Then::Continue {
                return Ok(then);
            }
        }
    }

    async fn send(&mut self, steps: Vec<Step>) -> io::Result<()> {
        let idle = self.session.shared.config.idle_timeout;
        let mut datagram = Vec::new();
        let mut in_a_row = 0;
        for step in steps {
            match step {
                Step::Packet(frame) => {
                    if in_a_row == BURST {
                        sleep(BREATH).await;
                        in_a_row = 0;
                    }
                    in_a_row += 1;
                    frame.write_datagram(&mut datagram);
                    self.sent += datagram.len() as u64;
                    let limit = self.session.shared.state().faults.cut_connection_after;
                    if limit.is_some_and(|limit| self.sent > limit) {
                        return Ok(());
                    }
                    timeout(idle, self.socket.send_to(&datagram, self.client)).await??;
                }
                Step::Wait(time) => sleep(time).await,
                Step::Cut => return Ok(()),
                Step::Beginning(..) | Step::Rest(..) => {
                    unreachable!(
                        "datagrams are planned whole: transmission makes parts for TCP only"
                    )
                }
            }
        }
        Ok(())
    }
}

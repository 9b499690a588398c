//! From a host name to an open session: look-up, connection, CONNECT, AUTH.

use std::{io, net::SocketAddr, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};
use zk_wire::{CommKey, Packet, TICKS, WireError, code};

use crate::{
    BusySign, Error, Step, Target, Transport,
    conversation::{Conversation, Repeat},
    link::{Link, LinkError, Stream},
    tap::MaybeTap,
};

/// Attempts at a terminal that closes the connection before it answers: it may be letting go of its last client.
const ATTEMPTS: u32 = 3;
/// Pause between two of them, where the time for connecting has room for it.
const PAUSE: Duration = Duration::from_secs(1);
/// Of the time for connecting, what is left to find out who it is that does not answer.
const LAST_WORDS: Duration = Duration::from_millis(300);

pub(crate) async fn connect(target: &Target, tap: &MaybeTap) -> Result<Conversation, Error> {
    let deadline = Instant::now() + target.timeouts.connect;
    let greeted = greet_patiently(target, tap, deadline).await?;
    admitted(target, greeted).await
}

/// As [`connect`], over a stream that somebody else opened.
pub(crate) async fn over(
    target: &Target,
    stream: impl Stream + 'static,
) -> Result<Conversation, Error> {
    let deadline = Instant::now() + target.timeouts.connect;
    let link = Link::over(stream, MaybeTap::default());
    let greeted = greet(target, link, deadline).await?;
    admitted(target, greeted).await
}

/// Whether the terminal lets us in, after its answer to CONNECT.
async fn admitted(
    target: &Target,
    (mut conversation, reply): (Conversation, Packet),
) -> Result<Conversation, Error> {
    match reply.command {
        code::ACK_OK => {
            conversation.opened(reply.session);
            match is_let_in(&mut conversation, target.comm_key).await {
                Ok(()) => Ok(conversation),
                Err(error) => {
                    conversation.exit().await;
                    Err(error)
                }
            }
        }
        code::ACK_UNAUTH => {
            conversation.opened(reply.session);
            match authenticate(&mut conversation, target.comm_key).await {
                Ok(()) => Ok(conversation),
                Err(error) => {
                    conversation.exit().await;
                    Err(error)
                }
            }
        }
        // Some services send back whatever they get.
        code::CONNECT => Err(Error::OtherProtocol {
            address: target.address(),
            looks_like: "an echo of what it is sent".to_owned(),
        }),
        code => Err(Error::Refused {
            what: format!("open a session for {}", target.address()),
            code,
        }),
    }
}

/// Where there is a key that was not asked for: some terminals agree to CONNECT and ask for it at the first request, which
/// is better a harmless one.
async fn is_let_in(conversation: &mut Conversation, key: Option<CommKey>) -> Result<(), Error> {
    if key.is_none() {
        return Ok(());
    }
    let asked = conversation
        .ask_briefly(code::GET_TIME, Vec::new(), Repeat::Harmless)
        .await;
    match asked {
        Err(Error::KeyNeeded { .. }) => authenticate(conversation, key).await,
        asked => asked.map(drop),
    }
}

async fn authenticate(conversation: &mut Conversation, key: Option<CommKey>) -> Result<(), Error> {
    // 0 is "no key" in a terminal's menu, and some ask for it all the same.
    let proof = key
        .unwrap_or(CommKey::new(0))
        .scramble(conversation.session(), TICKS);
    let reply = conversation
        .ask(code::AUTH, proof.to_vec(), Repeat::Harmless)
        .await?;
    let address = || conversation.address().to_owned();
    match reply.command {
        code::ACK_OK => Ok(()),
        code::ACK_UNAUTH if key.is_some() => Err(Error::WrongKey { address: address() }),
        code::ACK_UNAUTH => Err(Error::KeyNeeded { address: address() }),
        code => Err(Error::Refused {
            what: "check the communication key".to_owned(),
            code,
        }),
    }
}

/// Connects and greets, again after a pause while the terminal closes the connection instead of answering.
async fn greet_patiently(
    target: &Target,
    tap: &MaybeTap,
    deadline: Instant,
) -> Result<(Conversation, Packet), Error> {
    let mut attempt = 1;
    loop {
        let addresses = look_up(target, deadline).await?;
        let error = match greet_any(target, tap, &addresses, deadline).await {
            Err(
                error @ Error::Busy {
                    sign: BusySign::Closed,
                    ..
                },
            ) => error,
            other => return other,
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let pause = PAUSE.min(target.timeouts.connect / (ATTEMPTS + 1));
        if attempt == ATTEMPTS || left <= pause {
            return Err(error);
        }
        tracing::debug!(
            attempt,
            "the terminal closes the connection at once; trying again"
        );
        sleep(pause).await;
        attempt += 1;
    }
}

async fn look_up(target: &Target, deadline: Instant) -> Result<Vec<SocketAddr>, Error> {
    let not_reachable = |reason: String| Error::NotReachable {
        address: target.address(),
        reason,
    };
    // Brackets around an IPv6 address are for people.
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    let found = match timeout_at(deadline, tokio::net::lookup_host((host, target.port))).await {
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
        Ok(Err(error)) => {
            return Err(not_reachable(format!(
                "its name cannot be looked up: {error}"
            )));
        }
        Err(_) => {
            return Err(not_reachable(
                "looking up its name takes too long".to_owned(),
            ));
        }
    };
    if found.is_empty() {
        return Err(not_reachable("its name has no address".to_owned()));
    }
    Ok(found)
}

/// Tries the addresses of a name one after the other, each with its share of the time that is left.
async fn greet_any(
    target: &Target,
    tap: &MaybeTap,
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<(Conversation, Packet), Error> {
    let mut telling = None;
    let mut untried = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        let now = Instant::now();
        let share = deadline.saturating_duration_since(now) / untried.max(1);
        untried = untried.saturating_sub(1);
        match open(target, tap, *address, now + share).await {
            Ok(greeted) => return Ok(greeted),
            // An address at which somebody answers says more than one at which nobody does.
            Err(error)
                if somebody_answers(&error) || !telling.as_ref().is_some_and(somebody_answers) =>
            {
                telling = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(telling.unwrap_or_else(|| Error::NotReachable {
        address: target.address(),
        reason: "its name has no address".to_owned(),
    }))
}

fn somebody_answers(error: &Error) -> bool {
    !matches!(
        error,
        Error::NothingListens { .. } | Error::NotReachable { .. } | Error::Timeout { .. }
    )
}

async fn open(
    target: &Target,
    tap: &MaybeTap,
    address: SocketAddr,
    deadline: Instant,
) -> Result<(Conversation, Packet), Error> {
    let opening = Link::open(target.transport, address, tap.clone());
    let link = match timeout_at(deadline, opening).await {
        Ok(Ok(link)) => link,
        Ok(Err(error)) => return Err(no_connection(target, &error)),
        Err(_) => {
            return Err(Error::Timeout {
                address: target.address(),
                step: Step::Connect,
                waited: target.timeouts.connect,
            });
        }
    };
    greet(target, link, deadline).await
}

async fn greet(
    target: &Target,
    link: Link,
    deadline: Instant,
) -> Result<(Conversation, Packet), Error> {
    let name = target.address();
    let waited = target.timeouts.connect;
    let mut conversation = Conversation::new(link, name.clone(), target.timeouts);
    let last_words = LAST_WORDS.min(waited / 8);
    match conversation.greet(deadline - last_words).await {
        Ok(Some(reply)) => Ok((conversation, reply)),
        Ok(None) if conversation.strangers() > 0 => Err(Error::OtherProtocol {
            address: name,
            looks_like: "which is none that is known".to_owned(),
        }),
        Ok(None) => Err(
            match (target.transport, conversation.last_words(deadline).await) {
                (Transport::Tcp, Some(error)) => not_understood(name, &error),
                (Transport::Tcp, None) => Error::Busy {
                    address: name,
                    sign: BusySign::Silent(waited),
                },
                (Transport::Udp, _) => Error::Timeout {
                    address: name,
                    step: Step::Greeting,
                    waited,
                },
            },
        ),
        Err(LinkError::Closed) => Err(Error::Busy {
            address: name,
            sign: BusySign::Closed,
        }),
        Err(LinkError::Io(error)) => Err(no_connection(target, &error)),
        Err(LinkError::Wire(error)) => Err(not_understood(name, &error)),
    }
}

fn not_understood(address: String, error: &WireError) -> Error {
    match error {
        WireError::OtherProtocol {
            looks_like,
            first_bytes,
        } => Error::OtherProtocol {
            address,
            looks_like: format!("{looks_like} (first bytes {first_bytes})"),
        },
        other => Error::Damaged {
            address,
            reason: other.to_string(),
        },
    }
}

fn no_connection(target: &Target, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::NothingListens {
            address: target.address(),
            transport: target.transport,
        },
        io::ErrorKind::ConnectionReset => Error::Busy {
            address: target.address(),
            sign: BusySign::Closed,
        },
        _ => Error::NotReachable {
            address: target.address(),
            reason: error.to_string(),
        },
    }
}

//! Requests and replies on one link: numbers, sessions, events, waiting.

mod farewell;
mod numbering;
mod receive;

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use zk_wire::{Packet, ReplyNumber, Request, WireError, code};

use self::numbering::Numbering;
use crate::{
    Error, Step, Timeouts,
    events::EventQueue,
    link::{Link, LinkError, Traffic},
};

/// One conversation: one command in flight, the replies to all others passed over.
#[derive(Debug)]
pub(crate) struct Conversation {
    link: Link,
    address: String,
    session: u16,
    number: ReplyNumber,
    numbering: Numbering,
    timeouts: Timeouts,
    state: State,
    events: EventQueue,
    /// It answered to something else than CONNECT and AUTH, so it has let us in.
    admitted: bool,
    /// The terminal was disabled by us.
    enabling_is_owed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The terminal may hold a session for us, so EXIT is owed.
    Open,
    /// The stream cannot be trusted any more.
    Broken,
    /// Nothing is owed.
    Over,
}

/// Whether a request may be sent once more, under its number, when no reply came over UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It changes nothing, or the same thing twice.
    Harmless,
    Never,
}

/// The first time after which an unanswered datagram is sent again; doubled each time.
const SEND_AGAIN: Duration = Duration::from_secs(1);
/// As above, for what a terminal may need long for: asked twice, it may begin anew.
const SEND_AGAIN_LONG: Duration = Duration::from_secs(3);
/// Either is at most this part of the time that there is.
const TRIES: u32 = 8;

impl Conversation {
    pub(crate) fn new(link: Link, address: String, timeouts: Timeouts) -> Self {
        Self {
            link,
            address,
            session: 0,
            number: ReplyNumber::default(),
            numbering: Numbering::default(),
            timeouts,
            state: State::Over,
            events: EventQueue::default(),
            admitted: false,
            enabling_is_owed: false,
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    pub(crate) fn kind(&self) -> zk_wire::Link {
        self.link.kind()
    }

    pub(crate) fn session(&self) -> u16 {
        self.session
    }

    /// Holds on to the session that the terminal gave.
    pub(crate) fn opened(&mut self, session: u16) {
        self.session = session;
        self.state = State::Open;
    }

    pub(crate) fn expect(&mut self, traffic: Traffic) {
        self.link.expect(traffic);
    }

    pub(crate) fn numbers_are_off(&self) -> bool {
        self.numbering.is_off()
    }

    pub(crate) fn strangers(&self) -> u32 {
        self.link.strangers()
    }

    pub(crate) fn events(&mut self) -> &mut EventQueue {
        &mut self.events
    }

    pub(crate) fn events_lost(&self) -> u64 {
        self.events.lost()
    }

    /// Whether the terminal is to be enabled before the session ends; gives what was so before.
    pub(crate) fn owe_enabling(&mut self, owed: bool) -> bool {
        std::mem::replace(&mut self.enabling_is_owed, owed)
    }

    /// Sends CONNECT, which has number 0, and waits for its answer until `deadline`.
    pub(crate) async fn greet(&mut self, deadline: Instant) -> Result<Option<Packet>, LinkError> {
        self.number = ReplyNumber::default();
        let packet = self.packet(&Request {
            command: code::CONNECT,
            payload: Vec::new(),
        });
        let Ok(sent) = timeout_at(deadline, self.link.send(&packet)).await else {
            return Ok(None);
        };
        sent?;
        self.first_reply(
            &packet,
            deadline,
            Some(SEND_AGAIN.min(self.timeouts.connect / TRIES)),
        )
        .await
    }

    /// After a greeting that was not answered: whether the other side speaks another protocol after all. Web servers and
    /// the like wait for the end of a line that never comes, and answer once they hear that nothing more follows.
    pub(crate) async fn last_words(&mut self, deadline: Instant) -> Option<WireError> {
        let heard = timeout_at(deadline, async {
            self.link.finish().await?;
            self.link.receive().await
        })
        .await;
        match heard {
            Ok(Err(LinkError::Wire(error))) => Some(error),
            Ok(Ok(_) | Err(LinkError::Closed | LinkError::Io(_))) | Err(_) => None,
        }
    }

    /// Sends a request and gives its reply, whatever it says; only that the session is not valid any more is an error.
    pub(crate) async fn ask(
        &mut self,
        command: u16,
        payload: Vec<u8>,
        repeat: Repeat,
    ) -> Result<Packet, Error> {
        let waited = self.timeouts.reply;
        let reply = self.ask_within(waited, command, payload, repeat).await?;
        reply.ok_or_else(|| self.timed_out(Step::Reply, waited))
    }

    /// As [`ask`](Self::ask), for what some terminals never answer: after a short wait that is no error. An answer that
    /// comes later has an old number.
    pub(crate) async fn ask_briefly(
        &mut self,
        command: u16,
        payload: Vec<u8>,
        repeat: Repeat,
    ) -> Result<Option<Packet>, Error> {
        let waited = self.timeouts.brief.min(self.timeouts.reply);
        self.ask_within(waited, command, payload, repeat).await
    }

    /// As [`ask`](Self::ask); `None` when no reply came in time.
    pub(crate) async fn ask_within(
        &mut self,
        waited: Duration,
        command: u16,
        payload: Vec<u8>,
        repeat: Repeat,
    ) -> Result<Option<Packet>, Error> {
        let packet = self.send(&Request { command, payload }).await?;
        let again = (repeat == Repeat::Harmless).then_some(SEND_AGAIN.min(waited / TRIES));
        let reply = self
            .first_reply(&packet, Instant::now() + waited, again)
            .await;
        match self.checked(reply)? {
            Some(reply) if reply.command == code::ACK_UNAUTH && command != code::AUTH => {
                Err(if self.admitted {
                    self.lost("the terminal does not know this session any more".to_owned())
                } else {
                    // Some agree to CONNECT and ask for the key later.
                    Error::KeyNeeded {
                        address: self.address.clone(),
                    }
                })
            }
            reply => {
                self.admitted |= reply.is_some() && command != code::AUTH;
                Ok(reply)
            }
        }
    }

    /// Sends a request under the next number.
    pub(crate) async fn send(&mut self, request: &Request) -> Result<Packet, Error> {
        self.must_be_open()?;
        self.number = self.number.next();
        self.numbering.asks(self.number);
        let packet = self.packet(request);
        let sent = tokio::time::timeout(self.timeouts.reply, self.link.send(&packet)).await;
        match sent {
            Ok(sent) => self.checked(sent)?,
            Err(_) => return Err(self.timed_out(Step::Reply, self.timeouts.reply)),
        }
        Ok(packet)
    }

    /// The first reply to `request`, which was just sent; `None` when none came in time. Over UDP the request is sent
    /// again meanwhile, first after a while that suits `long` or short work.
    pub(crate) async fn answer(
        &mut self,
        request: &Packet,
        within: Duration,
        long: bool,
    ) -> Result<Option<Packet>, Error> {
        let again = if long { SEND_AGAIN_LONG } else { SEND_AGAIN };
        let again = again.min(within / TRIES);
        let reply = self
            .first_reply(request, Instant::now() + within, Some(again))
            .await;
        self.checked(reply)
    }

    /// The next reply to the present request; `None` when none came in time.
    pub(crate) async fn more(&mut self, within: Duration) -> Result<Option<Packet>, Error> {
        let reply = self.reply(Instant::now() + within).await;
        self.checked(reply)
    }

    /// A table came damaged: the rest of the stream is not worth much.
    pub(crate) fn distrust(&mut self) {
        if self.state == State::Open && self.kind() == zk_wire::Link::Stream {
            self.state = State::Broken;
        }
    }

    fn packet(&self, request: &Request) -> Packet {
        Packet {
            command: request.command,
            session: self.session,
            reply: self.number.get(),
            payload: request.payload.clone(),
        }
    }

    fn must_be_open(&self) -> Result<(), Error> {
        match self.state {
            State::Open => Ok(()),
            State::Broken | State::Over => Err(self.lost("it failed before".to_owned())),
        }
    }

    fn checked<T>(&mut self, result: Result<T, LinkError>) -> Result<T, Error> {
        result.map_err(|error| {
            self.state = State::Broken;
            match error {
                LinkError::Closed => self.lost("the terminal closed it".to_owned()),
                LinkError::Io(error) => self.lost(error.to_string()),
                LinkError::Wire(error) => self.damaged(&error),
            }
        })
    }

    pub(crate) fn timed_out(&self, step: Step, waited: Duration) -> Error {
        Error::Timeout {
            address: self.address.clone(),
            step,
            waited,
        }
    }

    fn damaged(&self, error: &WireError) -> Error {
        Error::Damaged {
            address: self.address.clone(),
            reason: error.to_string(),
        }
    }

    fn lost(&self, reason: String) -> Error {
        Error::ConnectionLost {
            address: self.address.clone(),
            reason,
        }
    }
}

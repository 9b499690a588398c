//! What comes: replies, events, and what is late.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use zk_wire::{Event, Packet, code};

use super::Conversation;
use crate::{Error, link::LinkError};

impl Conversation {
    /// The next event, kept or arriving within `wait`.
    pub(crate) async fn next_event(&mut self, wait: Duration) -> Result<Option<Event>, Error> {
        let deadline = Instant::now() + wait;
        loop {
            if let Some(event) = self.events.next() {
                return Ok(Some(event));
            }
            self.must_be_open()?;
            let Ok(received) = timeout_at(deadline, self.receive()).await else {
                return Ok(self.events.next());
            };
            if let Some(late) = self.checked(received)? {
                pass_over(&late);
            }
            if Instant::now() >= deadline {
                return Ok(self.events.next());
            }
        }
    }

    /// The next reply to `request`, which was just sent; over UDP it is sent again meanwhile, first after `again`.
    pub(super) async fn first_reply(
        &mut self,
        request: &Packet,
        deadline: Instant,
        again: Option<Duration>,
    ) -> Result<Option<Packet>, LinkError> {
        let mut again = again.filter(|_| self.kind() == zk_wire::Link::Datagram);
        loop {
            let until = again.map_or(deadline, |pause| deadline.min(Instant::now() + pause));
            if let Some(packet) = self.reply(until).await? {
                return Ok(Some(packet));
            }
            if until == deadline {
                return Ok(None);
            }
            self.link.send(request).await?;
            again = again.map(|pause| pause * 2);
        }
    }

    /// The next packet under the present number. Whatever else comes does not lengthen the wait.
    pub(super) async fn reply(&mut self, deadline: Instant) -> Result<Option<Packet>, LinkError> {
        loop {
            let Ok(packet) = timeout_at(deadline, self.receive()).await else {
                return Ok(None);
            };
            match packet? {
                Some(packet) if self.is_answer(&packet) => return Ok(Some(packet)),
                Some(late) => pass_over(&late),
                None => {}
            }
            // A flood of other packets never makes the socket wait, and the timer would not get its turn.
            if Instant::now() >= deadline {
                return Ok(None);
            }
        }
    }

    fn is_answer(&mut self, packet: &Packet) -> bool {
        let in_order = self.kind() == zk_wire::Link::Stream;
        self.numbering
            .is_answer(packet.reply, self.number, in_order)
    }

    /// The next packet; `None` for an event, which is kept and acknowledged. Nothing is lost when it is cancelled.
    async fn receive(&mut self) -> Result<Option<Packet>, LinkError> {
        self.link.flush().await?;
        let packet = self.link.receive().await?;
        if !self.events.takes(&packet) {
            return Ok(Some(packet));
        }
        self.link.queue(&Packet {
            command: code::ACK_OK,
            session: self.session,
            reply: 0,
            payload: Vec::new(),
        });
        self.link.flush().await?;
        Ok(None)
    }
}

fn pass_over(late: &Packet) {
    tracing::debug!(
        command = late.command,
        number = late.reply,
        "a late reply is passed over"
    );
}

//! The end of a conversation, after errors too: the terminal is left enabled and free.

use tokio::time::{Instant, timeout_at};
use zk_wire::{Request, code};

use super::{Conversation, State, TRIES};

impl Conversation {
    /// Enables the terminal where that is owed, says EXIT and waits a moment for the answer, so that the terminal is free
    /// for people and for the next client.
    pub(crate) async fn exit(&mut self) {
        if self.state == State::Over {
            return;
        }
        if self.enabling_is_owed {
            self.last_request(code::ENABLE_DEVICE).await;
            self.enabling_is_owed = false;
        }
        self.last_request(code::EXIT).await;
        self.state = State::Over;
    }

    /// Sends a request whatever happened before; nothing depends on its answer.
    async fn last_request(&mut self, command: u16) {
        self.number = self.number.next();
        let packet = self.packet(&Request {
            command,
            payload: Vec::new(),
        });
        let deadline = Instant::now() + self.timeouts.exit;
        let _ = timeout_at(deadline, async {
            self.link.send(&packet).await?;
            self.first_reply(&packet, deadline, Some(self.timeouts.exit / TRIES))
                .await
        })
        .await;
    }

    /// After a command that ends the session by itself no EXIT is owed.
    pub(crate) fn is_over(&mut self) {
        self.state = State::Over;
    }
}

impl Drop for Conversation {
    /// A conversation that was cut short still enables the terminal and says EXIT where the socket takes it at once.
    fn drop(&mut self) {
        if self.state == State::Over {
            return;
        }
        let enabling = self.enabling_is_owed.then_some(code::ENABLE_DEVICE);
        for command in enabling.into_iter().chain([code::EXIT]) {
            self.number = self.number.next();
            let packet = self.packet(&Request {
                command,
                payload: Vec::new(),
            });
            self.link.try_send(&packet);
        }
    }
}

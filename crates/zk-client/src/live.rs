use std::time::Duration;

use zk_wire::{Event, WireTime, code};

use crate::{Error, Session, TerminalState, conversation::Repeat};

/// What is worth being told at once. Each verification of a finger brings several events more, which tell nothing that
/// the punch does not.
const WORTH_TELLING: u16 = code::event::ATTENDANCE
    | code::event::ENROLL_USER
    | code::event::ENROLL_FINGER
    | code::event::UNLOCK
    | code::event::ALARM;

impl Session {
    /// Asks the terminal to tell at once who punches, who is enrolled, and when a door or an alarm goes; `false` where
    /// the terminal does not do that.
    ///
    /// An event is a hint: after a terminal restarted, none comes and nothing says so. Ask with [`probe`](Self::probe)
    /// from time to time, and read the log for what counts.
    pub async fn start_live(&mut self) -> Result<bool, Error> {
        self.start_live_for(WORTH_TELLING).await
    }

    /// As [`start_live`](Self::start_live), for these of [`code::event`], added up.
    pub async fn start_live_for(&mut self, kinds: u16) -> Result<bool, Error> {
        // A terminal that waits for a finger to enrol or stands disabled tells nothing (node-zklib#35). Whoever is
        // enrolling or in the menu right now is not disturbed.
        match self.state().await? {
            Some(TerminalState::Enrolling | TerminalState::Menu | TerminalState::WritingCard) => {}
            Some(
                TerminalState::Idle
                | TerminalState::Identifying
                | TerminalState::Busy
                | TerminalState::Other(_),
            )
            | None => {
                self.mention(code::CANCEL_CAPTURE).await?;
                self.mention(code::START_VERIFY).await?;
            }
        }
        self.mention(code::ENABLE_DEVICE).await?;
        // An event may overtake the answer.
        self.conversation.events().want(true);
        let told = self.register(kinds).await;
        if !matches!(told, Ok(true)) {
            self.conversation.events().want(false);
        }
        told
    }

    /// The terminal tells nothing any more by itself. Events that came before can still be taken.
    pub async fn stop_live(&mut self) -> Result<(), Error> {
        self.conversation.events().want(false);
        self.register(0).await.map(drop)
    }

    /// The next event, those first that came while something else was asked; `None` when none comes within `wait`.
    ///
    /// Each is acknowledged as it arrives. Nothing is lost when this is cancelled.
    pub async fn next_event(&mut self, wait: Duration) -> Result<Option<Event>, Error> {
        self.conversation.next_event(wait).await
    }

    /// Events that were dropped because nobody took them in time; the log has their punches.
    pub fn events_lost(&self) -> u64 {
        self.conversation.events_lost()
    }

    /// Whether the terminal still answers on this connection, by its clock. An error is the end of the session.
    pub async fn probe(&mut self) -> Result<Option<WireTime>, Error> {
        self.clock().await
    }

    async fn register(&mut self, kinds: u16) -> Result<bool, Error> {
        let mask = u32::from(kinds).to_le_bytes().to_vec();
        let reply = self
            .conversation
            .ask_briefly(code::REG_EVENT, mask, Repeat::Harmless)
            .await?;
        match reply {
            Some(reply) => Ok(reply.command == code::ACK_OK),
            // Silent about this only, or altogether?
            None => self.probe().await.map(|_| false),
        }
    }

    /// Says what helps and may be refused or left unanswered.
    async fn mention(&mut self, command: u16) -> Result<(), Error> {
        self.conversation
            .ask_briefly(command, Vec::new(), Repeat::Harmless)
            .await
            .map(drop)
    }
}

use std::time::Duration;

use zk_wire::{Event, Packet, WireTime, code};

use crate::{Error, Session, TerminalState, conversation::Repeat};

/// What is worth being told at once. Each verification of a finger brings several events more, which tell nothing that
/// the punch does not.
const WORTH_TELLING: u16 = code::event::ATTENDANCE
    | code::event::ENROLL_USER
    | code::event::ENROLL_FINGER
    | code::event::UNLOCK
    | code::event::ALARM;

/// What a terminal says to the wish to be told what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveAnswer {
    /// It will tell.
    Agrees,
    /// Not now, or never; with this code.
    Refuses(u16),
    /// It does not know the command, so that asking again is in vain.
    Unknown,
    /// Nothing, although it answers otherwise.
    Silent,
}

impl LiveAnswer {
    /// Whether it will tell.
    pub fn agrees(self) -> bool {
        self == Self::Agrees
    }
}

impl Session {
    /// Asks the terminal to tell at once who punches, who is enrolled, and when a door or an alarm goes.
    ///
    /// An event is a hint: after a terminal restarted, none comes and nothing says so. Ask with [`probe`](Self::probe)
    /// from time to time, and read the log for what counts.
    pub async fn start_live(&mut self) -> Result<LiveAnswer, Error> {
        self.start_live_for(WORTH_TELLING).await
    }

    /// As [`start_live`](Self::start_live), for these of [`code::event`], added up.
    pub async fn start_live_for(&mut self, kinds: u16) -> Result<LiveAnswer, Error> {
        // A terminal that waits for a finger to enrol or stands disabled tells nothing (node-zklib#35). Whoever is
        // enrolling or in the menu right now is not disturbed.
        let state = self.say(code::STATE, Vec::new()).await?;
        match state.and_then(|state| self.state_in(&state)) {
            Some(TerminalState::Enrolling | TerminalState::Menu | TerminalState::WritingCard) => {}
            Some(
                TerminalState::Idle
                | TerminalState::Identifying
                | TerminalState::Busy
                | TerminalState::Other(_),
            )
            | None => {
                self.say(code::CANCEL_CAPTURE, Vec::new()).await?;
                self.say(code::START_VERIFY, Vec::new()).await?;
            }
        }
        let enabled = self.say(code::ENABLE_DEVICE, Vec::new()).await?;
        if enabled.is_some_and(|reply| reply.command == code::ACK_OK) {
            self.conversation.owe_enabling(false);
        }
        // An event may overtake the answer.
        self.conversation.events().want(true);
        let told = self.register(kinds).await;
        if !matches!(told, Ok(LiveAnswer::Agrees)) {
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

    async fn register(&mut self, kinds: u16) -> Result<LiveAnswer, Error> {
        let mask = u32::from(kinds).to_le_bytes().to_vec();
        let reply = self.say(code::REG_EVENT, mask).await?;
        Ok(match reply.map(|reply| reply.command) {
            Some(code::ACK_OK) => LiveAnswer::Agrees,
            Some(code::ACK_UNKNOWN) => LiveAnswer::Unknown,
            Some(code) => LiveAnswer::Refuses(code),
            None => LiveAnswer::Silent,
        })
    }

    /// Says what may be refused or ignored. Where no answer comes, it is found out whether the terminal is silent about
    /// this only, or altogether.
    async fn say(&mut self, command: u16, payload: Vec<u8>) -> Result<Option<Packet>, Error> {
        let reply = self
            .conversation
            .ask_briefly(command, payload, Repeat::Harmless)
            .await?;
        if reply.is_none() {
            self.probe().await?;
        }
        Ok(reply)
    }
}

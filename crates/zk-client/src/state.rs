use zk_wire::{Packet, code};

use crate::{Error, Session, conversation::Repeat};

/// What a terminal is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminalState {
    /// It waits for somebody.
    Idle,
    /// It enrols somebody.
    Enrolling,
    /// It finds out who somebody is.
    Identifying,
    /// Somebody is in its menu.
    Menu,
    /// It is busy otherwise.
    Busy,
    /// It writes a card.
    WritingCard,
    /// A number whose meaning is not known.
    Other(u16),
}

impl Session {
    /// What the terminal is doing; `None` where it does not say.
    pub async fn state(&mut self) -> Result<Option<TerminalState>, Error> {
        let reply = self
            .conversation
            .ask_briefly(code::STATE, Vec::new(), Repeat::Harmless)
            .await?;
        Ok(reply.and_then(|reply| self.state_in(&reply)))
    }

    /// The state that a reply tells: it stands where other replies have the session.
    pub(crate) fn state_in(&self, reply: &Packet) -> Option<TerminalState> {
        match reply.session {
            _ if reply.command != code::ACK_OK => None,
            0 => Some(TerminalState::Idle),
            1 => Some(TerminalState::Enrolling),
            2 => Some(TerminalState::Identifying),
            3 => Some(TerminalState::Menu),
            4 => Some(TerminalState::Busy),
            5 => Some(TerminalState::WritingCard),
            session if session == self.conversation.session() => None,
            other => Some(TerminalState::Other(other)),
        }
    }
}

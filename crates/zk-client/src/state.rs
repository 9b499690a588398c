use zk_wire::code;

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
        // It stands where other replies have the session.
        Ok(reply
            .filter(|reply| reply.command == code::ACK_OK)
            .and_then(|reply| match reply.session {
                0 => Some(TerminalState::Idle),
                1 => Some(TerminalState::Enrolling),
                2 => Some(TerminalState::Identifying),
                3 => Some(TerminalState::Menu),
                4 => Some(TerminalState::Busy),
                5 => Some(TerminalState::WritingCard),
                session if session == self.conversation.session() => None,
                other => Some(TerminalState::Other(other)),
            }))
    }
}

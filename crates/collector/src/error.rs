use storage::StoreError;

/// Why a command to a terminal did not succeed; told apart by what the caller can do next.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The terminal could not be used: unreachable, wrong key, busy … `code` is stable, `reason` says cause and remedy.
    #[error("{reason}")]
    NotConnected { code: &'static str, reason: String },
    /// The terminal understood and said no.
    #[error("{reason}")]
    Refused { reason: String },
    /// The request cannot be right for this terminal.
    #[error("{reason}")]
    Invalid { reason: String },
    /// It would leave the terminal without an administrator.
    #[error(
        "user {pin} is the last administrator of this terminal; without one everybody can change it at its keypad. \
         Make somebody else administrator first, or repeat with force"
    )]
    LastAdmin { pin: String },
    /// The same serial number answers at two addresses.
    #[error("{reason}")]
    Conflict { reason: String },
    /// The terminal said yes, but reading back shows otherwise.
    #[error("{reason}")]
    NotStored { reason: String },
    /// It was sent once, and what came of it was not heard.
    #[error("{reason}. It may have been done all the same: look before you send it again")]
    AnswerLost { reason: String },
    #[error("no such terminal is registered")]
    UnknownTerminal,
    /// Too much waits for this terminal already.
    #[error("{reason}")]
    Busy { reason: String },
    #[error(transparent)]
    Storage(#[from] StoreError),
    #[error("the program is stopping")]
    ShuttingDown,
}

/// Why the collector could not start.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    #[error("read the registered terminals: {0}")]
    Storage(#[from] StoreError),
}

impl CommandError {
    /// The same for one more who has to know, where the conversation is lost.
    pub(crate) fn retold(&self) -> Option<Self> {
        match self {
            Self::NotConnected { code, reason } => Some(Self::NotConnected {
                code,
                reason: reason.clone(),
            }),
            Self::Conflict { reason } => Some(Self::Conflict {
                reason: reason.clone(),
            }),
            Self::AnswerLost { reason } => Some(Self::AnswerLost {
                reason: reason.clone(),
            }),
            Self::ShuttingDown => Some(Self::ShuttingDown),
            Self::Refused { .. }
            | Self::Invalid { .. }
            | Self::LastAdmin { .. }
            | Self::NotStored { .. }
            | Self::UnknownTerminal
            | Self::Busy { .. }
            | Self::Storage(_) => None,
        }
    }

    /// A stable word for programs; the text of the error is for people.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotConnected { code, .. } => code,
            Self::Refused { .. } => "refused",
            Self::Invalid { .. } => "invalid",
            Self::LastAdmin { .. } => "last_admin",
            Self::Conflict { .. } => "conflict",
            Self::NotStored { .. } => "not_stored",
            Self::AnswerLost { .. } => "answer_lost",
            Self::UnknownTerminal => "unknown_device",
            Self::Busy { .. } => "busy",
            Self::Storage(_) => "storage",
            Self::ShuttingDown => "shutting_down",
        }
    }
}

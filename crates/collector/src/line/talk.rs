//! The conversation with the terminal: opened anew or still open, ended or left open.

use std::time::Duration;

use domain::{LiveMode, Secret, Terminal, Transport};
use jiff::Timestamp;
use tokio::time::Instant;
use zk_client::{Session, Target, Timeouts};
use zk_wire::CommKey;

use super::{Line, contact::Greeting};
use crate::{CommandError, LiveState, failure::not_connected, handle::Shared, pace::Pace};

/// One session, in which the terminal said who it is.
pub(super) struct Talk {
    pub(super) session: Session,
    /// `None`: the terminal tells nothing by itself, and the session ends with the contact.
    pub(super) listening: Option<Listening>,
}

/// The terminal tells punches as they happen.
pub(super) struct Listening {
    pub(super) since: Timestamp,
    pub(super) began: Instant,
    pub(super) pace: Pace,
    /// When the terminal last said anything.
    pub(super) heard_at: Instant,
    /// Punches that it told since the end of its log was last read.
    pub(super) told: u64,
    /// It told at least one.
    pub(super) ever_told: bool,
    /// The log was read since it listens.
    pub(super) caught_up: bool,
    /// As the session counts them.
    pub(super) lost: u64,
}

impl Talk {
    pub(super) fn new(session: Session) -> Self {
        Self {
            session,
            listening: None,
        }
    }

    /// Punches were told that the log is to be asked about.
    pub(super) fn is_told(&self) -> bool {
        self.listening
            .as_ref()
            .is_some_and(|listening| listening.pace.due().is_some())
    }
}

impl Line {
    /// A conversation in which the terminal said who it is, and its counters: the one that is open, if it still goes on,
    /// or a new one.
    pub(super) async fn talk(&mut self) -> Result<(Talk, Greeting), CommandError> {
        if let Some(mut talk) = self.open.take() {
            match self.greet_again(&mut talk.session).await {
                Ok(greeting) => return Ok((talk, greeting)),
                Err(error) => {
                    tracing::debug!(
                        terminal.id = self.terminal.id.0,
                        "the open session is no good any more: {error}"
                    );
                    talk.session.close().await;
                }
            }
        }
        let mut talk = Talk::new(self.shared.open(&self.terminal).await?);
        match self.greet(&mut talk.session).await {
            Ok(greeting) => Ok((talk, greeting)),
            Err(error) => {
                talk.session.close().await;
                Err(error)
            }
        }
    }

    /// Leaves the conversation open where the terminal tells punches, or ends it. After a command.
    pub(super) async fn settle<T>(&mut self, talk: Talk, result: &Result<T, CommandError>) {
        self.leave(
            talk,
            result
                .as_ref()
                .err()
                .and_then(CommandError::retold)
                .is_none(),
        )
        .await;
    }

    pub(super) async fn leave(&mut self, mut talk: Talk, goes_on: bool) {
        let wanted = goes_on && self.wants_live();
        match &mut talk.listening {
            Some(listening) if wanted => {
                listening.heard_at = Instant::now();
                self.open = Some(talk);
            }
            Some(_) | None => talk.session.close().await,
        }
        self.show_live();
    }

    /// Ends the conversation that is open, if one is.
    pub(super) async fn hang_up(&mut self) {
        if let Some(talk) = self.open.take() {
            talk.session.close().await;
        }
        self.show_live();
    }

    pub(super) fn wants_live(&self) -> bool {
        self.terminal.enabled
            && self.terminal.live == LiveMode::Auto
            && !self.channels.cancel.is_cancelled()
    }

    pub(super) fn show_live(&self) {
        let live = match (&self.open, self.terminal.live) {
            (
                Some(Talk {
                    listening: Some(listening),
                    ..
                }),
                _,
            ) => LiveState::On {
                since: listening.since,
            },
            (_, LiveMode::Off) => LiveState::Off,
            (_, LiveMode::Auto) if !self.terminal.enabled => LiveState::Off,
            (_, LiveMode::Auto) => LiveState::Waiting {
                reason: self.why_not_live(),
            },
        };
        self.shared.update_status(self.terminal.id, |status| {
            if status.live != live {
                status.live = live;
            }
        });
    }
}

impl Shared {
    pub(crate) async fn open(&self, terminal: &Terminal) -> Result<Session, CommandError> {
        let timeout = terminal
            .connect_timeout
            .unwrap_or(self.settings.connect_timeout);
        let target = target(terminal, timeout);
        Session::connect(&target)
            .await
            .map_err(|error| not_connected(terminal, &error))
    }
}

pub(super) fn target(terminal: &Terminal, connect: Duration) -> Target {
    Target {
        host: terminal.address.host.clone(),
        port: terminal.address.port,
        transport: match terminal.transport {
            Transport::Tcp => zk_client::Transport::Tcp,
            Transport::Udp => zk_client::Transport::Udp,
        },
        comm_key: terminal
            .comm_key
            .as_ref()
            .map(Secret::expose)
            .copied()
            .map(CommKey::new),
        timeouts: Timeouts {
            connect,
            ..Timeouts::default()
        },
    }
}

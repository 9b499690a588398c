//! Stepping aside, so that somebody else can talk to the terminal for a while.

use std::time::Duration;

use tokio::sync::oneshot;
use zk_client::Target;

use super::{Line, command::Reply, talk::target};

/// An examination of a slow terminal takes a minute or two.
const LONGEST: Duration = Duration::from_mins(4);

/// The terminal's one connection is whoever's has this; dropped, it is the collector's again.
#[derive(Debug)]
pub struct Aside {
    target: Target,
    _back: oneshot::Sender<()>,
}

impl Aside {
    /// Where the terminal is, and how it is talked to.
    pub fn target(&self) -> &Target {
        &self.target
    }
}

impl Line {
    /// Ends the open conversation, and touches the terminal no more until the other one is done, or took too long.
    pub(super) async fn step_aside(&mut self, reply: Reply<Aside>) {
        self.hang_up().await;
        let timeout = self
            .terminal
            .connect_timeout
            .unwrap_or(self.shared.settings.connect_timeout);
        let (back, returned) = oneshot::channel();
        let aside = Aside {
            target: target(&self.terminal, timeout),
            _back: back,
        };
        if reply.send(Ok(aside)).is_err() {
            return;
        }
        let cancel = self.channels.cancel.clone();
        tokio::select! {
            // Nothing is ever sent: it is dropped.
            _ = tokio::time::timeout(LONGEST, returned) => {}
            () = cancel.cancelled() => {}
        }
    }
}

use std::time::Duration;

use tokio::time::Instant;
use zk_wire::{Request, code};

use crate::{Error, Session};

/// After this long without an answer the terminal is taken to be on its way down.
const SILENCE: Duration = Duration::from_secs(5);

impl Session {
    /// Restarts the terminal, which ends the session. It is away for half a minute or more.
    ///
    /// The command is sent once. Some terminals acknowledge it, some close the connection, some say nothing: all of that
    /// is success, only a refusal is not.
    pub async fn restart(mut self) -> Result<(), Error> {
        let asked = Instant::now();
        self.conversation
            .send(&Request {
                command: code::RESTART,
                payload: Vec::new(),
            })
            .await?;
        let reply = self.conversation.more(SILENCE).await;
        match reply {
            Ok(Some(reply)) if reply.command != code::ACK_OK => {
                self.conversation.exit().await;
                Err(Error::Refused {
                    what: "restart".to_owned(),
                    code: reply.command,
                })
            }
            Ok(_) | Err(_) => {
                // Whatever holds the session is going down with it.
                self.conversation.is_over();
                tracing::debug!(
                    waited_ms = asked.elapsed().as_millis(),
                    "the terminal restarts"
                );
                Ok(())
            }
        }
    }
}

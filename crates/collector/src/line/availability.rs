//! Disabling the terminal for a write, and never leaving it so.

use std::time::Duration;

use zk_client::Session;

use super::Line;
use crate::{CommandError, failure::write_failed};

/// Written down before the terminal is disabled, so that whoever connects next enables it.
const DISABLED: &str = "disabled_by_us";

impl Line {
    /// Nobody can punch from now on, for so long at most. Some terminals say yes and go on as before.
    pub(super) async fn disable(
        &mut self,
        session: &mut Session,
        time: Duration,
    ) -> Result<(), CommandError> {
        let learned = &mut self.terminal.info.learned;
        learned.insert(DISABLED.to_owned(), "for a write".to_owned());
        self.save_info().await?;
        session
            .disable(time)
            .await
            .map_err(|error| write_failed(&self.terminal, &error))
    }

    /// Lets people punch again.
    pub(super) async fn enable(&mut self, session: &mut Session) -> Result<(), CommandError> {
        session
            .enable()
            .await
            .map_err(|error| write_failed(&self.terminal, &error))?;
        if self.terminal.info.learned.remove(DISABLED).is_some() {
            self.save_info().await?;
        }
        Ok(())
    }

    pub(super) fn owes_enabling(&self) -> bool {
        self.terminal.info.learned.contains_key(DISABLED)
    }

    /// The first thing in a conversation, where an earlier one broke off while the terminal was disabled.
    pub(super) async fn enable_if_owed(
        &mut self,
        session: &mut Session,
    ) -> Result<(), CommandError> {
        if !self.owes_enabling() {
            return Ok(());
        }
        tracing::info!(
            terminal.id = self.terminal.id.0,
            "enabled again: an earlier conversation broke off while nobody could punch"
        );
        self.enable(session).await
    }
}

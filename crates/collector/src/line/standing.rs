//! How the terminal stands right now, for whoever looks.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Line;
use crate::{CommandError, TerminalStatus, handle::Heard};

impl Line {
    pub(super) fn status(&self) -> TerminalStatus {
        self.shared
            .lines()
            .get(&self.terminal.id)
            .map(|line| line.status.clone())
            .unwrap_or_default()
    }

    pub(super) fn users_read_at(&self) -> Option<Timestamp> {
        let lines = self.shared.lines();
        lines.get(&self.terminal.id)?.status.health.users_read_at
    }

    pub(super) fn busy(&self, busy: bool) {
        self.shared
            .update_status(self.terminal.id, |status| status.busy = busy);
        if !busy {
            self.hears(None);
        }
    }

    /// Lets other tasks know whom this one is talking to.
    pub(super) fn hears(&self, heard: Option<Heard>) {
        if let Some(line) = self.shared.lines().get_mut(&self.terminal.id) {
            line.heard = heard;
        }
    }

    pub(super) fn went_well(&mut self) {
        let is_again = self.memory.told_error.take().is_some();
        let mut was_connected = false;
        self.failures = 0;
        self.shared.update_status(self.terminal.id, |status| {
            was_connected = std::mem::replace(&mut status.connected, true);
            status.consecutive_failures = 0;
            status.health.last_error = None;
            status.health.last_error_code = None;
            status.health.last_error_at = None;
        });
        if is_again || !was_connected {
            let again = if is_again { " again" } else { "" };
            tracing::info!(
                terminal.id = self.terminal.id.0,
                "terminal {} answers{again}",
                self.terminal.address
            );
        }
    }

    pub(super) async fn went_wrong(&mut self, error: &CommandError) {
        self.failures = self.failures.saturating_add(1);
        let now = self.shared.clock.now();
        let failures = self.failures;
        if self.memory.told_error != Some(error.code()) {
            self.memory.told_error = Some(error.code());
            tracing::warn!(
                terminal.id = self.terminal.id.0,
                code = error.code(),
                "not read: {error}"
            );
        }
        self.shared.update_status(self.terminal.id, |status| {
            status.connected = false;
            status.consecutive_failures = failures;
            status.health.last_error = Some(error.to_string());
            status.health.last_error_code = Some(error.code().to_owned());
            status.health.last_error_at = Some(now);
        });
        let told = self
            .shared
            .store
            .record_failed_contact(self.terminal.id, error.code(), &error.to_string(), now)
            .await;
        let told_before = std::mem::replace(&mut self.memory.told_unrecorded, told.is_err());
        if let (Err(error), false) = (told, told_before) {
            tracing::warn!(
                terminal.id = self.terminal.id.0,
                "failed contacts are not recorded for now: {error}"
            );
        }
    }

    pub(super) fn note_next(&self, next: Instant) {
        let until = next.saturating_duration_since(Instant::now());
        // To the millisecond, as all times that people see.
        let until = Duration::from_millis(u64::try_from(until.as_millis()).unwrap_or_default());
        let at = self
            .terminal
            .enabled
            .then(|| self.shared.clock.now() + until);
        self.shared
            .update_status(self.terminal.id, |status| status.next_poll_at = at);
    }
}

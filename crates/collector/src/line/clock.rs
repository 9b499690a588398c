//! The terminal's clock: measured on every contact, set when asked for or where its policy says so.

use storage::NoticeLevel;
use zk_client::Session;

use super::Line;
use crate::{
    CommandError, decode, drift,
    failure::{not_connected, write_failed},
};

impl Line {
    /// Terminal clock minus ours, in seconds; `None` where the terminal's time is no time.
    pub(super) async fn measure_clock(
        &mut self,
        session: &mut Session,
    ) -> Result<Option<i64>, CommandError> {
        let time = session
            .clock()
            .await
            .map_err(|error| not_connected(&self.terminal, &error))?;
        // Wall clock against wall clock: an hour that comes twice is no hour of difference.
        let ours = self.shared.local_now(&self.terminal).civil();
        let offset = time
            .and_then(|time| decode::local_time(time).ok())
            .map(|theirs| theirs.civil().duration_since(ours).as_secs());
        let mut before = None;
        self.shared.update_status(self.terminal.id, |status| {
            before = status.health.clock_offset_secs;
            status.health.clock_offset_secs = offset;
        });
        if let Some(secs) = offset.filter(|_| drift::is_news(before, offset)) {
            let text = format!(
                "the clock of terminal {} is {}; its punches carry this wrong time. Set it right with the command \
                 set clock, or have it set by itself in the terminal's settings",
                self.terminal.name,
                drift::in_words(secs)
            );
            self.shared
                .tell("clock_wrong", self.terminal.id, NoticeLevel::Warning, text)
                .await?;
        }
        Ok(offset)
    }

    /// Sets the clock where the terminal's policy says so; at the end of a contact, never within a read. A terminal that
    /// does not take it is read all the same.
    pub(super) async fn correct_clock(
        &mut self,
        session: &mut Session,
    ) -> Result<(), CommandError> {
        let offset = self.status().health.clock_offset_secs;
        let now = self.shared.clock.now();
        let set_at = self.memory.clock_set_at;
        if !drift::is_to_be_set(self.terminal.clock_policy, offset, set_at, now) {
            return Ok(());
        }
        self.memory.clock_set_at = Some(now);
        match self.set_clock_in(session).await {
            Ok(()) => {
                let was = offset.map_or_else(|| "without a time".to_owned(), drift::in_words);
                let text = format!(
                    "the clock of terminal {} was {was} and was set",
                    self.terminal.name
                );
                self.shared
                    .tell("clock_set", self.terminal.id, NoticeLevel::Info, text)
                    .await
            }
            Err(error @ (CommandError::Refused { .. } | CommandError::NotStored { .. })) => {
                tracing::warn!(
                    terminal.id = self.terminal.id.0,
                    "its clock is wrong and cannot be set: {error}"
                );
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn set_clock_in(&mut self, session: &mut Session) -> Result<(), CommandError> {
        let now = self.shared.local_now(&self.terminal);
        let time = decode::wire_time(now).ok_or_else(|| CommandError::Invalid {
            reason: format!(
                "this computer's clock shows {now}, which a terminal cannot; set it right first"
            ),
        })?;
        session
            .set_clock(time)
            .await
            .map_err(|error| write_failed(&self.terminal, &error))?;
        self.measure_clock(session).await.map(drop)
    }
}

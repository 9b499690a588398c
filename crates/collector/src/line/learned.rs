//! What was found out of this very terminal, beside what is known of its model.

use storage::NoticeLevel;

use super::Line;
use crate::CommandError;

/// It cannot be asked for a part of its log.
const NO_PARTS: &str = "no_offset_reads";

impl Line {
    pub(super) fn gives_parts(&self) -> bool {
        !self.terminal.info.learned.contains_key(NO_PARTS)
    }

    /// Remembers that the log has to be read whole each time, and tells people once.
    pub(super) async fn learn_no_parts(&mut self, reason: &str) -> Result<(), CommandError> {
        if !self.gives_parts() {
            return Ok(());
        }
        self.terminal
            .info
            .learned
            .insert(NO_PARTS.to_owned(), reason.to_owned());
        self.save_info().await?;
        let text = format!(
            "terminal {} cannot hand out a part of its log ({reason}), so all of it is read whenever something is new; \
             nothing is missed, but it takes longer",
            self.terminal.name
        );
        self.shared
            .tell(NO_PARTS, self.terminal.id, NoticeLevel::Info, text)
            .await
    }

    /// Terminals of its make are known to tell nothing as it happens.
    pub(super) fn is_known_mute(&self) -> bool {
        false
    }
}

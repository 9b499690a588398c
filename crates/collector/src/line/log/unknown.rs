//! A log in no layout that is known: its bytes are kept, people are told, and what was kept is read once the layout is
//! known.

use storage::NoticeLevel;
use zk_wire::{LayoutError, RowLayout};

use super::{Brought, Line};
use crate::CommandError;

/// Nobody knows how to read its log.
const LAYOUT_UNKNOWN: &str = "layout_unknown";

impl Line {
    /// Remembers what a whole read showed of the layout, and reads again what could not be read before.
    pub(super) async fn learn_layout(&mut self, brought: &Brought) -> Result<(), CommandError> {
        let Some(layout) = brought.layout else {
            return Ok(());
        };
        if let Some(refused) = brought.refused {
            return self.learn_unknown(refused, layout).await;
        }
        let info = &mut self.terminal.info;
        let is_new = info.row_layout.replace(layout.to_string()) != Some(layout.to_string());
        let was_unknown = info.learned.remove(LAYOUT_UNKNOWN).is_some();
        if is_new || was_unknown || brought.is_proof {
            self.reread_unreadable().await?;
        }
        Ok(())
    }

    /// Tells people once, until the layout is known.
    async fn learn_unknown(
        &mut self,
        refused: LayoutError,
        pieces: RowLayout,
    ) -> Result<(), CommandError> {
        let learned = &mut self.terminal.info.learned;
        let is_told = learned
            .insert(LAYOUT_UNKNOWN.to_owned(), refused.to_string())
            .is_some();
        if is_told {
            return Ok(());
        }
        self.save_info().await?;
        let text = format!(
            "the log of terminal {} cannot be read: {refused}. Its bytes are kept as they came, in pieces of {}, and are \
             read by themselves once the layout is known; punches that it tells as they happen are stored. Do not clear \
             its log, and please send a capture of it (Check this terminal… on its page), with which its layout can be \
             taught to this program",
            self.terminal.name,
            pieces.size()
        );
        self.shared
            .tell(LAYOUT_UNKNOWN, self.terminal.id, NoticeLevel::Error, text)
            .await
    }
}

//! What is known of terminals of this model, and what was found out of this very one.

use domain::{StateVerifyOrder, TerminalInfo};
use storage::NoticeLevel;
use zk_client::{LiveAnswer, Session};
use zk_wire::{
    RowLayout,
    quirks::{self, Act},
};

use super::Line;
use crate::{CommandError, decode};

/// It cannot be asked for a part of its log.
const NO_PARTS: &str = "no_offset_reads";
/// Its replies have other numbers than the requests.
const NUMBERS_OFF: &str = "reply_numbers_off";
/// It does not know how to tell punches.
const NO_LIVE: &str = "no_live";

impl Line {
    pub(super) fn gives_parts(&self) -> bool {
        !self.must(Act::NoOffsetReads) && !self.terminal.info.learned.contains_key(NO_PARTS)
    }

    /// Whether terminals of this model have to be treated so.
    pub(super) fn must(&self, act: Act) -> bool {
        self.memory.acts.contains(&act)
    }

    /// The layout that rows are read by, where two look alike.
    pub(super) fn as_set(&self, layout: RowLayout) -> RowLayout {
        let order = if self.must(Act::VerifyStateSwapped) {
            StateVerifyOrder::VerifyFirst
        } else {
            self.terminal.order16
        };
        decode::as_set(layout, order)
    }

    /// Remembers that the terminal numbers its replies otherwise, and tells people once.
    pub(super) async fn learn_numbers(&mut self, session: &Session) -> Result<(), CommandError> {
        let learned = &mut self.terminal.info.learned;
        if !session.reply_numbers_are_off() || learned.contains_key(NUMBERS_OFF) {
            return Ok(());
        }
        let reason = "they differ from those of the requests".to_owned();
        learned.insert(NUMBERS_OFF.to_owned(), reason);
        self.save_info().await?;
        let text = format!(
            "terminal {} gives its replies other numbers than the requests have; over TCP they are understood all the \
             same, so leave it on TCP",
            self.terminal.name
        );
        self.shared
            .tell(NUMBERS_OFF, self.terminal.id, NoticeLevel::Info, text)
            .await
    }

    /// Remembers whether the terminal knows how to tell punches at all.
    pub(super) async fn learn_live(&mut self, answer: LiveAnswer) -> Result<(), CommandError> {
        let learned = &mut self.terminal.info.learned;
        match answer {
            LiveAnswer::Unknown => {
                let reason = "it does not know the command".to_owned();
                learned.insert(NO_LIVE.to_owned(), reason);
            }
            LiveAnswer::Agrees => drop(learned.remove(NO_LIVE)),
            LiveAnswer::Refuses(_) | LiveAnswer::Silent => {}
        }
        self.save_info().await
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
}

/// Whether a terminal once said that it does not know how to tell punches.
pub(super) fn does_not_know_live(info: &TerminalInfo) -> bool {
    info.learned.contains_key(NO_LIVE)
}

/// How terminals of this model have to be treated otherwise than others.
pub(super) fn acts(info: &TerminalInfo) -> Vec<Act> {
    let model = [info.model.as_deref(), info.platform.as_deref()];
    let model: Vec<_> = model.into_iter().flatten().collect();
    let firmware = info.firmware.as_deref().unwrap_or_default();
    quirks::quirks_of(&model.join(" "), firmware)
        .flat_map(|quirk| quirk.acts)
        .copied()
        .collect()
}

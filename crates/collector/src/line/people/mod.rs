//! The people of a terminal: reading them, writing them, and their fingerprints.

pub(super) mod copy;
mod read;
mod templates;
mod write;

use zk_client::Session;
use zk_wire::{PinRules, UserRow, text};

use super::Line;
use crate::{CommandError, failure::not_connected, users::Limits};

/// The code page that was found out from the terminal's names.
const CODE_PAGE: &str = "code_page";

impl Line {
    /// In what the terminal's names are written, by its settings or as they look.
    pub(super) fn code_page(&self) -> text::CodePage {
        let found = self.terminal.info.learned.get(CODE_PAGE);
        self.terminal
            .code_page
            .as_ref()
            .or(found)
            .and_then(|name| name.parse().ok())
            .unwrap_or(text::UTF_8)
    }

    /// Looks at the names again: they may have become more telling.
    fn find_code_page(&mut self, rows: &[UserRow]) {
        if let Some(page) = text::detect(rows.iter().map(|row| row.name.as_slice())) {
            let learned = &mut self.terminal.info.learned;
            learned.insert(CODE_PAGE.to_owned(), page.to_string());
        }
    }

    /// What this terminal can store of a user. It takes user ids as long as those that it holds, whatever it says.
    async fn limits(
        &self,
        session: &mut Session,
        users: &[UserRow],
    ) -> Result<Limits, CommandError> {
        let failed = |error: zk_client::Error| not_connected(&self.terminal, &error);
        let width = session.option("~PIN2Width").await.map_err(failed)?;
        let letters = session.option("~IsABCPinEnable").await.map_err(failed)?;
        let mut pins = PinRules::told(width.as_deref(), letters.as_deref());
        let longest = users.iter().map(|user| user.pin.len()).max().unwrap_or(0);
        pins.width = pins.width.max(u8::try_from(longest).unwrap_or(u8::MAX));
        Ok(Limits {
            pins,
            row_size: self.terminal.info.user_row_size,
            code_page: self.code_page(),
        })
    }
}

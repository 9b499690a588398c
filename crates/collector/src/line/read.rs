//! What a contact reads: the users where they may have changed, and what is new in the log.

use domain::{NewPunch, Source};
use storage::{SyncRun, UnreadableRow};
use tokio::time::Instant;
use zk_client::Session;
use zk_wire::{FreeSizes, RowLayout};

use super::{Line, contact::Contact, due, learned, talk::Talk};
use crate::{
    CommandError, decode,
    failure::not_connected,
    rows::{Fresh, Reading, Who},
};

/// Rows that are decoded again at a time.
const AT_ONCE: u32 = 1_000;

impl Line {
    pub(super) async fn read_what_changed(
        &mut self,
        talk: &mut Talk,
        counters: Option<&FreeSizes>,
    ) -> Result<Contact, CommandError> {
        self.forget_old_read();
        if self.terminal.info.firmware.is_none() && !self.memory.info_was_read {
            self.read_info(&mut talk.session).await?;
        }
        let now = self.shared.clock.now();
        let read_at = self.users_read_at();
        let users = due::are_users(&self.terminal, read_at, &self.memory.users, counters, now);
        if users {
            drop(
                self.read_users_if_it_can(&mut talk.session, counters)
                    .await?,
            );
        }
        let contact = self.read_log(talk, counters, users).await?;
        if let Some(listening) = &mut talk.listening {
            listening.pace.read(Instant::now());
        }
        self.correct_clock(&mut talk.session).await?;
        // Whoever punches next may be somebody else.
        self.memory.people = None;
        Ok(contact)
    }

    /// Reads what the terminal says of itself.
    pub(super) async fn read_info(&mut self, session: &mut Session) -> Result<(), CommandError> {
        let info = session
            .device_info()
            .await
            .map_err(|error| not_connected(&self.terminal, &error))?;
        self.memory.info_was_read = true;
        self.terminal.info.model = info.name;
        self.terminal.info.platform = info.platform;
        self.terminal.info.firmware = info.firmware;
        self.terminal.info.mac = info.mac;
        self.memory.acts = learned::acts(&self.terminal.info);
        self.save_info().await
    }

    /// Writes what was learned of the terminal, where it is new.
    pub(super) async fn save_info(&mut self) -> Result<(), CommandError> {
        if self.memory.saved_info == self.terminal.info {
            return Ok(());
        }
        self.shared
            .store
            .save_terminal_info(self.terminal.id, &self.terminal.info)
            .await?;
        self.memory.saved_info = self.terminal.info.clone();
        self.remember_terminal();
        Ok(())
    }

    /// Reads the whole log now; says how the numbers add up.
    pub(super) async fn read_all(&mut self) -> Result<SyncRun, CommandError> {
        let (mut talk, greeting) = self.talk().await?;
        let result = self
            .read_all_in(&mut talk, greeting.counters.as_ref())
            .await;
        self.settle(talk, &result).await;
        result
    }

    pub(super) async fn read_all_in(
        &mut self,
        talk: &mut Talk,
        counters: Option<&FreeSizes>,
    ) -> Result<SyncRun, CommandError> {
        self.memory.whole_is_asked = true;
        let read = self.read_log(talk, counters, false).await;
        self.memory.whole_is_asked = false;
        match read? {
            Contact::Done => {}
            Contact::LogWaits => {
                return Err(CommandError::Busy {
                    reason: "other large logs are being read; try again in a minute".to_owned(),
                });
            }
            Contact::Interrupted => return Err(CommandError::ShuttingDown),
        }
        let id = self.terminal.id;
        let last = self
            .shared
            .store
            .reconciliations(id, 1)
            .await?
            .into_iter()
            .next();
        // It was written a moment ago.
        last.ok_or(CommandError::UnknownTerminal)
    }

    /// Decodes the rows that could not be read once more, with what this version and the settings know; says how many
    /// became punches.
    pub(super) async fn reread_unreadable(&mut self) -> Result<u64, CommandError> {
        let id = self.terminal.id;
        let Some(layout) = self
            .terminal
            .info
            .row_layout
            .as_ref()
            .and_then(|name| name.parse().ok())
        else {
            return Ok(0);
        };
        let layout = self.as_set(layout);
        let people = self.shared.people_of(id).await?;
        let (zone, zone_name) = self.shared.zone_of(&self.terminal);
        // Nobody can say whose a slot is where the users are not handed out.
        let slots = !self.memory.users.refused;
        let (mut after, mut stored) = (None, 0);
        loop {
            let rows = self
                .shared
                .store
                .unreadable_rows(Some(id), after, AT_ONCE)
                .await?;
            let Some(last) = rows.last() else {
                break;
            };
            after = Some(last.id);
            let now = self.shared.clock.now();
            let reading = Reading {
                identity: self.terminal.identity.as_deref().unwrap_or_default(),
                zone: &zone,
                zone_name: &zone_name,
                now,
                people: &people,
                source: Source::Pull,
            };
            let readable: Vec<_> = rows
                .iter()
                .filter_map(|row| Some((row.id, punches_of(row, layout, &reading, slots)?)))
                .collect();
            if !readable.is_empty() {
                stored += self
                    .shared
                    .store
                    .take_readable(id, readable, now)
                    .await?
                    .stored;
            }
        }
        if stored > 0 {
            (self.shared.on_stored)();
        }
        Ok(stored)
    }
}

/// The punches of what was kept: of one row, or of a piece that was cut before anybody knew how long rows are. Of such a
/// piece all is read, and reads well, or nothing.
fn punches_of(
    kept: &UnreadableRow,
    layout: RowLayout,
    reading: &Reading<'_>,
    slots: bool,
) -> Option<Vec<NewPunch>> {
    let size = layout.size();
    let bytes = kept.raw.len();
    let is_one = bytes == size;
    let derived = || RowLayout::derive(bytes, u32::try_from(bytes / size).ok(), &kept.raw);
    if !is_one && !derived().is_ok_and(|derived| derived.size() == size) {
        return None;
    }
    let row = |raw: &[u8]| {
        let decoded = decode::log_row(raw, layout).decoded.ok()?;
        if !slots && matches!(decoded.who, Who::Slot(_)) {
            return None;
        }
        let fresh = Fresh {
            raw: raw.to_vec(),
            decoded,
            after: None,
            is_repeat: false,
        };
        reading.punch(fresh).ok()
    };
    kept.raw.chunks(size).map(row).collect()
}

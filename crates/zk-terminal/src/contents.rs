//! What a terminal holds: the people it knows and the punches in its log.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::DateTime;
use zk_wire::{RowLayout, UserFormat, text::CodePage};

use crate::{
    config::TerminalConfig,
    error::Error,
    log::StartLog,
    people::{People, Rules},
};

/// One user as the terminal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Slot number inside the terminal, 1..=65535; it may be given to somebody else after a deletion.
    pub uid: u16,
    /// The number that people know, unique in the terminal. Digits that fit 32 bits where the user format is the
    /// one of 28 bytes; up to 24 ASCII characters otherwise.
    pub pin: String,
    /// Stored in the terminal's code page and cut at the field's end, on a character border: 23 bytes, or 7 in the 28-byte
    /// format.
    pub name: String,
    /// 0 user, 2 enroller, 6 manager, 14 administrator; bit 0 set: disabled.
    pub privilege: u8,
    /// Empty for none.
    pub password: String,
    /// 0 for none.
    pub card: u32,
    /// Access group, 1 by default.
    pub group: u8,
}

/// One row of the attendance log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Punch {
    /// Slot number of the user, 0 where the terminal no longer knows it.
    pub uid: u16,
    /// The user's PIN when the punch was made.
    pub pin: String,
    /// By the terminal's own clock.
    pub time: DateTime,
    /// 0 check-in, 1 check-out, 2 break-out, 3 break-in, 4 overtime-in, 5 overtime-out, 255 none.
    pub state: u8,
    /// 1 finger, 3 password, 4 card, 15 face; other values occur.
    pub verify: u8,
    /// Only the row of 16 bytes carries it.
    pub work_code: u32,
}

/// Users and log of one terminal at its start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// In the order of the user table.
    pub users: Vec<User>,
    /// In the order of the log: the oldest first.
    pub punches: Vec<Punch>,
}

/// Contents that many terminals begin with and that are in memory once; each terminal keeps only what changes.
#[derive(Debug, Clone)]
pub struct SharedContents(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    users: Vec<User>,
    punches: Arc<Vec<Punch>>,
    /// What is made of them for terminals of one make, as soon as there is one.
    people: Mutex<Vec<(UserFormat, CodePage, Arc<People>)>>,
    logs: Mutex<Vec<(RowLayout, Arc<StartLog>)>>,
}

impl From<Contents> for SharedContents {
    fn from(contents: Contents) -> Self {
        Self(Arc::new(Kept {
            users: contents.users,
            punches: Arc::new(contents.punches),
            people: Mutex::default(),
            logs: Mutex::default(),
        }))
    }
}

impl SharedContents {
    pub(crate) fn people(&self, config: &TerminalConfig) -> Result<Arc<People>, Error> {
        let (format, page, rules) = (config.user_format, config.code_page, Rules::of(config));
        let mut made = self.0.people.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made
            .iter()
            .find(|(of, written, _)| (*of, *written) == (format, page));
        if let Some((_, _, people)) = known {
            people.obey(rules)?;
            return Ok(people.clone());
        }
        let mut people = People::new(format, page);
        for user in &self.0.users {
            people.add(user, rules)?;
        }
        let people = Arc::new(people);
        made.push((format, page, people.clone()));
        Ok(people)
    }

    pub(crate) fn log(&self, layout: RowLayout) -> Arc<StartLog> {
        let mut made = self.0.logs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, log)) = made.iter().find(|(of, _)| *of == layout) {
            return log.clone();
        }
        let log = Arc::new(StartLog::new(layout, self.0.punches.clone()));
        made.push((layout, log.clone()));
        log
    }
}

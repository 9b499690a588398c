//! What saving a user means for the rows of a terminal: which slot, which bytes, and what cannot be. Pure.

use zk_wire::{PinRules, UserRow, free_slot, text};

use crate::{CommandError, Saved, UserChange};

/// What a terminal can store of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Which user ids it takes.
    pub(crate) pins: PinRules,
    /// 28 or 72 bytes; `None` for a terminal without users.
    pub(crate) row_size: Option<u16>,
    /// In what its names are written.
    pub(crate) code_page: text::CodePage,
}

/// What is to be done about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) saved: Saved,
    pub(crate) row: UserRow,
    /// What is not stored as it was asked for; for people.
    pub(crate) warning: Option<String>,
}

impl Limits {
    const SMALL_ROW: u16 = 28;

    fn name_bytes(self) -> usize {
        if self.row_size == Some(Self::SMALL_ROW) {
            8
        } else {
            23
        }
    }

    fn password_bytes(self) -> usize {
        if self.row_size == Some(Self::SMALL_ROW) {
            5
        } else {
            8
        }
    }

    /// The name as the terminal stores it, and what people should know of that.
    pub(crate) fn name(self, name: &str) -> Result<(Vec<u8>, Option<String>), CommandError> {
        let encoded = text::encode(name, self.code_page, self.name_bytes()).map_err(|error| {
            CommandError::Invalid {
                reason: error.to_string(),
            }
        })?;
        let warning = encoded.cut.then(|| {
            format!(
                "the terminal stores names of {} bytes (letters outside English may take 2 to 4), so it shows {:?} \
                 instead of {name:?}",
                self.name_bytes(),
                text::decode(&encoded.bytes, self.code_page)
            )
        });
        Ok((encoded.bytes, warning))
    }

    /// Of somebody who is not on the terminal yet: what it holds it took.
    pub(crate) fn check_new_pin(self, pin: &str) -> Result<(), CommandError> {
        self.pins
            .check(pin)
            .map_err(|error| CommandError::Invalid {
                reason: error.to_string(),
            })?;
        if self.row_size == Some(Self::SMALL_ROW)
            && (pin.parse::<u32>().is_err() || pin.starts_with('0'))
        {
            return Err(CommandError::Invalid {
                reason: format!(
                    "user_id {pin} does not fit: this terminal takes numbers from 1 to 4294967295 only"
                ),
            });
        }
        Ok(())
    }

    fn check_password(self, change: &UserChange) -> Result<(), CommandError> {
        let fits = |password: &str| {
            password.len() <= self.password_bytes()
                && password.bytes().all(|byte| byte.is_ascii_digit())
        };
        if change
            .password
            .as_ref()
            .is_some_and(|password| !fits(password.expose()))
        {
            return Err(CommandError::Invalid {
                reason: format!(
                    "password must be digits, {} at most on this terminal",
                    self.password_bytes()
                ),
            });
        }
        Ok(())
    }
}

/// The row that saves `change`: the same slot for a user id that exists, else a free one. What the change leaves open
/// stays as the terminal has it.
pub(crate) fn plan(
    rows: &[UserRow],
    change: &UserChange,
    limits: &Limits,
) -> Result<Planned, CommandError> {
    limits.check_password(change)?;
    let existing = rows.iter().find(|row| row.pin == change.pin.as_str());
    let mut row = if let Some(row) = existing {
        row.clone()
    } else {
        limits.check_new_pin(change.pin.as_str())?;
        UserRow {
            uid: new_slot(rows)?,
            pin: change.pin.as_str().to_owned(),
            ..UserRow::default()
        }
    };
    let mut warning = None;
    if let Some(name) = &change.name {
        (row.name, warning) = limits.name(name)?;
    }
    if let Some(privilege) = change.privilege {
        row.privilege = with_role(row.privilege, privilege);
    }
    if let Some(password) = &change.password {
        row.password = password.expose().as_bytes().to_vec();
    }
    if let Some(card) = change.card {
        row.card = card;
    }
    if let Some(group) = &change.group {
        row.group = group.parse().map_err(|_| CommandError::Invalid {
            reason: format!("group_id is {group:?}; terminals number groups from 1 to 99"),
        })?;
    }
    let saved = match existing {
        None => Saved::Added,
        Some(before) if *before == row => Saved::Unchanged,
        Some(_) => Saved::Updated,
    };
    Ok(Planned {
        saved,
        row,
        warning,
    })
}

/// A role alone leaves the rest as the terminal has it: whether somebody is disabled, and bits of newer firmware.
fn with_role(before: u8, wanted: u8) -> u8 {
    const ROLE: u8 = 0b1110;
    if wanted & !ROLE == 0 {
        before & !ROLE | wanted
    } else {
        wanted
    }
}

/// The slot of somebody new.
pub(crate) fn new_slot(rows: &[UserRow]) -> Result<u16, CommandError> {
    let used = rows.iter().map(|row| row.uid);
    free_slot(used).ok_or_else(|| CommandError::Refused {
        reason: "all 65535 user slots of the terminal are taken; delete users first".to_owned(),
    })
}

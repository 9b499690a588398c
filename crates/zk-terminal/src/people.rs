//! The user table, kept as the rows that clients read and write.

use std::collections::HashMap;

use bytes::{BufMut as _, Bytes, BytesMut};
use zk_wire::{
    UserFormat, UserRow, WireError,
    text::{self, CodePage},
};

use crate::{
    config::{PinLetters, Slots, TerminalConfig},
    contents::User,
    error::Error,
    options,
};

/// Role bits of the privilege byte.
const ROLE: u8 = 0x0e;
const ADMINISTRATOR: u8 = 0x0e;

/// Users in the order of their table.
#[derive(Debug, Clone)]
pub(crate) struct People {
    format: UserFormat,
    page: CodePage,
    rows: Vec<UserRow>,
    /// Where in `rows` a slot number stands.
    slots: HashMap<u16, usize>,
    pins: HashMap<String, u16>,
}

/// What a terminal asks of its users.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) capacity: u32,
    pin_width: u8,
    pin_letters: PinLetters,
}

impl Rules {
    pub(crate) fn of(config: &TerminalConfig) -> Self {
        Self {
            capacity: config.user_capacity,
            pin_width: options::pin_width(config),
            pin_letters: config.pin_letters,
        }
    }

    /// Whether somebody may have this PIN.
    fn check(self, pin: &str) -> Result<(), Error> {
        let letters = match self.pin_letters {
            PinLetters::Allowed => true,
            PinLetters::Refused => pin.bytes().all(|byte| byte.is_ascii_digit()),
        };
        if letters && pin.len() <= usize::from(self.pin_width) {
            return Ok(());
        }
        Err(Error::PinRefused {
            pin: pin.to_owned(),
            width: self.pin_width,
        })
    }
}

impl People {
    pub(crate) fn new(format: UserFormat, page: CodePage) -> Self {
        Self {
            format,
            page,
            rows: Vec::new(),
            slots: HashMap::new(),
            pins: HashMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether a terminal with these rules would hold all of them.
    pub(crate) fn obey(&self, rules: Rules) -> Result<(), Error> {
        if u32::try_from(self.rows.len()).unwrap_or(u32::MAX) > rules.capacity {
            return Err(Error::UserTableFull {
                capacity: rules.capacity,
            });
        }
        Ok(())
    }

    /// Adds a user that is not there yet.
    pub(crate) fn add(&mut self, user: &User, rules: Rules) -> Result<(), Error> {
        if self.slots.contains_key(&user.uid) {
            return Err(Error::SlotTaken { uid: user.uid });
        }
        let room = match self.format {
            UserFormat::B28 => 7,
            UserFormat::B72 => 23,
        };
        let row = UserRow {
            uid: user.uid,
            privilege: user.privilege,
            password: user.password.as_bytes().to_vec(),
            name: written(&user.name, self.page, room),
            card: user.card,
            group: user.group,
            pin: user.pin.clone(),
            origin: Vec::new(),
        };
        let invalid = |source| Error::UserInvalid {
            pin: user.pin.clone(),
            source,
        };
        let bytes = row.encode(self.format).map_err(invalid)?;
        let row = UserRow::decode(self.format, &bytes).map_err(invalid)?;
        self.put(row, rules)
    }

    /// Takes a row as a client wrote it: a new user, or new data for the slot. Gives the slot.
    pub(crate) fn write(&mut self, bytes: &[u8], rules: Rules) -> Result<u16, Error> {
        let row = UserRow::decode(self.format, bytes).map_err(|source: WireError| {
            Error::UserInvalid {
                pin: String::new(),
                source,
            }
        })?;
        rules.check(&row.pin)?;
        let uid = row.uid;
        self.put(row, rules)?;
        Ok(uid)
    }

    fn put(&mut self, row: UserRow, rules: Rules) -> Result<(), Error> {
        if self.pins.get(&row.pin).is_some_and(|uid| *uid != row.uid) {
            return Err(Error::PinTaken { pin: row.pin });
        }
        let known = self.slots.get(&row.uid).copied();
        if let Some(place) = known.and_then(|index| self.rows.get_mut(index)) {
            self.pins.remove(&place.pin);
            self.pins.insert(row.pin.clone(), row.uid);
            *place = row;
            return Ok(());
        }
        if u32::try_from(self.rows.len()).unwrap_or(u32::MAX) >= rules.capacity {
            return Err(Error::UserTableFull {
                capacity: rules.capacity,
            });
        }
        self.slots.insert(row.uid, self.rows.len());
        self.pins.insert(row.pin.clone(), row.uid);
        self.rows.push(row);
        Ok(())
    }

    /// `false` where the slot is free.
    pub(crate) fn remove(&mut self, uid: u16) -> bool {
        let Some(index) = self.slots.remove(&uid) else {
            return false;
        };
        let gone = self.rows.remove(index);
        self.pins.remove(&gone.pin);
        for place in self.slots.values_mut().filter(|place| **place > index) {
            *place -= 1;
        }
        true
    }

    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.slots.clear();
        self.pins.clear();
    }

    /// Nobody keeps a role.
    pub(crate) fn clear_roles(&mut self) {
        for row in &mut self.rows {
            row.privilege &= !ROLE;
        }
    }

    pub(crate) fn slot_of(&self, pin: &str) -> Option<u16> {
        self.pins.get(pin).copied()
    }

    /// The slot that the next new user gets; `None` where all are taken.
    pub(crate) fn free_slot(&self, slots: Slots) -> Option<u16> {
        let last = self.slots.keys().max().copied().unwrap_or(0);
        let lowest = || (1..=u16::MAX).find(|uid| !self.slots.contains_key(uid));
        match slots {
            Slots::LowestFree => lowest(),
            Slots::AfterLast => last.checked_add(1).or_else(lowest),
        }
    }

    pub(crate) fn has(&self, uid: u16) -> bool {
        self.slots.contains_key(&uid)
    }

    pub(crate) fn raw_name(&self, pin: &str) -> Option<&[u8]> {
        let index = self.slots.get(self.pins.get(pin)?)?;
        self.rows.get(*index).map(|row| row.name.as_slice())
    }

    /// These bytes, whatever they mean; `false` where there is no such user or they do not fit.
    pub(crate) fn set_raw_name(&mut self, pin: &str, name: &[u8]) -> bool {
        let format = self.format;
        let index = self.pins.get(pin).and_then(|uid| self.slots.get(uid));
        let Some(row) = index.and_then(|index| self.rows.get_mut(*index)) else {
            return false;
        };
        let named = UserRow {
            name: name.to_vec(),
            ..row.clone()
        };
        let read = named
            .encode(format)
            .and_then(|bytes| UserRow::decode(format, &bytes));
        match read {
            Ok(named) => {
                *row = named;
                true
            }
            Err(_) => false,
        }
    }

    /// Slot number and PIN of the user at `index` of the table.
    pub(crate) fn nth(&self, index: usize) -> Option<(u16, &str)> {
        self.rows.get(index).map(|row| (row.uid, row.pin.as_str()))
    }

    /// Slot numbers and PINs, in the order of the table.
    pub(crate) fn everybody(&self) -> Vec<(u16, String)> {
        self.rows
            .iter()
            .map(|row| (row.uid, row.pin.clone()))
            .collect()
    }

    pub(crate) fn admins(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| row.privilege & ROLE == ADMINISTRATOR)
            .count()
    }

    pub(crate) fn passwords(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| !row.password.is_empty())
            .count()
    }

    pub(crate) fn users(&self) -> Vec<User> {
        self.rows
            .iter()
            .map(|row| User {
                uid: row.uid,
                pin: row.pin.clone(),
                name: text::decode(&row.name, self.page),
                privilege: row.privilege,
                password: String::from_utf8_lossy(&row.password).into_owned(),
                card: row.card,
                group: row.group,
            })
            .collect()
    }

    /// The table as it stands now: the length of its rows, and the rows.
    pub(crate) fn table(&self) -> Bytes {
        let size = usize::from(self.format.size());
        let mut table = BytesMut::with_capacity(4 + self.rows.len() * size);
        table.put_u32_le(0);
        for row in &self.rows {
            // Each row came out of bytes of this very format.
            if let Ok(bytes) = row.encode(self.format) {
                table.put_slice(&bytes);
            }
        }
        let length = u32::try_from(table.len() - 4).unwrap_or(u32::MAX);
        if let Some(field) = table.get_mut(..4) {
            field.copy_from_slice(&length.to_le_bytes());
        }
        table.freeze()
    }
}

/// What fits of a name, with question marks for letters that the code page lacks.
fn written(name: &str, page: CodePage, room: usize) -> Vec<u8> {
    if let Ok(encoded) = text::encode(name, page, room) {
        return encoded.bytes;
    }
    let mut letter = [0; 4];
    let known: String = name
        .chars()
        .map(|character| {
            let known = text::encode(character.encode_utf8(&mut letter), page, 4);
            if known.is_ok() { character } else { '?' }
        })
        .collect();
    text::encode(&known, page, room).map_or_else(|_| Vec::new(), |encoded| encoded.bytes)
}

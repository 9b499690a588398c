//! The users, from inside.

use zk_wire::TemplateRow;

use super::Handle;
use crate::{contents::User, error::Error, live::LiveEvent, operations::Done, people::Rules};

impl Handle {
    /// The users, in the order of their table.
    pub fn users(&self) -> Vec<User> {
        self.shared.state().people().users()
    }

    /// Enrols a user in the slot that it names, as at the terminal itself.
    ///
    /// # Errors
    ///
    /// [`Error::UserTableFull`], [`Error::PinTaken`], [`Error::SlotTaken`] or [`Error::UserInvalid`].
    pub fn add_user(&self, user: &User) -> Result<(), Error> {
        let rules = Rules::of(&self.shared.config);
        self.shared.state().people_mut().add(user, rules)
    }

    /// Enrols a user in the slot that the terminal picks, see [`Slots`](crate::Slots). Gives the slot.
    ///
    /// # Errors
    ///
    /// As for [`add_user`](Self::add_user).
    pub fn enrol(&self, user: &User) -> Result<u16, Error> {
        let config = &self.shared.config;
        let rules = Rules::of(config);
        let mut state = self.shared.state();
        let Some(uid) = state.people().free_slot(config.slots) else {
            return Err(Error::UserTableFull {
                capacity: rules.capacity,
            });
        };
        let user = User {
            uid,
            ..user.clone()
        };
        state.people_mut().add(&user, rules)?;
        drop(state);
        self.record(Done::UserEnrolled, [uid, 0, 0, 0]);
        self.tell(LiveEvent::EnrollUser(uid));
        Ok(uid)
    }

    /// Removes a user and their templates, as at the terminal itself; their punches stay. `false` where there was none.
    pub fn remove_user(&self, pin: &str) -> bool {
        let mut state = self.shared.state();
        let Some(uid) = state.people().slot_of(pin) else {
            return false;
        };
        let removed = state.remove_user(uid);
        drop(state);
        self.record(Done::UserDeleted, [uid, 0, 0, 0]);
        removed
    }

    /// The bytes of somebody's name as they are in the table.
    pub fn raw_name(&self, pin: &str) -> Option<Vec<u8>> {
        self.shared
            .state()
            .people()
            .raw_name(pin)
            .map(<[u8]>::to_vec)
    }

    /// Gives somebody a name of these bytes, in whatever code page they are. `false` where the terminal knows no such
    /// user, or where they do not fit its rows.
    pub fn set_raw_name(&self, pin: &str, name: &[u8]) -> bool {
        self.shared.state().people_mut().set_raw_name(pin, name)
    }

    /// From now on the table of users that clients read is these bytes, in whatever form they are; `None`: as it is.
    pub fn say_users(&self, rows: Option<Vec<u8>>) {
        self.shared.state().users_instead = rows;
    }

    /// The templates, by slot number and finger.
    pub fn templates(&self) -> Vec<TemplateRow> {
        self.shared.state().templates.rows().cloned().collect()
    }

    /// Enrols a finger, as at the terminal itself; one that is there is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::NobodyInSlot`] or [`Error::TemplatesFull`].
    pub fn add_template(&self, row: TemplateRow) -> Result<(), Error> {
        let capacity = self.shared.config.template_capacity;
        let mut state = self.shared.state();
        let (uid, finger) = (row.uid, row.finger);
        if !state.people().has(uid) {
            return Err(Error::NobodyInSlot { uid });
        }
        let known = state.templates.get(uid, finger).is_some();
        if !known && state.templates.len() >= usize::from(capacity) {
            return Err(Error::TemplatesFull { capacity });
        }
        state.templates.put(row);
        drop(state);
        self.record(Done::FingerEnrolled, [uid, 0, 0, u16::from(finger)]);
        Ok(())
    }
}

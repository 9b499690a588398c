//! The users, from inside.

use super::Handle;
use crate::{contents::User, error::Error, people::Rules};

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
        Ok(uid)
    }

    /// Removes a user, as at the terminal itself; their punches stay. `false` where there was none.
    pub fn remove_user(&self, pin: &str) -> bool {
        let mut state = self.shared.state();
        match state.people().slot_of(pin) {
            Some(uid) => state.people_mut().remove(uid),
            None => false,
        }
    }
}

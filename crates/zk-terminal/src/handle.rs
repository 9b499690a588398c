use std::{net::SocketAddr, sync::Arc};

use jiff::civil::DateTime;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    activity::Activity,
    contents::{Punch, User},
    error::Error,
    faults::Faults,
    shared::Shared,
};

/// A running terminal, seen from inside: people punch, faults come and go, and what clients did is counted.
///
/// Dropping it stops the terminal without waiting; [`stop`](Self::stop) waits until the port is free.
#[derive(Debug)]
pub struct Handle {
    shared: Arc<Shared>,
    address: SocketAddr,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Handle {
    pub(crate) fn new(
        shared: Arc<Shared>,
        address: SocketAddr,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            shared,
            address,
            tasks,
            stop,
        }
    }

    /// Where it listens, over TCP and UDP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The serial number.
    pub fn serial(&self) -> &str {
        &self.shared.config.serial
    }

    /// The time by the terminal's own clock.
    pub fn time(&self) -> DateTime {
        self.shared.time()
    }

    /// Whether a client has disabled the terminal, so that nobody can punch.
    pub fn is_disabled(&self) -> bool {
        self.shared.state().is_disabled()
    }

    /// Adds this row to the log, whoever and whenever it is, and tells it to clients that registered for events.
    ///
    /// A time that the wire cannot hold (before 2000 or after 2099) becomes a row whose date is impossible, as occurs on
    /// real terminals.
    pub fn punch(&self, punch: Punch) {
        self.shared.punch(punch);
    }

    /// The user with this PIN punches now, with a finger. `None` where the terminal knows no such user.
    pub fn punch_by(&self, pin: &str, state: u8) -> Option<Punch> {
        let uid = self.shared.state().people.slot_of(pin)?;
        let punch = Punch {
            uid,
            pin: pin.to_owned(),
            time: self.time(),
            state,
            verify: 1,
            work_code: 0,
        };
        self.shared.punch(punch.clone());
        Some(punch)
    }

    /// A user picked by the terminal's seed punches now: in, and out the next time.
    ///
    /// Nobody punches twice in one second. `None` where that leaves nobody, and while the terminal is disabled.
    pub fn punch_random(&self) -> Option<Punch> {
        self.shared.punch_random()
    }

    /// The users, in the order of their table.
    pub fn users(&self) -> Vec<User> {
        self.shared.state().people.users()
    }

    /// The log, the oldest first.
    pub fn punches(&self) -> Vec<Punch> {
        self.shared.state().log.punches().iter().cloned().collect()
    }

    /// Enrols a user, as at the terminal itself.
    ///
    /// # Errors
    ///
    /// [`Error::UserTableFull`], [`Error::PinTaken`], [`Error::SlotTaken`] or [`Error::UserInvalid`].
    pub fn add_user(&self, user: &User) -> Result<(), Error> {
        self.shared.state().people.add(user)
    }

    /// Removes a user, as at the terminal itself; their punches stay. `false` where there was none.
    pub fn remove_user(&self, pin: &str) -> bool {
        let mut state = self.shared.state();
        match state.people.slot_of(pin) {
            Some(uid) => state.people.remove(uid),
            None => false,
        }
    }

    /// What clients did so far.
    pub fn activity(&self) -> Activity {
        self.shared.state().activity
    }

    /// What goes wrong at present. Faults that strike once are gone from here afterwards.
    pub fn faults(&self) -> Faults {
        self.shared.state().faults
    }

    /// Sets what shall go wrong, from the next answer on.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.state().faults = faults;
    }

    /// Stops the terminal: connections are cut, and the port is free when this returns. A second call only waits.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

//! What is done at the terminal, and what it shows.

use zk_wire::OperationRow;

use super::Handle;
use crate::{
    effects::{Door, Effect},
    operations::Done,
};

impl Handle {
    /// What happened at the terminal because clients said so, the oldest first; the last thousand.
    pub fn effects(&self) -> Vec<Effect> {
        self.shared.state().effects.all()
    }

    /// The log of operations, the oldest first: what clients did, and what was done here.
    pub fn operations(&self) -> Vec<OperationRow> {
        self.shared.state().operations.rows().copied().collect()
    }

    /// How the door stands.
    pub fn set_door(&self, door: Door) {
        self.shared.state().effects.door = door;
    }

    /// The state that the terminal tells of itself: 0 idle, 1 enrolling, 2 identifying, 3 in the menu, 4 busy, 5 writing a
    /// card. `None`: 2, or 4 while it is disabled.
    pub fn set_state(&self, state: Option<u16>) {
        self.shared.state().shown = state;
    }

    pub(super) fn record(&self, done: Done, values: [u16; 4]) {
        let now = self.shared.time();
        self.shared.state().operations.record(done, now, values);
    }
}

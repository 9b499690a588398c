//! Live events, from inside.

use super::Handle;
use crate::live::{LiveEvent, LiveShape};

impl Handle {
    /// What the terminal tells of at once, how and to whom, from now on.
    pub fn set_live(&self, live: LiveShape) {
        self.shared.state().live = live;
    }

    /// Tells clients that registered for it of something else than a punch.
    pub fn tell(&self, event: LiveEvent) {
        self.shared.tell(event.into());
    }
}

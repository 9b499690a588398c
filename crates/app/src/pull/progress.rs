use std::io::{self, IsTerminal as _, Write as _};

/// Tells on standard error how far a read is, where a person watches that and not the output itself.
pub(super) struct Progress {
    watched: bool,
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        let watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self {
            watched,
            shown: false,
        }
    }

    pub(super) fn show(&mut self, rows: u64, all: usize) {
        if self.watched {
            // Nothing depends on it.
            let _ = write!(io::stderr(), "\r{rows} of {all} punches");
            self.shown = true;
        }
    }
}

impl Drop for Progress {
    /// Leaves the line to what comes after.
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

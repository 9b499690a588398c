//! The terminal's idea of the time, which the caller provides: this crate reads no clock.

use std::{fmt, sync::Arc};

use jiff::civil::DateTime;

/// Tells the true local time of the place where the terminal hangs.
///
/// The terminal's own clock is this one plus an offset, which setting the terminal's clock changes.
#[derive(Clone)]
pub struct LocalClock(Arc<dyn Fn() -> DateTime + Send + Sync>);

impl LocalClock {
    /// A clock that asks `read` each time.
    pub fn new(read: impl Fn() -> DateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// A clock that stands still, for tests.
    pub fn stopped_at(time: DateTime) -> Self {
        Self::new(move || time)
    }

    /// The local time now.
    pub fn now(&self) -> DateTime {
        (self.0)()
    }
}

impl fmt::Debug for LocalClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalClock").finish_non_exhaustive()
    }
}

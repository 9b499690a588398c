//! The one place where the program reads the time.

use domain::Clock;
use jiff::Timestamp;

/// The system's clock, to the millisecond: so the ledger keeps times, and what was not written yet reads the same.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else is given"
    )]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait after the store failed: longer each time, until it works again.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    failures: u32,
}

impl Trouble {
    pub(super) fn next_sleep(&mut self) -> Duration {
        let sleep = FIRST
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST);
        self.failures += 1;
        sleep
    }

    /// Whether nothing failed before; only then is it news.
    pub(super) fn is_new(&self) -> bool {
        self.failures == 0
    }

    pub(super) fn is_over(&mut self) {
        if !self.is_new() {
            tracing::info!("the ledger takes what must be written again; delivery goes on");
        }
        self.failures = 0;
    }
}

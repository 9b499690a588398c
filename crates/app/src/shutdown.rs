//! When to stop: a signal from the system, and how long what runs may take to end.

use std::time::Duration;

/// The whole of a shutdown, after which the process ends whatever is left.
pub(crate) const DEADLINE: Duration = Duration::from_millis(9_700);
/// How much of it is for closing the ledger, whatever did not end before.
pub(crate) const CLOSING: Duration = Duration::from_millis(700);
/// How long a request to the server may still take: a client that does not end its request keeps nobody.
pub(crate) const REQUESTS: Duration = Duration::from_millis(8_500);

/// Some tools send their signal twice, to the process and to its group.
const SAME_SIGNAL: Duration = Duration::from_secs(1);

/// The system's wish that the process stops. Taken at the start: a signal that comes before anybody waits for it is kept,
/// and does not kill the process in the middle of what it begins.
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    pub(crate) fn take() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Ends when the process is asked to stop, or was since these were taken.
    pub(crate) async fn next(&mut self) -> anyhow::Result<()> {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await?;
        Ok(())
    }
}

/// Ends when the process is asked once more to stop.
pub(crate) async fn second_signal() -> anyhow::Result<()> {
    tokio::time::sleep(SAME_SIGNAL).await;
    signal().await
}

/// Ends when the system asks the process to stop, from now on.
pub(crate) async fn signal() -> anyhow::Result<()> {
    Signals::take()?.next().await
}

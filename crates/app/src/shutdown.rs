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

/// Ends when the process is asked once more to stop.
pub(crate) async fn second_signal() -> anyhow::Result<()> {
    tokio::time::sleep(SAME_SIGNAL).await;
    signal().await
}

/// Ends when the system asks the process to stop.
pub(crate) async fn signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

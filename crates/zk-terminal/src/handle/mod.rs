use std::{mem, net::SocketAddr, sync::Arc};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{activity::Activity, faults::Faults, shared::Shared, traffic::Traffic};

mod care;
mod live;
mod log;
mod make;
mod orders;
mod users;

pub use orders::OrderError;

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
    pub fn serial(&self) -> String {
        self.shared.state().options.serial().to_owned()
    }

    /// Whether a client has disabled the terminal, so that nobody can punch.
    pub fn is_disabled(&self) -> bool {
        self.shared.state().is_disabled()
    }

    /// What clients did so far.
    pub fn activity(&self) -> Activity {
        self.shared.state().activity
    }

    /// What went over the wire since the start or since [`reset_traffic`](Self::reset_traffic).
    pub fn traffic(&self) -> Traffic {
        self.shared.state().traffic.clone()
    }

    /// Counts packets and bytes from 0 on again, and gives what was counted.
    pub fn reset_traffic(&self) -> Traffic {
        mem::take(&mut self.shared.state().traffic)
    }

    /// Closes all connections as they are, and forgets all UDP sessions; clients may connect again at once.
    pub fn cut_connections(&self) {
        self.shared.state().take_leash().cut.cancel();
    }

    /// All conversations that run now die without a sign, as when a terminal restarts: nothing is answered, no event
    /// comes, and nothing is closed. Clients may connect again at once.
    pub fn die_silently(&self) {
        self.shared.state().take_leash().silence.cancel();
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

//! The handle that the rest of the program holds.

use std::{sync::Arc, time::Duration};

use domain::Clock;
use jiff::{Timestamp, tz::TimeZone};
use storage::Store;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    DeliveryError, FetchError, FetchRequest, OutboundPolicy, body::Apart, client::OutboundClient,
    supervisor,
};

/// What holds for every destination.
#[derive(Debug, Clone)]
pub struct DeliverySettings {
    /// For one request, from connecting to the last byte of the answer.
    pub timeout: Duration,
    pub policy: OutboundPolicy,
    /// Where the jitter of the schedules begins.
    pub jitter_seed: u64,
    /// The server's own zone: `export_time` is its wall clock.
    pub zone: TimeZone,
}

/// Sends what the outbox holds, for as long as its tasks run; cheap to clone.
#[derive(Clone)]
pub struct Delivery {
    shared: Arc<Shared>,
}

/// What all workers use.
pub(crate) struct Shared {
    pub(crate) settings: DeliverySettings,
    pub(crate) store: Store,
    pub(crate) client: OutboundClient,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tracker: TaskTracker,
    pub(crate) apart: Apart,
    pub(crate) stop: CancellationToken,
    /// Counts the calls to [`Delivery::wake`].
    pub(crate) wake: watch::Sender<u64>,
    /// Counts the attempts whose outcome is committed.
    pub(crate) progress: watch::Sender<u64>,
}

impl Delivery {
    /// Starts a worker for each destination, on `tracker`, until `stop`; a request in flight then has 8 s to end.
    ///
    /// Must be called within a Tokio runtime.
    pub fn start(
        settings: DeliverySettings,
        store: Store,
        clock: Arc<dyn Clock>,
        tracker: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, DeliveryError> {
        let client = OutboundClient::new(settings.policy.clone())?;
        let shared = Arc::new(Shared {
            settings,
            store,
            client,
            clock,
            tracker: tracker.clone(),
            apart: Apart::new(tracker),
            stop,
            wake: watch::Sender::new(0),
            progress: watch::Sender::new(0),
        });
        tracker.spawn(supervisor::run(Arc::clone(&shared)));
        Ok(Self { shared })
    }

    /// To be called after punches were stored, and after a destination's settings changed.
    pub fn wake(&self) {
        self.shared
            .wake
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Changes after each attempt whose outcome is committed: who waits for records to be sent looks again then.
    pub fn progress(&self) -> watch::Receiver<u64> {
        self.shared.progress.subscribe()
    }

    /// Fetches a document, behind the same guard as deliveries.
    pub async fn fetch(&self, request: FetchRequest) -> Result<Vec<u8>, FetchError> {
        self.shared.client.fetch(request).await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) fn client(&self) -> &OutboundClient {
        &self.shared.client
    }

    pub(crate) fn policy(&self) -> &OutboundPolicy {
        &self.shared.settings.policy
    }

    pub(crate) fn apart(&self) -> &Apart {
        &self.shared.apart
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        &self.shared.settings.zone
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.shared.settings.timeout
    }
}

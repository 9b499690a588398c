//! Keeps one worker a destination, as the store has them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::DestinationId;
use storage::StoreError;
use tokio::task::JoinHandle;

use crate::{handle::Shared, worker::Worker};

/// How often the store is looked at though nobody said that something changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);

pub(crate) async fn run(shared: Arc<Shared>) {
    let mut wake = shared.wake.subscribe();
    let mut workers = HashMap::new();
    loop {
        if let Err(error) = follow(&shared, &mut workers).await {
            tracing::error!("the destinations cannot be read: {error}");
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            // The sender lives in `shared`, so that this never fails.
            _ = wake.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Starts workers for destinations that have none; a worker whose destination is gone ends by itself.
async fn follow(
    shared: &Arc<Shared>,
    workers: &mut HashMap<DestinationId, JoinHandle<()>>,
) -> Result<(), StoreError> {
    let destinations = shared.store.destinations().await?;
    workers.retain(|_, worker| !worker.is_finished());
    for destination in destinations {
        let id = destination.id;
        if !shared.stop.is_cancelled() {
            workers.entry(id).or_insert_with(|| {
                shared
                    .tracker
                    .spawn(Worker::new(Arc::clone(shared), id).run())
            });
        }
    }
    Ok(())
}

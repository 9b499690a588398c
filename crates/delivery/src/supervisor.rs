//! Keeps one worker a destination, as the store has them, and their queues in line.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::DestinationId;
use storage::StoreError;
use tokio::task::JoinHandle;

use crate::{
    handle::Shared,
    housekeeping::{House, Kept},
    worker::Worker,
};

/// How often the store is looked at though nobody said that something changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How soon it is looked again whether a worker has ended.
const LOOK_SOON: Duration = Duration::from_millis(200);

type Workers = HashMap<DestinationId, JoinHandle<()>>;

pub(crate) async fn run(shared: Arc<Shared>) {
    let mut wake = shared.wake.subscribe();
    let mut workers = Workers::new();
    let mut house = House::default();
    while !shared.stop.is_cancelled() {
        wake.mark_unchanged();
        let kept = match look(&shared, &mut workers, &mut house).await {
            Ok(kept) => kept,
            Err(error) => {
                tracing::error!("the destinations cannot be read or kept: {error}");
                Kept::All
            }
        };
        let wait = match kept {
            Kept::Some => continue,
            Kept::ButBusy => LOOK_SOON,
            Kept::All => LOOK_EVERY,
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            // The sender lives in `shared`, so that this never fails.
            _ = wake.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn look(
    shared: &Arc<Shared>,
    workers: &mut Workers,
    house: &mut House,
) -> Result<Kept, StoreError> {
    follow(shared, workers).await?;
    house.keep(shared, |id| workers.contains_key(&id)).await
}

/// Starts workers for destinations that have none; a worker whose destination is gone ends by itself.
async fn follow(shared: &Arc<Shared>, workers: &mut Workers) -> Result<(), StoreError> {
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

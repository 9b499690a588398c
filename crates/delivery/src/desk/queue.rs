//! Adding, changing, pausing and replaying: what the store does, and the workers told of it.

use domain::{Destination, DestinationId, LocalTime, Mode, QueueWorkId};
use storage::{DestinationChange, DestinationSaved, NewDestination, Replay, StoreError};

use crate::Delivery;

impl Delivery {
    pub async fn create_destination(&self, new: NewDestination) -> Result<Destination, StoreError> {
        let made = self.store().create_destination(new, self.now()).await;
        self.wake();
        made
    }

    /// Also ends a pause that the receiver caused.
    pub async fn update_destination(
        &self,
        id: DestinationId,
        change: DestinationChange,
    ) -> Result<DestinationSaved, StoreError> {
        let saved = self
            .store()
            .update_destination(id, change, self.now())
            .await;
        self.wake();
        saved
    }

    pub async fn delete_destination(&self, id: DestinationId) -> Result<(), StoreError> {
        let deleted = self.store().delete_destination(id, self.now()).await;
        self.wake();
        deleted
    }

    /// Nothing more is sent until [`Delivery::resume`]; a request under way ends.
    pub async fn pause(&self, id: DestinationId) -> Result<Destination, StoreError> {
        let change = DestinationChange {
            mode: Some(Mode::Paused),
            ..DestinationChange::default()
        };
        Ok(self.update_destination(id, change).await?.destination)
    }

    /// What has queued goes, at the destination's rate, where it went before: one that was off is off again. A pause of
    /// the receiver's ends too.
    pub async fn resume(&self, id: DestinationId) -> Result<Destination, StoreError> {
        let saved = self.store().resume_destination(id, self.now()).await;
        self.wake();
        Ok(saved?.destination)
    }

    /// Queues stored punches that the destination wants and never got, in the background.
    pub async fn queue_past(
        &self,
        id: DestinationId,
        since: LocalTime,
    ) -> Result<QueueWorkId, StoreError> {
        let work = self.store().queue_past(id, since, self.now()).await;
        self.wake();
        work
    }

    /// Sends records again; gives how many are queued for it.
    pub async fn replay(&self, id: DestinationId, replay: Replay) -> Result<u64, StoreError> {
        let count = self.store().replay(id, replay, self.now()).await;
        self.wake();
        count
    }
}

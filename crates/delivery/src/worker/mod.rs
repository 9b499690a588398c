//! One destination's deliveries.
//!
//! A round reads what stands in the store, takes one decision and acts on it. All that decides is in the store, so a
//! worker may end after any round, or in the middle of one, and the next goes on from the last commit.

mod attempt;
mod blame;
mod choose;
mod divide;
mod news;
mod open;
mod probe;
mod run;
mod settle;
mod streak;
mod trouble;
mod unrendered;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use domain::{BatchId, DestinationId, LocalTime};
use jiff::Timestamp;
use storage::{AttemptNote, StoreError};
use tokio::sync::watch;

use crate::{handle::Shared, schedule::Jitter, sender::Sender};

pub(crate) use self::open::{next_records, request_of};
use self::{news::ParkedNews, trouble::Trouble};

/// The longest sleep: after it the clock and the store are looked at again, whatever was planned.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// So that a moment which is due within the same millisecond does not spin.
const SHORTEST_SLEEP: Duration = Duration::from_millis(5);

pub(crate) struct Worker {
    shared: Arc<Shared>,
    id: DestinationId,
    wake: watch::Receiver<u64>,
    jitter: Jitter,
    news: ParkedNews,
    trouble: Trouble,
    turn: Turn,
    sender: Sender,
}

/// Records with a schedule of their own and the queue take turns, so that neither starves the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Queue,
    OwnSchedule,
}

/// What follows a round.
#[derive(Debug)]
enum Round {
    Again,
    /// Until this moment, or until something changes.
    Wait(Option<Timestamp>),
    End,
}

impl Worker {
    pub(crate) fn new(shared: Arc<Shared>, id: DestinationId) -> Self {
        let seed = shared.settings.jitter_seed ^ id.0.cast_unsigned();
        Self {
            id,
            wake: shared.wake.subscribe(),
            jitter: Jitter::new(seed),
            news: ParkedNews::default(),
            trouble: Trouble::default(),
            turn: Turn::Queue,
            sender: Sender::new(shared.client.clone()),
            shared,
        }
    }

    pub(crate) async fn run(mut self) {
        self.recover().await;
        while !self.shared.stop.is_cancelled() {
            self.wake.mark_unchanged();
            match self.round().await {
                Ok(Round::Again) => self.trouble.is_over(),
                Ok(Round::Wait(until)) => {
                    self.trouble.is_over();
                    self.wait(until).await;
                }
                Ok(Round::End) => return,
                // Somebody changed what this round was about: look again.
                Err(StoreError::Conflict(reason)) => {
                    tracing::debug!(destination.id = self.id.0, "{reason}");
                    tokio::time::sleep(SHORTEST_SLEEP).await;
                }
                Err(error) => self.wait_out(&error).await,
            }
        }
    }

    /// Batches that were being sent when the program ended go again at once, as if nothing had happened.
    async fn recover(&mut self) {
        while !self.shared.stop.is_cancelled() {
            match self.recover_once().await {
                Ok(0) => return self.trouble.is_over(),
                Ok(count) => {
                    tracing::info!(
                        destination.id = self.id.0,
                        "{count} batches whose answer was never seen go again under their old ids"
                    );
                    return self.trouble.is_over();
                }
                Err(error) => self.wait_out(&error).await,
            }
        }
    }

    async fn recover_once(&self) -> Result<u64, StoreError> {
        let store = &self.shared.store;
        let destination = store.destination(self.id).await?;
        if destination.is_some_and(|destination| !destination.needs_mapping) {
            // The change that lets them go may have been cut off.
            store.release_unmapped(self.id).await?;
        }
        store.recover_batches(self.id).await
    }

    async fn round(&mut self) -> Result<Round, StoreError> {
        let Some(destination) = self.shared.store.destination(self.id).await? else {
            return Ok(Round::End);
        };
        if destination.url.is_none() {
            return Ok(Round::Wait(None));
        }
        match self.choose(&destination).await? {
            choose::Next::Again => Ok(Round::Again),
            choose::Next::Wait(until) => {
                self.tell_parked_later().await;
                Ok(Round::Wait(until))
            }
            choose::Next::Send(batch, company) => self.attempt(&destination, &batch, company).await,
        }
    }

    async fn wait(&mut self, until: Option<Timestamp>) {
        let sleep = until.map_or(LONGEST_SLEEP, |at| {
            Duration::try_from(at.duration_since(self.now())).unwrap_or_default()
        });
        tokio::select! {
            () = self.shared.stop.cancelled() => {}
            // The sender lives in `shared`, so that this never fails.
            _ = self.wake.changed() => {}
            () = tokio::time::sleep(sleep.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)) => {}
        }
    }

    /// Nothing is sent while the store does not take what must be committed first.
    async fn wait_out(&mut self, error: &StoreError) {
        let is_new = self.trouble.is_new();
        let sleep = self.trouble.next_sleep();
        let text = "delivery waits because the ledger does not take what must be written first";
        let duration_ms = u64::try_from(sleep.as_millis()).unwrap_or(u64::MAX);
        if is_new {
            tracing::error!(destination.id = self.id.0, "{text}: {error}");
        } else {
            tracing::debug!(destination.id = self.id.0, duration_ms, "{text}: {error}");
        }
        tokio::select! {
            () = self.shared.stop.cancelled() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }

    fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    fn wall_clock(&self, now: Timestamp) -> LocalTime {
        LocalTime::at(now, &self.shared.settings.zone)
    }

    fn note(&self, batch: BatchId, status: Option<u16>, error: Option<String>) -> AttemptNote {
        AttemptNote {
            destination: self.id,
            batch,
            status,
            error,
            at: self.now(),
            attempt: None,
        }
    }
}

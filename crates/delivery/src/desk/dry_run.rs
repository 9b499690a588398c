//! What would be sent now, and what keeps it back.

use domain::{BatchId, Destination, DestinationId, LocalTime, Mode, Pause, PunchId, RecordId};
use jiff::Timestamp;
use storage::{Batch, BatchRecord, BatchRole, Claim, OutboxCounts, StoreError};

use crate::{
    Delivery, ShownRequest, SpecFault, schedule,
    worker::{next_records, request_of},
};

/// A look ahead; nothing is sent and nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// The next request; `None` when nothing waits.
    pub next: Option<DryBatch>,
    /// Why it is not sent at once; empty when it is.
    pub held_back: Vec<HeldBack>,
    pub counts: OutboxCounts,
}

/// A request that would be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryBatch {
    /// It was tried before and goes again under its id.
    pub again: bool,
    pub records: Vec<RecordId>,
    /// Secrets masked.
    pub request: Result<ShownRequest, SpecFault>,
}

/// Why a destination's records do not go at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldBack {
    /// Nobody has set a URL.
    NoUrl,
    /// Only what a person asks for goes.
    Off,
    /// A person paused it.
    Paused,
    /// The receiver's door is shut.
    Shut(Pause),
    /// It failed of late.
    Retry { at: Timestamp },
    /// No more requests a minute than this.
    RateLimit { per_minute: u32, at: Timestamp },
    /// By its schedule; `None`: the schedule was not looked at yet.
    Schedule { at: Option<Timestamp> },
    /// The queue is being brought in line; records up to this punch may go.
    Queue { upto: PunchId },
    /// So many wait until somebody is known behind their user ids; the others go.
    Unmapped { records: u64 },
}

impl Delivery {
    /// `None` when there is no such destination.
    pub async fn dry_run(&self, id: DestinationId) -> Result<Option<DryRun>, StoreError> {
        let store = self.store();
        let Some(destination) = store.destination(id).await? else {
            return Ok(None);
        };
        let now = self.now();
        let open = store.open_batches(id).await?;
        let next = match open.into_iter().next() {
            Some(batch) => {
                let records = store.batch_records(batch.id).await?;
                Some(self.dry(&destination, &batch, &records).await)
            }
            None => self.unopened(&destination, now).await?,
        };
        let counts = store.outbox_counts(id).await?;
        let mut held_back = held_back(&destination, now);
        if counts.unmapped > 0 {
            held_back.push(HeldBack::Unmapped {
                records: counts.unmapped,
            });
        }
        Ok(Some(DryRun {
            next,
            held_back,
            counts,
        }))
    }

    /// The batch that would be opened next.
    async fn unopened(
        &self,
        destination: &Destination,
        now: Timestamp,
    ) -> Result<Option<DryBatch>, StoreError> {
        let store = self.store();
        let chosen = next_records(store, destination, Claim::EVERYTHING).await?;
        let Some(first) = chosen.first() else {
            return Ok(None);
        };
        let Some(terminal) = store.terminal(first.terminal_id).await? else {
            return Ok(None);
        };
        let (shape, idempotency_key) = request_of(destination, &chosen);
        let batch = Batch {
            id: BatchId(0),
            destination_id: destination.id,
            terminal_id: terminal.id,
            shape,
            idempotency_key,
            device_ip: terminal.address.host,
            device_port: terminal.address.port,
            device_name: terminal.name,
            device_serial: terminal.serial,
            export_time: LocalTime::at(now, self.zone()).to_string(),
            size: u32::try_from(chosen.len()).unwrap_or(u32::MAX),
            holds_asked: false,
            attempts: 0,
            server_errors: 0,
            in_doubt: false,
            role: BatchRole::Plain,
            others_passed: false,
            created_at: now,
        };
        let ids: Vec<_> = chosen.iter().map(|each| each.id).collect();
        let records = store.records(&ids).await?;
        Ok(Some(self.dry(destination, &batch, &records).await))
    }

    async fn dry(
        &self,
        destination: &Destination,
        batch: &Batch,
        records: &[BatchRecord],
    ) -> DryBatch {
        let request = self.apart().show(destination, batch, records).await;
        DryBatch {
            again: batch.attempts > 0,
            records: records.iter().map(|each| each.record_id.clone()).collect(),
            request: request.map_err(SpecFault::from),
        }
    }
}

/// Everything that keeps a destination's records back at `now`.
pub(super) fn held_back(destination: &Destination, now: Timestamp) -> Vec<HeldBack> {
    let mut all = Vec::new();
    if destination.url.is_none() {
        all.push(HeldBack::NoUrl);
    }
    match destination.mode {
        Mode::On => {}
        Mode::Off => all.push(HeldBack::Off),
        Mode::Paused => all.push(HeldBack::Paused),
    }
    if let Some(pause) = &destination.pause {
        all.push(HeldBack::Shut(pause.clone()));
    }
    if let Some(at) = destination.retry_at.filter(|at| *at > now) {
        all.push(HeldBack::Retry { at });
    }
    if let Some((last, per_minute)) = destination.last_attempt_at.zip(destination.rate_limit) {
        let at = schedule::next_allowed(last, per_minute);
        if at > now {
            all.push(HeldBack::RateLimit { per_minute, at });
        }
    }
    if destination.schedule != domain::Schedule::AtOnce && destination.run_upto.is_none() {
        let at = destination.next_run_at;
        if at.is_none_or(|at| at > now) {
            all.push(HeldBack::Schedule { at });
        }
    }
    if let Some(upto) = destination.queue_upto {
        all.push(HeldBack::Queue { upto });
    }
    all
}

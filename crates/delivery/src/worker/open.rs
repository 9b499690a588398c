//! Taking waiting records into batches.

use domain::{BatchShape, BodySpec, Destination, batch_key};
use jiff::Timestamp;
use storage::{BatchRole, Candidate, Claim, NewBatch, Store, StoreError};

use crate::compose::compose;

use super::Worker;

/// Most records that one look at the queue brings into memory.
const LOOK_AHEAD: u32 = 10_000;

impl Worker {
    /// Opens a batch with the next records of the queue; `false` when nothing waits.
    pub(super) async fn open_next(
        &mut self,
        destination: &Destination,
        claim: Claim,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let chosen = next_records(&self.shared.store, destination, claim).await?;
        if chosen.is_empty() {
            return Ok(false);
        }
        self.open(destination, &chosen, BatchRole::Plain, false, now)
            .await?;
        Ok(true)
    }

    /// A record that failed while others passed goes by itself.
    pub(super) async fn open_own_retry(
        &mut self,
        destination: &Destination,
        candidate: &Candidate,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.open(
            destination,
            std::slice::from_ref(candidate),
            BatchRole::Suspected,
            true,
            now,
        )
        .await
    }

    /// `records` are of one terminal, in the order of the ledger, and at least one.
    pub(super) async fn open(
        &mut self,
        destination: &Destination,
        records: &[Candidate],
        role: BatchRole,
        others_passed: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if destination.needs_mapping && records.iter().any(|each| each.person.is_none()) {
            // Those of nobody wait by themselves; the others are chosen anew, without them.
            let unmapped = records.iter().filter(|each| each.person.is_none());
            let unmapped = unmapped.map(|each| each.id).collect();
            self.shared.store.hold_unmapped(unmapped).await?;
            return Ok(());
        }
        let Some(first) = records.first() else {
            return Ok(());
        };
        let (shape, idempotency_key) = request_of(destination, records);
        let new = NewBatch {
            destination_id: self.id,
            terminal_id: first.terminal_id,
            shape,
            idempotency_key,
            export_time: self.wall_clock(now),
            role,
            others_passed,
            records: records.iter().map(|each| each.id).collect(),
        };
        self.shared.store.open_batch(new, now).await?;
        Ok(())
    }
}

/// The next records of the queue that fit into one request, oldest first.
pub(crate) async fn next_records(
    store: &Store,
    destination: &Destination,
    claim: Claim,
) -> Result<Vec<Candidate>, StoreError> {
    let limit = batch_limit(destination);
    let enough = usize::try_from(limit).unwrap_or(usize::MAX);
    // Other terminals' records may stand between, a few or many.
    for look in [limit.saturating_mul(2), LOOK_AHEAD] {
        let candidates = store.candidates(destination.id, claim, look).await?;
        let is_all = u32::try_from(candidates.len()).is_ok_and(|found| found < look);
        let chosen = compose(candidates, enough, destination.order);
        if is_all || chosen.len() >= enough.div_ceil(2) || look >= LOOK_AHEAD {
            return Ok(chosen);
        }
    }
    Ok(Vec::new())
}

/// The shape of a request with these records, and its id.
pub(crate) fn request_of(destination: &Destination, records: &[Candidate]) -> (BatchShape, String) {
    let shape = shape_for(destination, records.len());
    let key = match (shape, records) {
        (BatchShape::Bare, [only]) => only.record_id.as_str().to_owned(),
        (BatchShape::Bare | BatchShape::Batch, _) => {
            batch_key(records.iter().map(|each| &each.record_id))
        }
    };
    (shape, key)
}

/// A single record is a batch of one, but for a receiver that takes bare records only.
pub(super) fn shape_for(destination: &Destination, records: usize) -> BatchShape {
    let is_bare = match destination.spec.body {
        BodySpec::Bare => true,
        BodySpec::Seed => destination.bare_only,
        BodySpec::Events | BodySpec::Template { .. } => destination.spec.takes_one_record(),
    };
    if is_bare && records == 1 {
        BatchShape::Bare
    } else {
        BatchShape::Batch
    }
}

/// Whether nothing smaller or simpler than this can be tried: only the seed's body has a simpler shape for one record.
pub(super) fn is_simplest(destination: &Destination, shape: BatchShape, records: usize) -> bool {
    let has_bare = match destination.spec.body {
        BodySpec::Seed => true,
        BodySpec::Bare | BodySpec::Events | BodySpec::Template { .. } => false,
    };
    records == 1 && (shape == BatchShape::Bare || !has_bare)
}

fn batch_limit(destination: &Destination) -> u32 {
    if destination.bare_only || destination.spec.takes_one_record() {
        return 1;
    }
    destination
        .max_batch
        .unwrap_or(u32::MAX)
        .min(destination.batch_size)
        .max(1)
}

//! Many records were refused in a row: are they bad, or does the receiver refuse everything?
//!
//! Ten punches of one person whom the receiver does not know may well stand together. So before it is paused, a record
//! of somebody else is tried.

use std::collections::HashSet;

use domain::{Destination, Pause};
use jiff::Timestamp;
use storage::{Batch, BatchPart, BatchRecord, BatchRole, Claim, ParkedRecord, StoreError, Whose};

use crate::schedule;

use super::{
    Worker,
    choose::{Company, Next},
    divide,
    open::shape_for,
};

/// Records refused in a row with none accepted between, after which it may be the receiver.
pub(super) const REFUSED_IN_A_ROW: u32 = 10;
const REFUSES_EVERYTHING: &str = "refuses_everything";
/// How many parked records are looked at to know whose were refused.
const LOOK_BACK: u32 = 50;

impl Worker {
    /// Sends a witness, or pauses the destination where that was refused too or nobody else waits.
    pub(super) async fn doubt_receiver(
        &mut self,
        destination: &Destination,
        open: Vec<Batch>,
        claim: Claim,
        now: Timestamp,
    ) -> Result<Next, StoreError> {
        if destination.refused_streak > REFUSED_IN_A_ROW {
            self.put_back(destination).await?;
            return Ok(Next::Again);
        }
        if let Some(witness) = open.iter().find(|batch| batch.role == BatchRole::Witness) {
            return Ok(Next::Send(witness.clone(), Company::None));
        }
        if !self.call_witness(destination, &open, claim, now).await? {
            self.put_back(destination).await?;
        }
        Ok(Next::Again)
    }

    /// Makes a batch of one record of somebody none of whose records was refused; `false` when there is nobody.
    async fn call_witness(
        &mut self,
        destination: &Destination,
        open: &[Batch],
        claim: Claim,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let parked = self.shared.store.parked(self.id, None, LOOK_BACK).await?;
        let mut unfit: HashSet<Whose> = parked.iter().map(ParkedRecord::whose).collect();
        let blocked = self.behind_others(open).await?;
        for (index, batch) in (0..).zip(open) {
            let records = self.shared.store.batch_records(batch.id).await?;
            if batch.in_doubt && records.len() > 1 {
                // It goes again as it is, before anything else of these people.
                unfit.extend(records.iter().map(BatchRecord::whose));
                continue;
            }
            let fit = |record: &BatchRecord| {
                !unfit.contains(&record.whose()) && blocked.is_alone(index, record)
            };
            if let Some(place) = records.iter().position(fit) {
                self.send_ahead(destination, batch, &records, place, now)
                    .await?;
                return Ok(true);
            }
        }
        match self
            .shared
            .store
            .uninvolved_candidate(self.id, claim)
            .await?
        {
            Some(candidate) if !unfit.contains(&candidate.whose()) => {
                self.open(destination, &[candidate], BatchRole::Witness, false, now)
                    .await?;
                Ok(true)
            }
            Some(_) | None => Ok(false),
        }
    }

    /// Makes one record of a batch a batch of its own.
    pub(super) async fn send_ahead(
        &mut self,
        destination: &Destination,
        batch: &Batch,
        records: &[BatchRecord],
        index: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (ahead, rest): (Vec<_>, Vec<_>) = records
            .iter()
            .enumerate()
            .partition(|(place, _)| *place == index);
        let records_of = |part: Vec<(usize, _)>| {
            part.into_iter()
                .map(|(_, record)| record)
                .collect::<Vec<_>>()
        };
        let (ahead, rest) = (records_of(ahead), records_of(rest));
        let same_time = rest
            .is_empty()
            .then(|| batch.export_time.parse().ok())
            .flatten();
        let shape = if rest.is_empty() {
            batch.shape
        } else {
            shape_for(destination, 1)
        };
        let mut parts: Vec<BatchPart> = vec![divide::part(&ahead, shape, BatchRole::Witness)];
        if !rest.is_empty() {
            parts.push(divide::part(
                &rest,
                shape_for(destination, rest.len()),
                batch.role,
            ));
        }
        let note = self.note(
            batch.id,
            destination.last_status,
            destination.last_error.clone(),
        );
        let export_time = same_time.unwrap_or_else(|| self.wall_clock(now));
        self.shared
            .store
            .settle_divided(note, parts, export_time, None)
            .await
    }

    /// What was refused in this streak waits again, and the destination is paused.
    async fn put_back(&mut self, destination: &Destination) -> Result<(), StoreError> {
        let now = self.now();
        let pause = Pause {
            code: REFUSES_EVERYTHING.to_owned(),
            reason: format!(
                "the receiver refused {} records in a row, the last one with: {}; see what it expects, then resume \
                 delivery",
                destination.refused_streak,
                destination.last_error.as_deref().unwrap_or("no reason")
            ),
            since: now,
            probe_at: Some(schedule::next_probe(now)),
        };
        self.shared
            .store
            .put_back_refused(self.id, pause.clone())
            .await?;
        self.tell_paused(destination, &pause).await;
        Ok(())
    }
}

//! Whose fault answers 500 are, and successes that call themselves an error: the receiver's, or one record's.
//!
//! A batch that was answered so four times becomes suspected and is halved. When one half passes, the receiver is well
//! and the other half is guilty: it is halved in turn, down to the one record, which then waits by itself. When neither
//! passes it is the receiver, and its schedule holds. But each half may hold a bad record, and a batch of one cannot be
//! halved: so a witness is sent now and then, a record of somebody who has nothing to do with it.

use domain::Destination;
use jiff::{SignedDuration, Timestamp};
use storage::{Batch, BatchRecord, BatchRole, Claim, Leftover, StoreError};

use crate::schedule;

use super::{
    Worker,
    choose::{Company, Next},
    divide,
    open::shape_for,
};

/// Answers 500 to one batch after which it may be the batch's fault.
pub(super) const PATIENCE: u32 = 4;
/// Witnesses that are sent before the receiver is simply waited for, and then one more each time patience ends.
const WITNESSES: u32 = 3;

/// What to do with open batches; the numbers are places in the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Send(usize),
    /// Answered 500 while another was accepted.
    Guilty(usize),
    /// Answered 500 four times, and nothing is known of others.
    Halve(usize),
    /// All were answered 500; whether the receiver takes anything is not known.
    Undecided,
}

/// `open` holds the oldest records first.
pub(super) fn judge(open: &[Batch]) -> Verdict {
    if let Some(index) = open.iter().position(is_guilty) {
        return Verdict::Guilty(index);
    }
    if let Some(index) = open.iter().position(is_untried_suspect) {
        return Verdict::Send(index);
    }
    let halvable =
        |batch: &Batch| batch.role == BatchRole::Plain && is_accused(batch) && batch.size > 1;
    if let Some(index) = open.iter().position(halvable) {
        return Verdict::Halve(index);
    }
    match open.iter().position(|batch| !is_accused(batch)) {
        Some(index) => Verdict::Send(index),
        None => Verdict::Undecided,
    }
}

/// Whether somebody else waits for a first try while the batch at `index` is sent.
pub(super) fn company(open: &[Batch], index: usize) -> Company {
    let untried = open
        .iter()
        .enumerate()
        .any(|(place, batch)| place != index && is_untried_suspect(batch));
    if untried {
        Company::Untried
    } else {
        Company::None
    }
}

/// Whether one more answer 500 decides about the batch, so that the destination's schedule is not touched.
pub(super) fn is_decided_by_another(batch: &Batch) -> bool {
    let errors = batch.server_errors + 1;
    match batch.role {
        BatchRole::Plain if batch.others_passed => errors >= PATIENCE,
        // Its halves go at once; where it cannot be halved the schedule holds from the next answer on.
        BatchRole::Plain => errors == PATIENCE && batch.size > 1,
        BatchRole::Suspected | BatchRole::Witness => batch.others_passed,
    }
}

fn is_guilty(batch: &Batch) -> bool {
    batch.others_passed && has_failed_enough(batch)
}

fn is_accused(batch: &Batch) -> bool {
    !batch.others_passed && has_failed_enough(batch)
}

fn has_failed_enough(batch: &Batch) -> bool {
    match batch.role {
        BatchRole::Plain => batch.server_errors >= PATIENCE,
        BatchRole::Suspected | BatchRole::Witness => batch.server_errors >= 1,
    }
}

fn is_untried_suspect(batch: &Batch) -> bool {
    batch.role != BatchRole::Plain && !batch.others_passed && batch.server_errors == 0
}

/// What is known when a suspected batch is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    OthersPass,
    /// Nothing; the earlier part is to find out.
    Witness,
}

impl Worker {
    /// The receiver takes others: a guilty batch is halved, a guilty record waits by itself.
    pub(super) async fn condemn(
        &mut self,
        destination: &Destination,
        batch: &Batch,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let records = self.shared.store.batch_records(batch.id).await?;
        if let [only] = records.as_slice() {
            let leftover = Leftover {
                id: only.id,
                reason: "the receiver fails on this record while it takes others".to_owned(),
                cause: "server_error",
                due: self.own_due(destination, only, now),
            };
            let note = self.note(
                batch.id,
                destination.last_status,
                Some(leftover.reason.clone()),
            );
            return self.refuse(destination, note, vec![leftover]).await;
        }
        if let Some(halves) = divide::by_person(&records) {
            return self
                .divide_suspect(destination, batch, halves, Known::Nothing, now)
                .await;
        }
        match divide::in_order(&records) {
            // One person's: what follows is tried only when what comes before it is decided.
            Some(halves) => {
                self.divide_suspect(destination, batch, halves, Known::OthersPass, now)
                    .await
            }
            None => self.close_empty(batch).await,
        }
    }

    /// Halves a batch that was answered 500 four times; `false` when all of it is one person's.
    pub(super) async fn halve_suspect(
        &mut self,
        destination: &Destination,
        batch: &Batch,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let records = self.shared.store.batch_records(batch.id).await?;
        let Some(halves) = divide::by_person(&records) else {
            return Ok(false);
        };
        self.divide_suspect(destination, batch, halves, Known::Nothing, now)
            .await?;
        Ok(true)
    }

    /// Everything open was answered 500: sends somebody who has nothing to do with it, or else tries the open batches
    /// in turn.
    pub(super) async fn find_witness(
        &mut self,
        destination: &Destination,
        open: Vec<Batch>,
        claim: Claim,
        now: Timestamp,
    ) -> Result<Next, StoreError> {
        let sent = open
            .iter()
            .filter(|batch| batch.role == BatchRole::Witness)
            .count();
        let most_errors = open
            .iter()
            .map(|batch| batch.server_errors)
            .max()
            .unwrap_or(0);
        let allowed = WITNESSES + most_errors / PATIENCE;
        if u32::try_from(sent).unwrap_or(u32::MAX) < allowed {
            if let Some(candidate) = self
                .shared
                .store
                .uninvolved_candidate(self.id, claim)
                .await?
            {
                self.open(destination, &[candidate], BatchRole::Witness, false, now)
                    .await?;
                return Ok(Next::Again);
            }
            if self.split_off_witness(destination, &open, now).await? {
                return Ok(Next::Again);
            }
        }
        let least_tried = open.into_iter().min_by_key(|batch| batch.server_errors);
        Ok(least_tried.map_or(Next::Again, |batch| Next::Send(batch, Company::None)))
    }

    /// Nobody outside waits: one person's records out of a suspected batch are the witness. Where there is only one
    /// person, half of the records are, although the others may then arrive after them.
    async fn split_off_witness(
        &mut self,
        destination: &Destination,
        open: &[Batch],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(batch) = open
            .iter()
            .filter(|batch| batch.size > 1)
            .max_by_key(|batch| batch.size)
        else {
            return Ok(false);
        };
        let records = self.shared.store.batch_records(batch.id).await?;
        match divide::first_person(&records).or_else(|| divide::in_order(&records)) {
            Some(halves) => {
                self.divide_suspect(destination, batch, halves, Known::Witness, now)
                    .await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    async fn divide_suspect(
        &mut self,
        destination: &Destination,
        batch: &Batch,
        (earlier, later): divide::Halves<'_>,
        known: Known,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let role = match known {
            Known::Witness => BatchRole::Witness,
            Known::Nothing | Known::OthersPass => BatchRole::Suspected,
        };
        let mut parts = vec![
            divide::part(&earlier, shape_for(destination, earlier.len()), role),
            divide::part(
                &later,
                shape_for(destination, later.len()),
                BatchRole::Suspected,
            ),
        ];
        for part in &mut parts {
            part.others_passed = known == Known::OthersPass;
        }
        let note = self.note(
            batch.id,
            destination.last_status,
            Some("the receiver fails on these records again and again".to_owned()),
        );
        self.shared
            .store
            .settle_divided(note, parts, self.wall_clock(now), None)
            .await
    }

    /// When a record that failed by itself is tried again; `None` when its time is over.
    pub(super) fn own_due(
        &mut self,
        destination: &Destination,
        record: &BatchRecord,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let since = record.first_failed_at.unwrap_or(now);
        let tries = record.tries + 1;
        let patience = destination.give_up_after;
        match schedule::record_retry(tries, since, patience, now, &mut self.jitter) {
            Some(due) => Some(due),
            // Its time may have gone by in an outage, which parks nothing.
            None if is_receiver_well(destination, now) => None,
            None => schedule::record_retry(tries, now, patience, now, &mut self.jitter),
        }
    }
}

fn is_receiver_well(destination: &Destination, now: Timestamp) -> bool {
    const RECENTLY: SignedDuration = SignedDuration::from_hours(12);
    destination
        .last_success_at
        .is_some_and(|at| now.duration_since(at) < RECENTLY)
}

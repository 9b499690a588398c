//! Whose fault answers 500 are, and successes that call themselves an error: the receiver's, or one record's.
//!
//! A batch that was answered so four times becomes suspected and is halved. When one half passes, the receiver is well
//! and the other half is guilty: it is halved in turn, down to the one record, which then waits by itself. When neither
//! passes it is the receiver, and its schedule holds. But each half may hold a bad record, and a batch of one cannot be
//! halved: so a witness is sent now and then, a record of somebody who has nothing to do with it.
//!
//! Meanwhile nobody's later records are sent while earlier ones are in another open batch.

use std::collections::{HashMap, HashSet};

use domain::{Destination, PunchId};
use jiff::{SignedDuration, Timestamp};
use storage::{Batch, BatchRecord, BatchRole, Claim, Leftover, StoreError, Whose};

use crate::schedule;

use super::{
    Worker,
    choose::{Company, Next},
    divide,
    open::shape_for,
};

/// Answers 500 to one batch after which it may be the batch's fault.
pub(super) const PATIENCE: u32 = Batch::SERVER_ERRORS;
/// Witnesses that are sent before the receiver is simply waited for, and then one more each time patience ends.
const WITNESSES: u32 = 3;

/// Which open batches hold a record of somebody of whom an earlier one is in another: they wait for it, or a person's
/// records would arrive in another order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Blocked {
    batches: Vec<bool>,
    firsts: Vec<Firsts>,
}

/// The oldest record of each person in a batch.
pub(super) type Firsts = HashMap<Whose, PunchId>;

impl Blocked {
    /// For each open batch whose records are in it.
    pub(super) fn of(firsts: Vec<Firsts>) -> Self {
        let mut oldest = Firsts::new();
        for (whose, at) in firsts.iter().flatten() {
            let known = oldest.entry(whose.clone()).or_insert(*at);
            *known = (*known).min(*at);
        }
        let is_behind = |theirs: &Firsts| {
            theirs
                .iter()
                .any(|(whose, at)| oldest.get(whose).is_some_and(|oldest| oldest < at))
        };
        let batches = firsts.iter().map(is_behind).collect();
        Self { batches, firsts }
    }

    pub(super) fn holds(&self, index: usize) -> bool {
        self.batches.get(index).copied().unwrap_or(false)
    }

    /// Whether a record of the batch at `index` is all that waits of its person, but for later ones.
    pub(super) fn is_alone(&self, index: usize, record: &BatchRecord) -> bool {
        (0..).zip(&self.firsts).all(|(place, firsts): (usize, _)| {
            place == index
                || firsts
                    .get(&record.whose())
                    .is_none_or(|first| *first > record.punch_id)
        })
    }
}

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
pub(super) fn judge(open: &[Batch], blocked: &Blocked) -> Verdict {
    if let Some(index) = open.iter().position(is_guilty) {
        return Verdict::Guilty(index);
    }
    let first = |is: &dyn Fn(&Batch) -> bool| {
        (0..)
            .zip(open)
            .find(|(index, batch)| is(batch) && !blocked.holds(*index))
            .map(|(index, _)| index)
    };
    if let Some(index) = first(&is_untried_suspect) {
        return Verdict::Send(index);
    }
    let halvable =
        |batch: &Batch| batch.role == BatchRole::Plain && is_accused(batch) && batch.size > 1;
    if let Some(index) = first(&halvable) {
        return Verdict::Halve(index);
    }
    first(&|batch| !is_accused(batch)).map_or(Verdict::Undecided, Verdict::Send)
}

/// Whether they may go in another order than that of their oldest records.
fn may_change_order(open: &[Batch]) -> bool {
    let is_special =
        |batch: &Batch| batch.role != BatchRole::Plain || batch.others_passed || is_accused(batch);
    open.len() > 1 && open.iter().any(is_special)
}

/// Whether somebody else waits for a first try while the batch at `index` is sent.
pub(super) fn company(open: &[Batch], blocked: &Blocked, index: usize) -> Company {
    let untried = open
        .iter()
        .enumerate()
        .any(|(place, batch)| place != index && is_untried_suspect(batch) && !blocked.holds(place));
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
    /// Looks into the batches only where they do not simply go one after the other.
    pub(super) async fn blocked(&self, open: &[Batch]) -> Result<Blocked, StoreError> {
        if may_change_order(open) {
            self.behind_others(open).await
        } else {
            Ok(Blocked::default())
        }
    }

    pub(super) async fn behind_others(&self, open: &[Batch]) -> Result<Blocked, StoreError> {
        let mut firsts = Vec::with_capacity(open.len());
        for batch in open {
            let mut theirs = Firsts::new();
            for record in self.shared.store.batch_records(batch.id).await? {
                theirs.entry(record.whose()).or_insert(record.punch_id);
            }
            firsts.push(theirs);
        }
        Ok(Blocked::of(firsts))
    }

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
        blocked: &Blocked,
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
            if self
                .split_off_uninvolved(destination, &open, blocked, now)
                .await?
                || self
                    .split_off_witness(destination, &open, blocked, now)
                    .await?
            {
                return Ok(Next::Again);
            }
        }
        let (mut behind, mut ahead): (Vec<_>, Vec<_>) = (0..)
            .zip(open)
            .partition(|(index, _)| blocked.holds(*index));
        let least_errors = ahead
            .iter()
            .map(|(_, batch)| batch.server_errors)
            .min()
            .unwrap_or(0);
        let patience = u32::try_from(ahead.len())
            .unwrap_or(u32::MAX)
            .saturating_mul(PATIENCE)
            .max(1);
        // Nobody else is left: in the end only later records of the same people can tell. The more people fail, the
        // likelier it is the receiver, and the less it is worth to change their order.
        let telling = behind
            .iter()
            .position(|(_, batch)| batch.server_errors < least_errors / patience);
        if let Some(place) = telling {
            let (_, batch) = behind.swap_remove(place);
            return Ok(Next::Send(batch, Company::None));
        }
        if ahead.is_empty() {
            ahead = behind;
        }
        let least_tried = ahead
            .into_iter()
            .min_by_key(|(_, batch)| batch.server_errors);
        Ok(least_tried.map_or(Next::Again, |(_, batch)| Next::Send(batch, Company::None)))
    }

    /// Nobody outside waits: out of a batch that waits for another, a record of somebody who is in no accused one.
    async fn split_off_uninvolved(
        &mut self,
        destination: &Destination,
        open: &[Batch],
        blocked: &Blocked,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut involved = HashSet::new();
        for batch in open.iter().filter(|batch| is_accused(batch)) {
            let records = self.shared.store.batch_records(batch.id).await?;
            involved.extend(records.iter().map(BatchRecord::whose));
        }
        for (index, batch) in open.iter().enumerate() {
            // One that may have arrived goes again as it was.
            if !blocked.holds(index) || is_accused(batch) || batch.in_doubt || batch.size < 2 {
                continue;
            }
            let records = self.shared.store.batch_records(batch.id).await?;
            let free = records.iter().position(|record| {
                !involved.contains(&record.whose()) && blocked.is_alone(index, record)
            });
            if let Some(free) = free {
                self.send_ahead(destination, batch, &records, free, now)
                    .await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Nobody else waits at all: one person's records out of a suspected batch are the witness. Where there is only one
    /// person, their oldest record is, and the others wait for it.
    async fn split_off_witness(
        &mut self,
        destination: &Destination,
        open: &[Batch],
        blocked: &Blocked,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(batch) = open
            .iter()
            .enumerate()
            .filter(|(index, batch)| batch.size > 1 && !blocked.holds(*index))
            .map(|(_, batch)| batch)
            .max_by_key(|batch| batch.size)
        else {
            return Ok(false);
        };
        let records = self.shared.store.batch_records(batch.id).await?;
        match divide::first_person(&records).or_else(|| divide::first_record(&records)) {
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

//! What is sent next.

use domain::{Destination, Mode};
use jiff::Timestamp;
use storage::{Batch, Claim, StoreError};

use crate::schedule;

use super::{Turn, Worker, blame, streak};

/// One decision.
#[derive(Debug)]
pub(super) enum Next {
    Send(Batch, Company),
    /// Something was made ready: look again.
    Again,
    Wait(Option<Timestamp>),
}

/// Whether another part of what was answered 500 waits for its first try: then the destination is not judged yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    Untried,
    None,
}

impl Worker {
    pub(super) async fn choose(&mut self, destination: &Destination) -> Result<Next, StoreError> {
        if destination.mode == Mode::Paused {
            return Ok(Next::Wait(None));
        }
        let now = self.now();
        let was_set_back = destination
            .last_attempt_at
            .is_some_and(|last| schedule::was_set_back(last, now));
        let Some(permit) = self.permit(destination, now).await? else {
            return Ok(Next::Again);
        };
        if let Some(at) = not_before(destination)
            && at > now
            && !was_set_back
        {
            return Ok(Next::Wait(Some(at)));
        }
        if let Some(pause) = &destination.pause {
            return match pause.probe_at {
                None => Ok(Next::Wait(None)),
                Some(at) if !was_set_back && !schedule::is_due(at, now) => Ok(Next::Wait(Some(at))),
                Some(_) => {
                    let next = self.choose_probe(destination, permit.claim, now).await?;
                    Ok(next.not_later_than(permit.until))
                }
            };
        }
        if let Some(at) = destination.retry_at
            && !was_set_back
            && !schedule::is_due(at, now)
        {
            return Ok(Next::Wait(Some(at)));
        }
        let claim = permit.claim;
        let open = self.eligible(claim).await?;
        if destination.refused_streak >= streak::REFUSED_IN_A_ROW {
            return self.doubt_receiver(destination, open, claim, now).await;
        }
        if !open.is_empty() {
            return self.choose_open(destination, open, claim, now).await;
        }
        match self.choose_new(destination, claim, now).await? {
            Next::Wait(_) if permit.in_run => {
                self.end_run(destination, now).await?;
                Ok(Next::Again)
            }
            next => Ok(next.not_later_than(permit.until)),
        }
    }

    /// Open batches that may be sent, oldest records first.
    pub(super) async fn eligible(&self, claim: Claim) -> Result<Vec<Batch>, StoreError> {
        let mut open = self.shared.store.open_batches(self.id).await?;
        if claim == Claim::Asked {
            open.retain(|batch| batch.holds_asked);
        }
        Ok(open)
    }

    async fn choose_open(
        &mut self,
        destination: &Destination,
        open: Vec<Batch>,
        claim: Claim,
        now: Timestamp,
    ) -> Result<Next, StoreError> {
        let blocked = self.blocked(&open).await?;
        match blame::judge(&open, &blocked) {
            blame::Verdict::Send(index) => {
                let company = blame::company(&open, &blocked, index);
                Ok(open
                    .into_iter()
                    .nth(index)
                    .map_or(Next::Again, |batch| Next::Send(batch, company)))
            }
            blame::Verdict::Guilty(index) => {
                if let Some(batch) = open.get(index) {
                    self.condemn(destination, batch, now).await?;
                }
                Ok(Next::Again)
            }
            blame::Verdict::Halve(index) => {
                let done = match open.get(index) {
                    Some(batch) => self.halve_suspect(destination, batch, now).await?,
                    None => true,
                };
                if done {
                    Ok(Next::Again)
                } else {
                    self.find_witness(destination, open, &blocked, claim, now)
                        .await
                }
            }
            blame::Verdict::Undecided => {
                self.find_witness(destination, open, &blocked, claim, now)
                    .await
            }
        }
    }

    /// Nothing is under way: the next of the queue, or a record whose own time has come.
    async fn choose_new(
        &mut self,
        destination: &Destination,
        claim: Claim,
        now: Timestamp,
    ) -> Result<Next, StoreError> {
        let own = self.shared.store.next_own_retry(self.id, claim).await?;
        let own_at = own.as_ref().map(|(_, at)| *at);
        let own = own.filter(|(_, at)| schedule::is_due(*at, now));
        if self.turn == Turn::OwnSchedule
            && let Some((candidate, _)) = &own
        {
            self.turn = Turn::Queue;
            self.open_own_retry(destination, candidate, now).await?;
            return Ok(Next::Again);
        }
        self.turn = Turn::OwnSchedule;
        if self.open_next(destination, claim, now).await? {
            return Ok(Next::Again);
        }
        match own {
            Some((candidate, _)) => {
                self.open_own_retry(destination, &candidate, now).await?;
                Ok(Next::Again)
            }
            None => Ok(Next::Wait(own_at)),
        }
    }
}

impl Next {
    fn not_later_than(self, until: Option<Timestamp>) -> Self {
        match (self, until) {
            (Self::Wait(None), until) => Self::Wait(until),
            (Self::Wait(Some(at)), Some(until)) => Self::Wait(Some(at.min(until))),
            (next, _) => next,
        }
    }
}

/// The receiver's limit of requests.
fn not_before(destination: &Destination) -> Option<Timestamp> {
    let (last, limit) = destination.last_attempt_at.zip(destination.rate_limit)?;
    Some(schedule::next_allowed(last, limit))
}

//! Trying a paused destination once in a while.

use domain::Destination;
use jiff::Timestamp;
use storage::{Batch, BatchRole, Claim, StoreError};

use super::{
    Worker,
    choose::{Company, Next},
    open::is_simplest,
};

impl Worker {
    /// The oldest batch; where a probe's records were refused, the one that was tried least, but none with later records of
    /// somebody whose earlier ones are open too.
    pub(super) async fn choose_probe(
        &mut self,
        destination: &Destination,
        claim: Claim,
        now: Timestamp,
    ) -> Result<Next, StoreError> {
        let open = self.eligible(claim).await?;
        if !open.is_empty()
            && open
                .iter()
                .all(|batch| is_refused_to_the_last(destination, batch))
        {
            // Bad records must not keep a receiver paused that takes others by now.
            if let Some(candidate) = self
                .shared
                .store
                .uninvolved_candidate(self.id, claim)
                .await?
            {
                self.open(destination, &[candidate], BatchRole::Plain, false, now)
                    .await?;
                return Ok(Next::Again);
            }
        }
        let blocked = self.behind_others(&open).await?;
        let least_tried = (0..)
            .zip(open)
            .min_by_key(|(index, batch)| (blocked.holds(*index), batch.attempts));
        if let Some((_, batch)) = least_tried {
            return Ok(Next::Send(batch, Company::None));
        }
        let opened = self.open_next(destination, claim, now).await?;
        Ok(if opened {
            Next::Again
        } else {
            Next::Wait(None)
        })
    }
}

fn is_refused_to_the_last(destination: &Destination, batch: &Batch) -> bool {
    let size = usize::try_from(batch.size).unwrap_or(usize::MAX);
    is_simplest(destination, batch.shape, size) && batch.attempts > 0
}

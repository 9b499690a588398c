//! What is done to queues and old rows beside the workers: a bit at a time, so that nobody waits for it.

use domain::DestinationId;
use jiff::{SignedDuration, Timestamp};
use storage::StoreError;

use crate::handle::Shared;

/// How often old attempts are looked for.
const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Whether there is more to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    All,
    /// What is left waits for a worker that is about to end.
    ButBusy,
    /// There is more to do at once.
    Some,
}

#[derive(Debug, Default)]
pub(crate) struct House {
    forgot_at: Option<Timestamp>,
    to_forget: Vec<(DestinationId, Timestamp)>,
}

impl House {
    /// One bit of everything; `is_busy`: a worker may still have something of this destination in flight.
    pub(crate) async fn keep(
        &mut self,
        shared: &Shared,
        is_busy: impl Fn(DestinationId) -> bool,
    ) -> Result<Kept, StoreError> {
        let now = shared.clock.now();
        let mut kept = Kept::All;
        for id in shared.store.unfinished_queues().await? {
            if let Some(work) = shared.store.step_queue(id, now).await? {
                kept = Kept::Some;
                if work.finished_at.is_some() {
                    tracing::info!(
                        destination.id = id.0,
                        records = work.touched,
                        "the queue is in line: {}",
                        work.kind.as_str()
                    );
                }
                // What it queued may go.
                shared
                    .wake
                    .send_modify(|count| *count = count.wrapping_add(1));
            }
        }
        for id in shared.store.deleted_destinations().await? {
            let left = if is_busy(id) {
                Kept::ButBusy
            } else if shared.store.clear_deleted(id).await? > 0 {
                Kept::Some
            } else {
                Kept::All
            };
            kept = kept.max(left);
        }
        Ok(kept.max(self.forget_some(shared, now).await?))
    }

    async fn forget_some(&mut self, shared: &Shared, now: Timestamp) -> Result<Kept, StoreError> {
        if let Some((id, before)) = self.to_forget.last().copied() {
            if shared.store.forget_old(id, before).await? == 0 {
                self.to_forget.pop();
            }
            return Ok(Kept::Some);
        }
        let is_time = self
            .forgot_at
            .is_none_or(|at| now.duration_since(at).abs() >= FORGET_EVERY);
        if !is_time {
            return Ok(Kept::All);
        }
        self.forgot_at = Some(now);
        for destination in shared.store.destinations().await? {
            let kept = SignedDuration::from_hours(24 * i64::from(destination.keep_days));
            if let Ok(before) = now.checked_sub(kept) {
                self.to_forget.push((destination.id, before));
            }
        }
        Ok(if self.to_forget.is_empty() {
            Kept::All
        } else {
            Kept::Some
        })
    }
}

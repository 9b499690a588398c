//! When records may go at all, and which.

use domain::{Destination, Mode, PunchId, Schedule};
use jiff::Timestamp;
use storage::{Claim, StoreError};

use super::Worker;

/// What may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Permit {
    pub(super) claim: Claim,
    /// The schedule let records go; this ends when none of them waits.
    pub(super) in_run: bool,
    /// When more may go.
    pub(super) until: Option<Timestamp>,
}

impl Worker {
    /// `None` where something was made ready: look again.
    pub(super) async fn permit(
        &self,
        destination: &Destination,
        now: Timestamp,
    ) -> Result<Option<Permit>, StoreError> {
        let only_asked = |until| Permit {
            claim: Claim::Asked,
            in_run: false,
            until,
        };
        if destination.mode != Mode::On {
            return Ok(Some(only_asked(None)));
        }
        if destination.schedule == Schedule::AtOnce {
            return Ok(Some(Permit {
                claim: Claim::All {
                    upto: destination.queue_upto,
                },
                in_run: false,
                until: None,
            }));
        }
        if let Some(upto) = destination.run_upto {
            return Ok(Some(Permit {
                claim: Claim::All {
                    upto: Some(earlier(upto, destination.queue_upto)),
                },
                in_run: true,
                until: None,
            }));
        }
        let next = destination.schedule.next_after(now);
        match destination.next_run_at {
            Some(at) if at <= now => {
                self.shared.store.begin_run(self.id).await?;
                Ok(None)
            }
            // Further away than from now: the clock was set back since.
            Some(at) if next.is_none_or(|next| at <= next) => Ok(Some(only_asked(Some(at)))),
            Some(_) | None => {
                self.shared.store.end_run(self.id, next).await?;
                // A schedule that never comes again must not spin.
                Ok(next.is_none().then(|| only_asked(None)))
            }
        }
    }

    /// All that the schedule let go is gone.
    pub(super) async fn end_run(
        &self,
        destination: &Destination,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let next = destination.schedule.next_after(now);
        self.shared.store.end_run(self.id, next).await
    }
}

fn earlier(upto: PunchId, other: Option<PunchId>) -> PunchId {
    other.map_or(upto, |other| upto.min(other))
}

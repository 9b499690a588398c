//! Why one punch was sent to a destination, or was not.

use domain::{DestinationId, PunchId, Unwanted};
use jiff::Timestamp;
use storage::{Delivery as Record, DeliveryState, StoreError};

use crate::Delivery;

use super::dry_run::{HeldBack, held_back};

/// Where one punch stands on its way to one destination, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub standing: Standing,
    /// The record as it stands in the queue; `None` when it was never queued.
    pub record: Option<Record>,
    /// What keeps back all that waits.
    pub held_back: Vec<HeldBack>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The filter does not want it.
    Unwanted(Unwanted),
    /// The filter wants it, but it was stored before that and is queued on request only.
    Past,
    /// Its time cannot be right; a person decides.
    Held,
    /// It goes when somebody is mapped to its PIN.
    Unmapped,
    /// It goes when what keeps the queue back is over.
    Waiting,
    /// It failed while others passed, and is tried again by itself.
    OwnSchedule {
        at: Timestamp,
    },
    /// In a request that is being made or goes again.
    Batched,
    Delivered {
        at: Option<Timestamp>,
    },
    /// Refused by itself.
    Parked {
        reason: Option<String>,
    },
    /// Not wanted any more.
    Withdrawn {
        reason: Option<String>,
    },
}

impl Delivery {
    /// `None` when there is no such destination, or no such punch.
    pub async fn explain(
        &self,
        id: DestinationId,
        punch: PunchId,
    ) -> Result<Option<Explanation>, StoreError> {
        let store = self.store();
        let Some(destination) = store.destination(id).await? else {
            return Ok(None);
        };
        let Some(unwanted) = store
            .why_unwanted(&destination.filter, destination.needs_mapping, punch)
            .await?
        else {
            return Ok(None);
        };
        let record = store.delivery(id, punch).await?;
        let standing = match (&record, unwanted) {
            (Some(record), _) => standing(record),
            (None, Some(unwanted)) => Standing::Unwanted(unwanted),
            (None, None) => Standing::Past,
        };
        Ok(Some(Explanation {
            standing,
            record,
            held_back: held_back(&destination, self.now()),
        }))
    }
}

fn standing(record: &Record) -> Standing {
    match record.state {
        DeliveryState::Held if record.cause.as_deref() == Some("unmapped") => Standing::Unmapped,
        DeliveryState::Held => Standing::Held,
        DeliveryState::Waiting => match record.due_at {
            Some(at) => Standing::OwnSchedule { at },
            None => Standing::Waiting,
        },
        DeliveryState::Batched => Standing::Batched,
        DeliveryState::Delivered => Standing::Delivered { at: record.done_at },
        DeliveryState::Parked => Standing::Parked {
            reason: record.reason.clone(),
        },
        DeliveryState::Withdrawn => Standing::Withdrawn {
            reason: record.reason.clone(),
        },
    }
}

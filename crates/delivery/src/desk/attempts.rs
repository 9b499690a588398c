//! An attempt with the request that it was, written again from the ledger.

use domain::AttemptId;
use storage::{Attempt, AttemptKind, BodyMark, StoreError};

use crate::{Delivery, ShownRequest, SpecFault, attempt_mark::body_mark};

/// An attempt as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownAttempt {
    pub attempt: Attempt,
    /// What was sent, secrets masked; `None` where the ledger has forgotten the batch.
    pub request: Option<Result<ShownRequest, SpecFault>>,
    pub sameness: Sameness,
}

/// Whether a request written again is the one that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sameness {
    /// To the byte.
    Same,
    /// The destination, or what the ledger says of people, was changed since.
    Changed,
    Unknown,
}

impl Delivery {
    /// `None` when there is no such attempt.
    pub async fn shown_attempt(&self, id: AttemptId) -> Result<Option<ShownAttempt>, StoreError> {
        let store = self.store();
        let Some(attempt) = store.attempt(id).await? else {
            return Ok(None);
        };
        let destination = store.destination(attempt.destination_id).await?;
        if let (AttemptKind::Test, Some(destination)) = (attempt.kind, &destination) {
            let again = self.test_again(destination, attempt.at).await;
            let (request, now) = again.unzip();
            return Ok(Some(ShownAttempt {
                sameness: sameness(now.flatten().as_ref(), attempt.body.as_ref()),
                attempt,
                request,
            }));
        }
        let sent = match attempt.batch_id {
            Some(batch) => store.batch_as_opened(batch).await?,
            None => None,
        };
        let (Some(destination), Some((batch, records))) = (destination, sent) else {
            return Ok(Some(ShownAttempt {
                attempt,
                request: None,
                sameness: Sameness::Unknown,
            }));
        };
        let again = self.apart().render(&destination, &batch, &records).await;
        let now = again.ok().map(|rendered| body_mark(&rendered.body));
        let sameness = sameness(now.as_ref(), attempt.body.as_ref());
        Ok(Some(ShownAttempt {
            attempt,
            request: Some(
                self.apart()
                    .show(&destination, &batch, &records)
                    .await
                    .map_err(SpecFault::from),
            ),
            sameness,
        }))
    }
}

fn sameness(now: Option<&BodyMark>, sent: Option<&BodyMark>) -> Sameness {
    match (now, sent) {
        (_, None) => Sameness::Unknown,
        (Some(now), Some(sent)) if now == sent => Sameness::Same,
        (_, Some(_)) => Sameness::Changed,
    }
}

//! One attempt: committed, sent, settled.

use std::time::Duration;

use domain::{BatchShape, Destination};
use storage::{Batch, BatchRecord, Postponed, StoreError};

use crate::{
    client::Post,
    outcome::Attempt,
    render::{self, RecordIds},
    schedule,
};

use super::{Round, Worker, choose::Company};

/// How long a request in flight may go on when the program stops.
const GRACE: Duration = Duration::from_secs(8);

/// What was sent.
pub(super) struct Sent<'a> {
    pub(super) destination: &'a Destination,
    pub(super) batch: &'a Batch,
    pub(super) records: &'a [BatchRecord],
    pub(super) company: Company,
}

impl Worker {
    pub(super) async fn attempt(
        &mut self,
        destination: &Destination,
        batch: &Batch,
        company: Company,
    ) -> Result<Round, StoreError> {
        let records = self.shared.store.batch_records(batch.id).await?;
        if records.is_empty() {
            self.close_empty(batch).await?;
            return Ok(Round::Again);
        }
        if self.shared.stop.is_cancelled() {
            return Ok(Round::End);
        }
        self.shared
            .store
            .begin_attempt(batch.id, self.now())
            .await?;
        if self.shared.stop.is_cancelled() {
            self.leave_unsent(batch).await?;
            return Ok(Round::End);
        }
        let started = tokio::time::Instant::now();
        let Some(attempt) = self.send(destination, batch, &records).await else {
            tracing::info!(
                destination.id = self.id.0,
                batch.id = batch.id.0,
                "a request was given up because the program stops; it goes again under its id at the next start"
            );
            return Ok(Round::End);
        };
        tracing::debug!(
            destination.id = self.id.0,
            batch.id = batch.id.0,
            records = records.len(),
            status = attempt.status(),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "an attempt ended"
        );
        let sent = Sent {
            destination,
            batch,
            records: &records,
            company,
        };
        Ok(self.settle_surely(&sent, &attempt).await)
    }

    /// `None` when the program stops and the answer does not come in time: whether it arrived is not known then.
    async fn send(
        &self,
        destination: &Destination,
        batch: &Batch,
        records: &[BatchRecord],
    ) -> Option<Attempt> {
        let ids = if destination.with_record_id {
            RecordIds::Shown
        } else {
            RecordIds::Hidden
        };
        let body = match render::body(batch, records, ids) {
            Ok(body) => body,
            Err(error) => {
                return Some(Attempt::NotSent(format!(
                    "the records cannot be written as JSON: {error}"
                )));
            }
        };
        let record_id = match (batch.shape, records) {
            (BatchShape::Bare, [only]) => Some(only.record_id.as_str()),
            (BatchShape::Bare | BatchShape::Batch, _) => None,
        };
        let post = Post {
            url: destination.url.as_deref().unwrap_or_default(),
            idempotency_key: &batch.idempotency_key,
            record_id,
            body,
        };
        let answer = self.shared.client.post(post, self.shared.settings.timeout);
        tokio::pin!(answer);
        tokio::select! {
            attempt = &mut answer => Some(attempt),
            () = self.shared.stop.cancelled() => tokio::time::timeout(GRACE, answer).await.ok(),
        }
    }

    /// Commits the outcome, however long the store needs; nothing else is sent meanwhile.
    async fn settle_surely(&mut self, sent: &Sent<'_>, attempt: &Attempt) -> Round {
        while let Err(error) = self.settle(sent, attempt).await {
            // Something else than a full disk: the batch goes again, as one whose answer was never seen.
            let is_settled = matches!(error, StoreError::Conflict(_) | StoreError::Damaged(_))
                && self.postpone_unsettled(sent).await.is_ok();
            self.wait_out(&error).await;
            if is_settled {
                break;
            }
            if self.shared.stop.is_cancelled() {
                return Round::End;
            }
        }
        self.shared
            .progress
            .send_modify(|count| *count = count.wrapping_add(1));
        Round::Again
    }

    /// The program stopped while the attempt was being committed: as if it had not been.
    async fn leave_unsent(&self, batch: &Batch) -> Result<(), StoreError> {
        let postponed = Postponed {
            may_have_arrived: false,
            server_errors: batch.server_errors,
            schedule: None,
            probe_at: None,
        };
        self.shared
            .store
            .settle_postponed(self.note(batch.id, None, None), postponed)
            .await
    }

    async fn postpone_unsettled(&mut self, sent: &Sent<'_>) -> Result<(), StoreError> {
        let failures = sent.destination.failures + 1;
        let now = self.now();
        let retry_at = schedule::destination_retry(failures, None, now, &mut self.jitter);
        let postponed = Postponed {
            may_have_arrived: true,
            server_errors: sent.batch.server_errors,
            schedule: Some((failures, retry_at)),
            probe_at: sent
                .destination
                .pause
                .as_ref()
                .map(|_| schedule::next_probe(now)),
        };
        let note = self.note(
            sent.batch.id,
            None,
            Some("the outcome could not be written".to_owned()),
        );
        self.shared.store.settle_postponed(note, postponed).await
    }
}

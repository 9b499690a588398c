//! One attempt: committed, sent, settled.

use std::time::Duration;

use domain::{AttemptId, Destination};
use jiff::Timestamp;
use storage::{
    AttemptEnd, AttemptKind, AttemptNote, AttemptStart, Batch, BatchRecord, Postponed, StoreError,
};

use crate::{
    attempt_mark::body_mark,
    body::Rendered,
    outcome::{self, Attempt, Outcome},
    schedule,
};

use super::{Round, Worker, choose::Company, divide, open::shape_for};

/// How long a request in flight may go on when the program stops.
const GRACE: Duration = Duration::from_secs(8);

/// What was sent.
pub(super) struct Sent<'a> {
    pub(super) destination: &'a Destination,
    pub(super) batch: &'a Batch,
    pub(super) records: &'a [BatchRecord],
    pub(super) company: Company,
    /// `None` where no request was made.
    pub(super) request: Option<Request>,
}

/// A request as it is kept.
pub(super) struct Request {
    id: AttemptId,
    class: &'static str,
    duration_ms: u64,
    /// `None` of a plain success.
    answer: Option<Vec<u8>>,
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
        let takes_one = destination.spec.takes_one_record();
        if let Some((size, reason)) =
            divide::too_large(takes_one, destination.max_batch, batch, records.len())
        {
            let parts = divide::of_size(&records, size)
                .iter()
                .map(|part| divide::part(part, shape_for(destination, part.len()), batch.role))
                .collect();
            let note = self.note(batch.id, None, Some(reason.to_owned()));
            let export_time = self.wall_clock(self.now());
            self.shared
                .store
                .settle_divided(note, parts, export_time, None)
                .await?;
            return Ok(Round::Again);
        }
        let rendered = match self.shared.apart.render(destination, batch, &records).await {
            Ok(rendered) => rendered,
            Err(error) => {
                let unsent = Sent {
                    destination,
                    batch,
                    records: &records,
                    company,
                    request: None,
                };
                self.settle_unrendered(&unsent, error).await?;
                return Ok(Round::Again);
            }
        };
        let start = AttemptStart {
            kind: if destination.pause.is_some() {
                AttemptKind::Probe
            } else {
                AttemptKind::Delivery
            },
            records: u32::try_from(records.len()).unwrap_or(u32::MAX),
            body: Some(body_mark(&rendered.body)),
        };
        let id = self
            .shared
            .store
            .begin_attempt(batch.id, start, self.now())
            .await?;
        if self.shared.stop.is_cancelled() {
            self.leave_unsent(batch, id).await?;
            return Ok(Round::End);
        }
        let started = tokio::time::Instant::now();
        let Some(attempt) = self.send(destination, rendered).await else {
            tracing::info!(
                destination.id = self.id.0,
                batch.id = batch.id.0,
                "a request was given up because the program stops; it goes again under its id at the next start"
            );
            return Ok(Round::End);
        };
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            destination.id = self.id.0,
            batch.id = batch.id.0,
            records = records.len(),
            status = attempt.status(),
            duration_ms,
            "a request to a receiver ended"
        );
        let ids: Vec<&str> = records
            .iter()
            .map(|record| record.record_id.as_str())
            .collect();
        let outcome = outcome::classify(&attempt, &ids, self.now());
        let rules = &destination.spec.already_there;
        let outcome = outcome::or_already_there(outcome, &attempt, rules, ids.len());
        let class = outcome::class(&attempt, &outcome);
        let answer = (class != outcome::DELIVERED)
            .then(|| attempt.answer())
            .flatten();
        let sent = Sent {
            destination,
            batch,
            records: &records,
            company,
            request: Some(Request {
                id,
                class,
                duration_ms,
                answer,
            }),
        };
        Ok(self.settle_surely(&sent, &outcome, attempt.status()).await)
    }

    /// `None` when the program stops and the answer does not come in time: whether it arrived is not known then.
    async fn send(&self, destination: &Destination, rendered: Rendered) -> Option<Attempt> {
        let timeout = self.shared.settings.timeout;
        let answer = self
            .sender
            .send(&destination.spec, rendered, self.now(), timeout);
        tokio::pin!(answer);
        tokio::select! {
            attempt = &mut answer => Some(attempt),
            () = self.shared.stop.cancelled() => tokio::time::timeout(GRACE, answer).await.ok(),
        }
    }

    /// Commits the outcome, however long the store needs; nothing else is sent meanwhile.
    async fn settle_surely(
        &mut self,
        sent: &Sent<'_>,
        outcome: &Outcome,
        status: Option<u16>,
    ) -> Round {
        while let Err(error) = self.settle(sent, outcome.clone(), status).await {
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
    async fn leave_unsent(&self, batch: &Batch, attempt: AttemptId) -> Result<(), StoreError> {
        let postponed = Postponed {
            may_have_arrived: false,
            server_errors: batch.server_errors,
            schedule: None,
            probe_at: None,
        };
        let note = AttemptNote {
            attempt: Some(AttemptEnd {
                id: attempt,
                class: "unsent",
                duration_ms: 0,
                answer: None,
                next_at: None,
            }),
            ..self.note(batch.id, None, None)
        };
        self.shared.store.settle_postponed(note, postponed).await
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
        let reason = "the outcome could not be written".to_owned();
        let note = self.note_of(sent, None, Some(reason), Some(retry_at));
        self.shared.store.settle_postponed(note, postponed).await
    }

    /// What is written of an attempt; `next_at`: when the same records are tried again.
    pub(super) fn note_of(
        &self,
        sent: &Sent<'_>,
        status: Option<u16>,
        error: Option<String>,
        next_at: Option<Timestamp>,
    ) -> AttemptNote {
        AttemptNote {
            attempt: sent.request.as_ref().map(|request| AttemptEnd {
                id: request.id,
                class: request.class,
                duration_ms: request.duration_ms,
                answer: request.answer.clone(),
                next_at,
            }),
            ..self.note(sent.batch.id, status, error)
        }
    }
}

//! What is done about each outcome.

use domain::{BatchShape, Destination, Pause};
use storage::{AttemptNote, Batch, BatchRole, Leftover, Postponed, StoreError};

use crate::{
    outcome::{Blame, Conflict, Doubt, Outcome, Probe, Shut, Transient},
    schedule,
    verdicts::Verdicts,
};

use super::{
    Worker,
    attempt::Sent,
    blame,
    choose::Company,
    divide,
    open::{is_simplest, shape_for},
};

/// Why records were not taken.
struct Refusal {
    reason: String,
    /// The same as a code.
    cause: &'static str,
    status: Option<u16>,
    /// Learned from an answer 413.
    size: Option<u32>,
}

impl Worker {
    pub(super) async fn settle(
        &mut self,
        sent: &Sent<'_>,
        outcome: Outcome,
        status: Option<u16>,
    ) -> Result<(), StoreError> {
        match outcome {
            Outcome::Delivered | Outcome::AlreadyThere => {
                self.settle_taken(sent, Vec::new(), status).await
            }
            Outcome::Partly(verdicts) => self.settle_partly(sent, verdicts, status).await,
            Outcome::Transient(transient) => self.settle_transient(sent, transient, status).await,
            Outcome::TooLarge => {
                let reason = "the receiver answered 413: too large".to_owned();
                let half = u32::try_from(sent.records.len().div_ceil(2)).unwrap_or(u32::MAX);
                let size = (sent.records.len() > 1).then_some(half);
                self.settle_refused(
                    sent,
                    Refusal {
                        reason,
                        cause: "too_large",
                        status,
                        size,
                    },
                )
                .await
            }
            Outcome::Refused {
                conflict: Conflict::Maybe,
                ..
            } if is_in_doubt(sent) => {
                // "I have that already", and so it does.
                self.settle_taken(sent, Vec::new(), status).await
            }
            Outcome::Refused { reason, conflict } => {
                let cause = match conflict {
                    Conflict::Maybe => "conflict",
                    Conflict::No => "refused",
                };
                self.settle_refused(
                    sent,
                    Refusal {
                        reason,
                        cause,
                        status,
                        size: None,
                    },
                )
                .await
            }
            Outcome::Shut(shut) => self.settle_shut(sent, shut, status).await,
        }
    }

    async fn settle_taken(
        &mut self,
        sent: &Sent<'_>,
        leftovers: Vec<Leftover>,
        status: Option<u16>,
    ) -> Result<(), StoreError> {
        let note = self.note_of(sent, status, None, None);
        let parked = parked(&leftovers);
        let accepted = self.shared.store.settle_accepted(note, leftovers).await?;
        if accepted.resumed {
            self.tell_resumed(sent.destination).await;
        }
        if accepted.learned_bare {
            self.tell_learned_bare(sent.destination).await;
        }
        self.tell_parked(sent.destination, parked).await;
        Ok(())
    }

    async fn settle_partly(
        &mut self,
        sent: &Sent<'_>,
        verdicts: Verdicts,
        status: Option<u16>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let taken = sent
            .records
            .len()
            .saturating_sub(verdicts.rejected.len() + verdicts.unmentioned.len());
        if taken == 0 && verdicts.rejected.is_empty() {
            let reason = "the receiver took none of the records and refused none".to_owned();
            let (doubt, blame) = (Doubt::MayBeTaken, Blame::Destination);
            return self
                .settle_transient(
                    sent,
                    Transient {
                        reason,
                        doubt,
                        blame,
                        retry_after: None,
                    },
                    status,
                )
                .await;
        }
        if taken == 0 && sent.destination.pause.is_some() {
            let reason = verdicts.rejected.into_values().next();
            let reason =
                reason.unwrap_or_else(|| "the receiver took none of the records".to_owned());
            return self
                .settle_refused(
                    sent,
                    Refusal {
                        reason,
                        cause: "rejected",
                        status,
                        size: None,
                    },
                )
                .await;
        }
        let mut leftovers = Vec::new();
        for (index, record) in sent.records.iter().enumerate() {
            if let Some(reason) = verdicts.rejected.get(&index) {
                leftovers.push(Leftover {
                    id: record.id,
                    reason: reason.clone(),
                    cause: "rejected",
                    due: None,
                });
            } else if verdicts.unmentioned.contains(&index) {
                let reason =
                    "the receiver took others of its batch, and did not refuse it".to_owned();
                let due = self.own_due(sent.destination, record, now);
                leftovers.push(Leftover {
                    id: record.id,
                    reason,
                    cause: "unmentioned",
                    due,
                });
            }
        }
        self.settle_taken(sent, leftovers, status).await
    }

    async fn settle_transient(
        &mut self,
        sent: &Sent<'_>,
        transient: Transient,
        status: Option<u16>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let (server_errors, is_decided) = match transient.blame {
            Blame::Destination => (sent.batch.server_errors, false),
            Blame::Unclear => (
                sent.batch.server_errors + 1,
                sent.company == Company::Untried || blame::is_decided_by_another(sent.batch),
            ),
        };
        let is_paused = sent.destination.pause.is_some();
        let schedule = (!is_paused && !is_decided).then(|| {
            let failures = sent.destination.failures.saturating_add(1);
            let retry_at =
                schedule::destination_retry(failures, transient.retry_after, now, &mut self.jitter);
            (failures, retry_at)
        });
        tracing::warn!(
            destination.id = self.id.0,
            batch.id = sent.batch.id.0,
            failures = schedule.map(|(failures, _)| failures),
            "the records could not be delivered for now: {}",
            transient.reason
        );
        let postponed = Postponed {
            may_have_arrived: transient.doubt == Doubt::MayBeTaken,
            server_errors,
            schedule,
            probe_at: is_paused.then(|| schedule::next_probe(now)),
        };
        let next_at = postponed
            .probe_at
            .or(schedule.map(|(_, retry_at)| retry_at));
        let note = self.note_of(sent, status, Some(transient.reason), next_at);
        self.shared.store.settle_postponed(note, postponed).await
    }

    /// Halves a batch, tries a refused batch of one bare, parks a refused record.
    async fn settle_refused(
        &mut self,
        sent: &Sent<'_>,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        if let Some(pause) = &sent.destination.pause {
            // Still shut, or shut again for these: one probe an hour, also with what becomes of them.
            let later = Pause {
                probe_at: Some(schedule::next_probe(self.now())),
                ..pause.clone()
            };
            let error = Some(refusal.reason.clone());
            let note = self.note_of(sent, refusal.status, error, later.probe_at);
            self.shared.store.settle_shut(note, later).await?;
            if is_last_try(sent) {
                return Ok(());
            }
        }
        if !is_last_try(sent) {
            return self.divide(sent, refusal).await;
        }
        let leftovers = sent
            .records
            .iter()
            .map(|record| Leftover {
                id: record.id,
                reason: refusal.reason.clone(),
                cause: refusal.cause,
                due: None,
            })
            .collect();
        let note = self.note_of(sent, refusal.status, Some(refusal.reason), None);
        self.refuse(sent.destination, note, leftovers).await
    }

    async fn divide(&mut self, sent: &Sent<'_>, refusal: Refusal) -> Result<(), StoreError> {
        let parts = if let Some((earlier, later)) = divide::in_order(sent.records) {
            [earlier, later]
                .iter()
                .map(|half| {
                    let shape = shape_for(sent.destination, half.len());
                    divide::part(half, shape, BatchRole::Plain)
                })
                .collect()
        } else {
            let only: Vec<_> = sent.records.iter().collect();
            vec![divide::part(&only, BatchShape::Bare, sent.batch.role)]
        };
        let export_time = self.wall_clock(self.now());
        let note = self.note_of(sent, refusal.status, Some(refusal.reason), None);
        self.shared
            .store
            .settle_divided(note, parts, export_time, refusal.size)
            .await
    }

    /// Records that were refused by themselves, or that wait by themselves.
    pub(super) async fn refuse(
        &mut self,
        destination: &Destination,
        note: AttemptNote,
        leftovers: Vec<Leftover>,
    ) -> Result<(), StoreError> {
        let parked = parked(&leftovers);
        self.shared.store.settle_refused(note, leftovers).await?;
        self.tell_parked(destination, parked).await;
        Ok(())
    }

    pub(super) async fn settle_shut(
        &mut self,
        sent: &Sent<'_>,
        shut: Shut,
        status: Option<u16>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let pause = Pause {
            code: shut.code.to_owned(),
            reason: shut.reason,
            since: now,
            probe_at: match shut.probe {
                Probe::EveryHour => Some(schedule::next_probe(now)),
                Probe::Never => None,
            },
        };
        let note = self.note_of(sent, status, Some(pause.reason.clone()), pause.probe_at);
        self.shared.store.settle_shut(note, pause.clone()).await?;
        self.tell_paused(sent.destination, &pause).await;
        Ok(())
    }

    /// A batch whose records went elsewhere.
    pub(super) async fn close_empty(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let note = self.note(batch.id, None, None);
        self.shared
            .store
            .settle_accepted(note, Vec::new())
            .await
            .map(|_| ())
    }
}

/// Whether nothing smaller or simpler than this can be tried.
fn is_last_try(sent: &Sent<'_>) -> bool {
    is_simplest(sent.destination, sent.batch.shape, sent.records.len())
}

fn is_in_doubt(sent: &Sent<'_>) -> bool {
    match sent.records {
        [only] => sent.batch.in_doubt || only.in_doubt,
        _ => false,
    }
}

/// How many of them are parked, and why the last one was.
fn parked(leftovers: &[Leftover]) -> (u64, Option<String>) {
    let mut parked = leftovers.iter().filter(|each| each.due.is_none());
    let count = u64::try_from(parked.clone().count()).unwrap_or(u64::MAX);
    (count, parked.next_back().map(|each| each.reason.clone()))
}

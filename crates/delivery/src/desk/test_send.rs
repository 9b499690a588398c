//! One made-up record, marked as a test, sent to see whether a receiver takes it.

use domain::{Destination, DestinationId, LocalTime, OutPunch, RecordId};
use storage::{Attempt, AttemptEnd, AttemptKind, AttemptStart, StoreError};
use tokio::time::Instant;

use crate::{
    Delivery, ShownRequest, SpecFault,
    attempt_mark::body_mark,
    body::{Material, Secrets},
    check::sample,
    outcome::{self, Outcome},
    sender::Sender,
};

const NAME: &str = "TEST, please ignore";
const HEADER: &str = "x-zk-attendance-test";

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSent {
    /// What was sent, secrets masked.
    pub request: Result<ShownRequest, SpecFault>,
    /// `None` where no request could be written.
    pub attempt: Option<Attempt>,
}

impl Delivery {
    /// Sends it whatever the destination's mode, schedule and health are, and changes none of them. `None` when there is
    /// no such destination, or it has no URL.
    pub async fn test_send(&self, id: DestinationId) -> Result<Option<TestSent>, StoreError> {
        let Some(destination) = self.store().destination(id).await? else {
            return Ok(None);
        };
        let Some(url) = destination.url.as_deref() else {
            return Ok(None);
        };
        let now = self.now();
        let (facts, punch) = self.marked_sample(&destination);
        let Some(punch) = punch else { return Ok(None) };
        let punches = [punch];
        let (request, rendered) = {
            let (spec, url) = (destination.spec.clone(), url.to_owned());
            let punches = punches.clone();
            let written = self.apart().run(move || {
                let material = Material {
                    spec: &spec,
                    url: &url,
                    facts: &facts,
                    punches: &punches,
                };
                (material.show(), material.render(Secrets::Real))
            });
            match written.await {
                Ok((request, rendered)) => (request.map_err(SpecFault::from), rendered.ok()),
                Err(error) => (Err(error.into()), None),
            }
        };
        let Some(mut rendered) = rendered else {
            return Ok(Some(TestSent {
                request,
                attempt: None,
            }));
        };
        rendered.headers.push((HEADER.to_owned(), "1".to_owned()));
        let start = AttemptStart {
            kind: AttemptKind::Test,
            records: 1,
            body: Some(body_mark(&rendered.body)),
        };
        let started = Instant::now();
        let answered = Sender::new(self.client().clone())
            .send(&destination.spec, rendered, now, self.timeout())
            .await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let id = punches
            .first()
            .map(|punch| punch.record_id.as_str())
            .unwrap_or_default();
        let outcome = outcome::classify(&answered, &[id], self.now());
        let class = outcome::class(&answered, &outcome);
        // A person is testing: what a success says is worth seeing too.
        let answer = answered.answer();
        let attempt = self
            .store()
            .save_test(
                destination.id,
                start,
                now,
                answered.status(),
                reason(outcome),
                move |id| AttemptEnd {
                    id,
                    class,
                    duration_ms,
                    answer,
                    next_at: None,
                },
            )
            .await?;
        Ok(Some(TestSent {
            request,
            attempt: self.store().attempt(attempt).await?,
        }))
    }

    fn marked_sample(&self, destination: &Destination) -> (domain::BatchFacts, Option<OutPunch>) {
        let now = self.now();
        let local_time = LocalTime::at(now, self.zone());
        let (facts, punches) = sample();
        let id = format!("test-{}", now.as_millisecond());
        let facts = domain::BatchFacts {
            is_bare: destination.bare_only || destination.spec.takes_one_record(),
            idempotency_key: id.clone(),
            export_time: local_time.to_string(),
            with_record_id: destination.with_record_id,
            ..facts
        };
        let zone = self.zone().iana_name().unwrap_or("UTC").to_owned();
        let punch = punches.into_iter().next().map(|punch| OutPunch {
            record_id: RecordId::from_stored(id),
            employee_name: NAME.to_owned(),
            local_time,
            zone,
            instant: now,
            ..punch
        });
        (facts, punch)
    }
}

/// What is said against it.
fn reason(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Delivered => None,
        Outcome::Partly(verdicts) => verdicts.rejected.into_values().next(),
        Outcome::Transient(transient) => Some(transient.reason),
        Outcome::TooLarge => Some("the receiver answered 413: too large".to_owned()),
        Outcome::Refused { reason, .. } => Some(reason),
        Outcome::Shut(shut) => Some(shut.reason),
    }
}

//! One made-up record, marked as a test, sent to see whether a receiver takes it.

use domain::{Destination, DestinationId, LocalTime, OutPunch, RecordId};
use jiff::Timestamp;
use storage::{Attempt, AttemptEnd, AttemptKind, AttemptStart, BodyMark, StoreError};
use tokio::time::Instant;

use crate::{
    Delivery, ShownRequest, SpecFault,
    attempt_mark::body_mark,
    body::{Material, Rendered, Secrets},
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

/// A test as it is sent, and as people may see it.
struct Written {
    record_id: String,
    request: Result<ShownRequest, SpecFault>,
    rendered: Option<Rendered>,
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
        // As it is kept, so that the same can be written again.
        let now = to_the_millisecond(self.now());
        let Some(written) = self.written_test(&destination, url, now).await else {
            return Ok(None);
        };
        let Written {
            record_id,
            request,
            rendered,
        } = written;
        let Some(rendered) = rendered else {
            return Ok(Some(TestSent {
                request,
                attempt: None,
            }));
        };
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
        let outcome = outcome::classify(&answered, &[&record_id], self.now());
        let rules = &destination.spec.already_there;
        let outcome = outcome::or_already_there(outcome, &answered, rules, 1);
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

    /// A test that was sent at `at`, as it is written now; `None` when the destination has no URL.
    pub(super) async fn test_again(
        &self,
        destination: &Destination,
        at: Timestamp,
    ) -> Option<(Result<ShownRequest, SpecFault>, Option<BodyMark>)> {
        let url = destination.url.as_deref()?;
        let written = self.written_test(destination, url, at).await?;
        let mark = written.rendered.map(|rendered| body_mark(&rendered.body));
        Some((written.request, mark))
    }

    async fn written_test(
        &self,
        destination: &Destination,
        url: &str,
        at: Timestamp,
    ) -> Option<Written> {
        let (facts, punch) = self.marked_sample(destination, at);
        let punch = punch?;
        let record_id = punch.record_id.as_str().to_owned();
        let (spec, url) = (destination.spec.clone(), url.to_owned());
        let written = self.apart().run(move || {
            let punches = [punch];
            let material = Material {
                spec: &spec,
                url: &url,
                facts: &facts,
                punches: &punches,
            };
            (material.show(), material.render(Secrets::Real))
        });
        let (request, rendered) = match written.await {
            Ok((request, rendered)) => (request.map_err(SpecFault::from), rendered.ok()),
            Err(error) => (Err(error.into()), None),
        };
        let mark = (HEADER.to_owned(), "1".to_owned());
        Some(Written {
            record_id,
            request: request.map(|mut shown| {
                shown.headers.push(mark.clone());
                shown
            }),
            rendered: rendered.map(|mut rendered| {
                rendered.headers.push(mark);
                rendered
            }),
        })
    }

    fn marked_sample(
        &self,
        destination: &Destination,
        now: Timestamp,
    ) -> (domain::BatchFacts, Option<OutPunch>) {
        // As a punch has it, whose moment ends with its second.
        let instant = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let local_time = LocalTime::at(instant, self.zone());
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
            instant,
            ..punch
        });
        (facts, punch)
    }
}

/// As attempts are kept.
fn to_the_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// What is said against it.
fn reason(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Delivered | Outcome::AlreadyThere => None,
        Outcome::Partly(verdicts) => verdicts.rejected.into_values().next(),
        Outcome::Transient(transient) => Some(transient.reason),
        Outcome::TooLarge => Some("the receiver answered 413: too large".to_owned()),
        Outcome::Refused { reason, .. } => Some(reason),
        Outcome::Shut(shut) => Some(shut.reason),
    }
}

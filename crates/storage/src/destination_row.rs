//! A row of `destinations` made a [`Destination`].

use domain::{
    Destination, DestinationId, Mode, Order, Pause, PunchId, RequestSpec, Secret, StoredSpec,
};
use jiff::SignedDuration;

use crate::{
    Result, Sealer, StoreError,
    columns::{local_time, moment, moment_opt, narrow},
    filter_match::read_filter,
    sealer::REQUEST_SPEC,
};

#[derive(sqlx::FromRow)]
pub(crate) struct DestinationRow {
    id: i64,
    name: String,
    url: Option<String>,
    mode: String,
    start_from: String,
    wants: String,
    schedule: String,
    batch_size: i64,
    rate_limit: Option<i64>,
    sending_order: String,
    keep_days: i64,
    give_up_secs: i64,
    with_record_id: bool,
    needs_mapping: bool,
    spec: String,
    spec_secrets: Option<Vec<u8>>,
    created_at: i64,
    changed_at: i64,
    next_run_at: Option<i64>,
    run_upto: Option<i64>,
    queue_upto: Option<i64>,
    failures: i64,
    retry_at: Option<i64>,
    paused_code: Option<String>,
    paused_reason: Option<String>,
    paused_at: Option<i64>,
    probe_at: Option<i64>,
    max_batch: Option<i64>,
    bare_only: bool,
    bare_rescues: i64,
    refused_streak: i64,
    delivered_count: i64,
    last_attempt_at: Option<i64>,
    last_success_at: Option<i64>,
    last_status: Option<i64>,
    last_error: Option<String>,
    last_error_at: Option<i64>,
}

/// A statement over all columns of [`DestinationRow`].
macro_rules! select_destinations {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, url, mode, start_from,
                (SELECT json_group_array(json_array(w.kind, w.value)) FROM destination_wants w
                    WHERE w.destination_id = destinations.id) AS wants,
                schedule, batch_size, rate_limit, sending_order, keep_days, give_up_secs, with_record_id,
                needs_mapping, spec,
                spec_secrets, created_at, changed_at, next_run_at, run_upto,
                (SELECT MIN(q.cursor) FROM queue_works q WHERE q.destination_id = destinations.id
                    AND q.finished_at IS NULL AND q.holds = 1) AS queue_upto,
                failures, retry_at, paused_code, paused_reason, paused_at, probe_at, max_batch, bare_only,
                bare_rescues, refused_streak, delivered_count, last_attempt_at, last_success_at, last_status,
                last_error, last_error_at
            FROM destinations WHERE deleted_at IS NULL ",
            $rest
        )
    };
}
pub(crate) use select_destinations;

impl DestinationRow {
    pub(crate) fn into_destination(self, sealer: &Sealer) -> Result<Destination> {
        let pause = match (self.paused_code, self.paused_reason, self.paused_at) {
            (Some(code), Some(reason), Some(since)) => Some(Pause {
                code,
                reason,
                since: moment(since)?,
                probe_at: moment_opt(self.probe_at)?,
            }),
            _ => None,
        };
        Ok(Destination {
            id: DestinationId(self.id),
            name: self.name,
            url: self.url,
            mode: mode(&self.mode)?,
            filter: read_filter(local_time(&self.start_from)?, &self.wants)?,
            schedule: serde_json::from_str(&self.schedule)
                .map_err(|_| StoreError::damaged(format!("{} is no schedule", self.schedule)))?,
            batch_size: narrow(self.batch_size, "destinations.batch_size")?,
            rate_limit: narrow_opt(self.rate_limit, "destinations.rate_limit")?,
            order: order(&self.sending_order)?,
            keep_days: narrow(self.keep_days, "destinations.keep_days")?,
            give_up_after: SignedDuration::from_secs(self.give_up_secs),
            with_record_id: self.with_record_id,
            needs_mapping: self.needs_mapping,
            spec: read_spec(self.spec, self.spec_secrets.as_deref(), sealer)?,
            created_at: moment(self.created_at)?,
            changed_at: moment(self.changed_at)?,
            next_run_at: moment_opt(self.next_run_at)?,
            run_upto: self.run_upto.map(PunchId),
            queue_upto: self.queue_upto.map(PunchId),
            failures: narrow(self.failures, "destinations.failures")?,
            retry_at: moment_opt(self.retry_at)?,
            pause,
            max_batch: narrow_opt(self.max_batch, "destinations.max_batch")?,
            bare_only: self.bare_only,
            bare_rescues: narrow(self.bare_rescues, "destinations.bare_rescues")?,
            refused_streak: narrow(self.refused_streak, "destinations.refused_streak")?,
            delivered_count: narrow(self.delivered_count, "destinations.delivered_count")?,
            last_attempt_at: moment_opt(self.last_attempt_at)?,
            last_success_at: moment_opt(self.last_success_at)?,
            last_status: narrow_opt(self.last_status, "destinations.last_status")?,
            last_error: self.last_error,
            last_error_at: moment_opt(self.last_error_at)?,
        })
    }
}

/// A specification for the columns `spec` and `spec_secrets`.
pub(crate) fn write_spec(spec: &RequestSpec, sealer: &Sealer) -> Result<(String, Option<Vec<u8>>)> {
    let stored = spec
        .split()
        .map_err(|error| StoreError::damaged(error.to_string()))?;
    let secrets = stored
        .secrets
        .map(|secrets| sealer.seal(REQUEST_SPEC, secrets.expose().as_bytes()))
        .transpose()?;
    Ok((stored.public, secrets))
}

/// Secrets that were sealed with another key come out empty; the receiver will say so.
fn read_spec(public: String, secrets: Option<&[u8]>, sealer: &Sealer) -> Result<RequestSpec> {
    let secrets = secrets
        .and_then(|sealed| sealer.open(REQUEST_SPEC, sealed))
        .and_then(|text| String::from_utf8(text).ok())
        .map(Secret::new);
    RequestSpec::join(&StoredSpec { public, secrets })
        .map_err(|error| StoreError::damaged(error.to_string()))
}

fn mode(word: &str) -> Result<Mode> {
    match word {
        "on" => Ok(Mode::On),
        "off" => Ok(Mode::Off),
        "paused" => Ok(Mode::Paused),
        other => Err(StoreError::damaged(format!(
            "{other:?} is no mode of a destination"
        ))),
    }
}

fn order(word: &str) -> Result<Order> {
    match word {
        "per_person" => Ok(Order::PerPerson),
        "any" => Ok(Order::Any),
        other => Err(StoreError::damaged(format!(
            "{other:?} is no order of sending"
        ))),
    }
}

fn narrow_opt<T: TryFrom<i64>>(value: Option<i64>, column: &str) -> Result<Option<T>> {
    value.map(|value| narrow(value, column)).transpose()
}

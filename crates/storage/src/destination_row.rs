//! A row of `destinations` made a [`Destination`].

use domain::{Destination, DestinationId, Pause};

use crate::{
    Result, StoreError,
    columns::{local_time, moment, moment_opt, narrow},
};

#[derive(sqlx::FromRow)]
pub(crate) struct DestinationRow {
    id: i64,
    name: String,
    url: Option<String>,
    auto_export: bool,
    start_from: String,
    batch_size: i64,
    with_record_id: bool,
    created_at: i64,
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
            "SELECT id, name, url, auto_export, start_from, batch_size, with_record_id, created_at, failures, retry_at,
                paused_code, paused_reason, paused_at, probe_at, max_batch, bare_only, bare_rescues, refused_streak,
                delivered_count, last_attempt_at, last_success_at, last_status, last_error, last_error_at
            FROM destinations ",
            $rest
        )
    };
}
pub(crate) use select_destinations;

impl TryFrom<DestinationRow> for Destination {
    type Error = StoreError;

    fn try_from(row: DestinationRow) -> Result<Self> {
        let pause = match (row.paused_code, row.paused_reason, row.paused_at) {
            (Some(code), Some(reason), Some(since)) => Some(Pause {
                code,
                reason,
                since: moment(since)?,
                probe_at: moment_opt(row.probe_at)?,
            }),
            _ => None,
        };
        Ok(Self {
            id: DestinationId(row.id),
            name: row.name,
            url: row.url,
            auto_export: row.auto_export,
            start_from: local_time(&row.start_from)?,
            batch_size: narrow(row.batch_size, "destinations.batch_size")?,
            with_record_id: row.with_record_id,
            created_at: moment(row.created_at)?,
            failures: narrow(row.failures, "destinations.failures")?,
            retry_at: moment_opt(row.retry_at)?,
            pause,
            max_batch: row
                .max_batch
                .map(|size| narrow(size, "destinations.max_batch"))
                .transpose()?,
            bare_only: row.bare_only,
            bare_rescues: narrow(row.bare_rescues, "destinations.bare_rescues")?,
            refused_streak: narrow(row.refused_streak, "destinations.refused_streak")?,
            delivered_count: narrow(row.delivered_count, "destinations.delivered_count")?,
            last_attempt_at: moment_opt(row.last_attempt_at)?,
            last_success_at: moment_opt(row.last_success_at)?,
            last_status: row
                .last_status
                .map(|status| narrow(status, "destinations.last_status"))
                .transpose()?,
            last_error: row.last_error,
            last_error_at: moment_opt(row.last_error_at)?,
        })
    }
}

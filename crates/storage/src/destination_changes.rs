//! Adding, changing and removing destinations.

use domain::{
    Destination, DestinationFilter, DestinationId, LocalTime, Mode, Order, QueueWorkId,
    RequestSpec, Schedule,
};
use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::{
    Result, Sealer, Store, StoreError, Weight,
    columns::json,
    destination_health::END_STREAK,
    destination_row::{DestinationRow, write_spec},
    destinations::{BY_ID, DEFAULT_NAME, FORGET},
    dissolve::{Dissolve, count_unwanted, dissolve},
    filter_match::save_filter,
    queue_works::{NewWork, QueueWorkKind, begin},
};

/// A destination to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDestination {
    pub name: String,
    pub url: Option<String>,
    pub mode: Mode,
    pub filter: DestinationFilter,
    pub schedule: Schedule,
    pub batch_size: u32,
    pub rate_limit: Option<u32>,
    pub order: Order,
    pub keep_days: u32,
    pub give_up_after: SignedDuration,
    pub with_record_id: bool,
    pub needs_mapping: bool,
    pub spec: RequestSpec,
    pub past: Past,
}

/// What is done with punches that the ledger has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    Leave,
    /// Those that the filter matches are queued, in the background.
    Queue,
}

/// What to change; `None` leaves a setting as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DestinationChange {
    pub name: Option<String>,
    pub url: Option<Option<String>>,
    pub mode: Option<Mode>,
    pub filter: Option<DestinationFilter>,
    pub schedule: Option<Schedule>,
    pub batch_size: Option<u32>,
    pub rate_limit: Option<Option<u32>>,
    pub order: Option<Order>,
    pub keep_days: Option<u32>,
    pub give_up_after: Option<SignedDuration>,
    pub with_record_id: Option<bool>,
    pub needs_mapping: Option<bool>,
    pub spec: Option<RequestSpec>,
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationSaved {
    pub destination: Destination,
    /// Waiting records that are not wanted any more.
    pub withdrawn: u64,
    /// Not wanted any more, but they may have arrived already or are just being sent; they stay.
    pub in_doubt: u64,
}

impl NewDestination {
    /// Everything from a time on, as the seed would send it.
    pub fn plain(name: impl Into<String>, url: impl Into<String>, from: LocalTime) -> Self {
        Self {
            name: name.into(),
            url: Some(url.into()),
            mode: Mode::On,
            filter: DestinationFilter::since(from),
            schedule: Schedule::AtOnce,
            batch_size: 500,
            rate_limit: None,
            order: Order::PerPerson,
            keep_days: 30,
            give_up_after: SignedDuration::from_hours(7 * 24),
            with_record_id: true,
            needs_mapping: false,
            spec: RequestSpec::default(),
            past: Past::Leave,
        }
    }
}

impl Store {
    /// `Conflict` where another has the name.
    pub async fn create_destination(
        &self,
        new: NewDestination,
        now: Timestamp,
    ) -> Result<Destination> {
        const INSERT: &str =
            "INSERT INTO destinations (name, start_from, created_at, mode) VALUES (?, ?, ?, 'on')
            ON CONFLICT (name) DO NOTHING RETURNING id";
        if new.name == DEFAULT_NAME {
            return Err(StoreError::conflict(
                "default is the name of the destination of export-config; choose another name",
            ));
        }
        let sealer = self.sealer().clone();
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                let id: Option<i64> = sqlx::query_scalar(INSERT)
                    .bind(&new.name)
                    .bind(new.filter.from.to_string())
                    .bind(now.as_millisecond())
                    .fetch_optional(&mut *conn)
                    .await?;
                let id = DestinationId(id.ok_or_else(|| taken(&new.name))?);
                save_filter(conn, id, &new.filter).await?;
                if new.past == Past::Queue {
                    let work = NewWork {
                        kind: QueueWorkKind::History,
                        since: new.filter.from,
                        holds: true,
                    };
                    begin(conn, id, work, now).await?;
                }
                let made = load(conn, id, &sealer).await?;
                let destination = Destination {
                    url: new.url,
                    mode: new.mode,
                    schedule: new.schedule,
                    batch_size: new.batch_size,
                    rate_limit: new.rate_limit,
                    order: new.order,
                    keep_days: new.keep_days,
                    give_up_after: new.give_up_after,
                    with_record_id: new.with_record_id,
                    needs_mapping: new.needs_mapping,
                    spec: new.spec,
                    changed_at: now,
                    ..made
                };
                save(conn, &destination, &sealer).await?;
                load(conn, id, &sealer).await
            })
        })
        .await
    }

    /// Changes settings, and withdraws waiting records that the filter does not want any more. Past punches that it
    /// wants now are queued only by [`Store::queue_past`].
    ///
    /// Any change, also one of nothing, makes everything due and ends a pause of the receiver's.
    pub async fn update_destination(
        &self,
        id: DestinationId,
        change: DestinationChange,
        now: Timestamp,
    ) -> Result<DestinationSaved> {
        let sealer = self.sealer().clone();
        let (works, in_doubt) = self
            .write(Weight::outbox(1_000), move |conn| {
                Box::pin(async move { apply(conn, id, change, &sealer, now).await })
            })
            .await?;
        // What is not done when the program ends now goes on by itself at the next start.
        let withdrawn = loop {
            let (unfinished, withdrawn) = self.progress_of(&works).await?;
            if unfinished == 0 || self.step_queue(id, now).await?.is_none() {
                break withdrawn;
            }
        };
        let destination = self.destination(id).await?.ok_or_else(gone)?;
        if !destination.needs_mapping {
            self.release_unmapped(id).await?;
        }
        Ok(DestinationSaved {
            destination,
            withdrawn,
            in_doubt,
        })
    }

    /// Ends a pause, whoever caused it: what a person paused is on or off again, as it was before.
    pub async fn resume_destination(
        &self,
        id: DestinationId,
        now: Timestamp,
    ) -> Result<DestinationSaved> {
        const RESUMES_AS: &str =
            "SELECT COALESCE(resumes_as, 'on') FROM destinations WHERE id = ? AND mode = 'paused'";
        let mode: Option<String> = sqlx::query_scalar(RESUMES_AS)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        let change = DestinationChange {
            mode: mode.map(|mode| if mode == "off" { Mode::Off } else { Mode::On }),
            ..DestinationChange::default()
        };
        self.update_destination(id, change, now).await
    }

    /// Ends a destination: nothing is queued or sent any more. Its queue and its attempts go bit by bit
    /// ([`Store::clear_deleted`]), its notices stay. `Conflict` for the default one.
    pub async fn delete_destination(&self, id: DestinationId, now: Timestamp) -> Result<()> {
        // The name is free for another.
        const DELETE: &str =
            "UPDATE destinations SET deleted_at = ?, name = name || ' (removed, ' || id || ')', url = NULL,
                mode = 'off', spec = '{}', spec_secrets = NULL
            WHERE id = ?";
        const FORGET_WANTS: &str = "DELETE FROM destination_wants WHERE destination_id = ?";
        const END_WORKS: &str = "UPDATE queue_works SET finished_at = ? WHERE destination_id = ? AND finished_at IS NULL";
        let sealer = self.sealer().clone();
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                let destination = load(conn, id, &sealer).await?;
                if destination.name == DEFAULT_NAME {
                    return Err(StoreError::conflict(
                        "the default destination cannot be removed, export-config needs it; clear its URL instead",
                    ));
                }
                sqlx::query(DELETE)
                    .bind(now.as_millisecond())
                    .bind(id.0)
                    .execute(&mut *conn)
                    .await?;
                sqlx::query(FORGET_WANTS)
                    .bind(id.0)
                    .execute(&mut *conn)
                    .await?;
                sqlx::query(END_WORKS)
                    .bind(now.as_millisecond())
                    .bind(id.0)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Destinations that were removed and of which there are rows left.
    pub async fn deleted_destinations(&self) -> Result<Vec<DestinationId>> {
        const SELECT: &str = "SELECT id FROM destinations d WHERE deleted_at IS NOT NULL AND (
            EXISTS (SELECT 1 FROM outbox WHERE destination_id = d.id)
            OR EXISTS (SELECT 1 FROM batches WHERE destination_id = d.id)
            OR EXISTS (SELECT 1 FROM attempts WHERE destination_id = d.id))";
        let ids: Vec<i64> = sqlx::query_scalar(SELECT).fetch_all(self.reader()).await?;
        Ok(ids.into_iter().map(DestinationId).collect())
    }

    /// Removes some of what is left of a removed destination; gives how many rows. Nothing of it may be in flight.
    pub async fn clear_deleted(&self, id: DestinationId) -> Result<u64> {
        const SOME: &str =
            "SELECT o.id FROM outbox o JOIN destinations d ON d.id = o.destination_id
            WHERE o.destination_id = ? AND d.deleted_at IS NOT NULL LIMIT ?";
        const ITEMS: &str =
            "DELETE FROM job_items WHERE outbox_id IN (SELECT value FROM json_each(?))";
        const RECORDS: &str = "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))";
        const ATTEMPTS: &str = "DELETE FROM attempts WHERE id IN (
            SELECT a.id FROM attempts a JOIN destinations d ON d.id = a.destination_id
            WHERE a.destination_id = ? AND d.deleted_at IS NOT NULL LIMIT ?)";
        const BATCHES: &str = "DELETE FROM batches WHERE id IN (
            SELECT b.id FROM batches b JOIN destinations d ON d.id = b.destination_id
            WHERE b.destination_id = ? AND d.deleted_at IS NOT NULL LIMIT ?)";
        const CHUNK: i64 = 2_000;
        self.write(Weight::outbox(CHUNK), move |conn| {
            Box::pin(async move {
                let records: Vec<i64> = sqlx::query_scalar(SOME)
                    .bind(id.0)
                    .bind(CHUNK)
                    .fetch_all(&mut *conn)
                    .await?;
                if !records.is_empty() {
                    let list = json(&records)?;
                    sqlx::query(ITEMS).bind(&list).execute(&mut *conn).await?;
                    sqlx::query(RECORDS).bind(&list).execute(conn).await?;
                    return Ok(u64::try_from(records.len()).unwrap_or(u64::MAX));
                }
                let mut rows = 0;
                for statement in [ATTEMPTS, BATCHES] {
                    rows += sqlx::query(statement)
                        .bind(id.0)
                        .bind(CHUNK)
                        .execute(&mut *conn)
                        .await?
                        .rows_affected();
                }
                Ok(rows)
            })
        })
        .await
    }
}

/// Gives what is to be done to the queue, and the number of records that may not be withdrawn any more.
async fn apply(
    conn: &mut SqliteConnection,
    id: DestinationId,
    change: DestinationChange,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<(Vec<QueueWorkId>, u64)> {
    let before = load(conn, id, sealer).await?;
    let name = change.name.unwrap_or_else(|| before.name.clone());
    if (name == DEFAULT_NAME) != (before.name == DEFAULT_NAME) {
        return Err(StoreError::conflict(
            "default is the name of the destination of export-config, and stays so",
        ));
    }
    let after = Destination {
        name,
        url: change.url.unwrap_or_else(|| before.url.clone()),
        mode: change.mode.unwrap_or(before.mode),
        filter: change.filter.unwrap_or_else(|| before.filter.clone()),
        schedule: change.schedule.unwrap_or_else(|| before.schedule.clone()),
        batch_size: change.batch_size.unwrap_or(before.batch_size),
        rate_limit: change.rate_limit.unwrap_or(before.rate_limit),
        order: change.order.unwrap_or(before.order),
        keep_days: change.keep_days.unwrap_or(before.keep_days),
        give_up_after: change.give_up_after.unwrap_or(before.give_up_after),
        with_record_id: change.with_record_id.unwrap_or(before.with_record_id),
        needs_mapping: change.needs_mapping.unwrap_or(before.needs_mapping),
        spec: change.spec.unwrap_or_else(|| before.spec.clone()),
        ..before.clone()
    };
    let moved = after.url != before.url || after.spec != before.spec;
    let after = Destination {
        changed_at: if moved || after.with_record_id != before.with_record_id {
            now
        } else {
            before.changed_at
        },
        next_run_at: before
            .next_run_at
            .filter(|_| after.schedule == before.schedule),
        run_upto: before
            .run_upto
            .filter(|_| after.schedule == before.schedule),
        ..after
    };
    save(conn, &after, sealer).await?;
    if moved {
        sqlx::query(FORGET).bind(id.0).execute(&mut *conn).await?;
    }
    if after.batch_size < before.batch_size {
        dissolve(conn, id, Dissolve::Larger(after.batch_size)).await?;
    }
    if after.filter == before.filter && after.needs_mapping == before.needs_mapping {
        return Ok((Vec::new(), 0));
    }
    save_filter(conn, id, &after.filter).await?;
    dissolve(conn, id, Dissolve::Unwanted).await?;
    let mut works = Vec::new();
    for (kind, holds) in [
        (QueueWorkKind::Withdraw, true),
        (QueueWorkKind::WithdrawHeld, false),
    ] {
        let work = NewWork {
            kind,
            since: after.filter.from,
            holds,
        };
        works.push(begin(conn, id, work, now).await?);
    }
    Ok((works, count_unwanted(conn, id).await?))
}

async fn load(
    conn: &mut SqliteConnection,
    id: DestinationId,
    sealer: &Sealer,
) -> Result<Destination> {
    let row: Option<DestinationRow> = sqlx::query_as(BY_ID)
        .bind(id.0)
        .fetch_optional(conn)
        .await?;
    row.ok_or_else(gone)?.into_destination(sealer)
}

/// Writes all settings but the filter. Unless a person paused it, no pause, no schedule and no streak is left.
async fn save(
    conn: &mut SqliteConnection,
    destination: &Destination,
    sealer: &Sealer,
) -> Result<()> {
    const SAVE: &str =
        "UPDATE OR IGNORE destinations SET name = ?1, url = ?2, mode = ?3, schedule = ?4, batch_size = ?5, rate_limit = ?6,
            sending_order = ?7, keep_days = ?8, give_up_secs = ?9, with_record_id = ?10, needs_mapping = ?11, spec = ?12,
            spec_secrets = ?13, changed_at = ?14, next_run_at = ?15, run_upto = ?16,
            resumes_as = CASE ?3 WHEN 'paused' THEN CASE mode WHEN 'paused' THEN resumes_as ELSE mode END END
        WHERE id = ?17";
    const RESUME: &str =
        "UPDATE destinations SET failures = 0, retry_at = NULL, paused_code = NULL, paused_reason = NULL,
            paused_at = NULL, probe_at = NULL, refused_streak = 0
        WHERE id = ?";
    let (spec, secrets) = write_spec(&destination.spec, sealer)?;
    let saved = sqlx::query(SAVE)
        .bind(&destination.name)
        .bind(&destination.url)
        .bind(destination.mode.as_str())
        .bind(json(&destination.schedule)?)
        .bind(destination.batch_size)
        .bind(destination.rate_limit)
        .bind(destination.order.as_str())
        .bind(destination.keep_days)
        .bind(destination.give_up_after.as_secs())
        .bind(destination.with_record_id)
        .bind(destination.needs_mapping)
        .bind(spec)
        .bind(secrets)
        .bind(destination.changed_at.as_millisecond())
        .bind(destination.next_run_at.map(Timestamp::as_millisecond))
        .bind(destination.run_upto.map(|punch| punch.0))
        .bind(destination.id.0)
        .execute(&mut *conn)
        .await?;
    if saved.rows_affected() == 0 {
        return Err(taken(&destination.name));
    }
    if destination.mode != Mode::Paused {
        sqlx::query(RESUME)
            .bind(destination.id.0)
            .execute(&mut *conn)
            .await?;
        sqlx::query(END_STREAK)
            .bind(destination.id.0)
            .execute(conn)
            .await?;
    }
    Ok(())
}

fn taken(name: &str) -> StoreError {
    StoreError::conflict(format!(
        "another destination is called {name:?}; choose another name"
    ))
}

fn gone() -> StoreError {
    StoreError::not_found("there is no such destination, or it was removed")
}

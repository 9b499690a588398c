use std::time::Duration;

use domain::{
    Destination, DestinationFilter, MaskedSecretError, Mode, Order, RequestSpec, Schedule,
};
use jiff::SignedDuration;
use storage::{DestinationChange, NewDestination, Past};

use super::filter::{FilterWish, start_of};
use crate::{AppState, actions::export::earliest_clock, problem::Problem};

/// What is said of a destination; `None` leaves a setting as it is, or to its default.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
pub(crate) struct DestinationWish {
    pub(crate) name: Option<String>,
    pub(crate) url: Option<Option<String>>,
    pub(crate) mode: Option<Mode>,
    pub(crate) filter: FilterWish,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) batch_size: Option<u64>,
    /// Requests a minute.
    pub(crate) rate_limit: Option<Option<u64>>,
    pub(crate) order: Option<Order>,
    pub(crate) keep_days: Option<u64>,
    pub(crate) give_up_after: Option<Duration>,
    pub(crate) with_record_id: Option<bool>,
    pub(crate) needs_mapping: Option<bool>,
    /// Secrets that are masked stay what they are.
    pub(crate) request: Option<RequestSpec>,
}

/// What a new destination gets of the punches that are stored already; there is no default for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum History {
    FromNow,
    /// Those from a date or a date-time on, queued in the background.
    Since(String),
}

const LONGEST_NAME: usize = 100;
const LARGEST_BATCH: u64 = 10_000;
const LARGEST_RATE: u64 = 6_000;
const LONGEST_KEPT_DAYS: u64 = 3_650;
const SHORTEST_PATIENCE: Duration = Duration::from_mins(1);
const LONGEST_PATIENCE: Duration = Duration::from_hours(24 * 366);

impl DestinationWish {
    pub(super) async fn addition(
        self,
        state: &AppState,
        history: &History,
    ) -> Result<NewDestination, Problem> {
        let Some(name) = self.name.as_deref() else {
            return Err(Problem::invalid(
                "name is missing; send it as in {\"name\": \"Payroll\"}",
            ));
        };
        let name = checked_name(name)?;
        if self.filter.start_from.is_some() {
            return Err(Problem::invalid(
                "filter.start_from of a new destination follows from history; leave it out",
            ));
        }
        let (from, past) = match history {
            History::FromNow => (earliest_clock(state, state.clock.now()).await?, Past::Leave),
            History::Since(text) => (start_of("history.since", text)?, Past::Queue),
        };
        let settings = self.checked(state, &RequestSpec::default(), None).await?;
        let plain = NewDestination::plain(name, "", from);
        Ok(NewDestination {
            url: settings.url.flatten(),
            mode: settings.mode.unwrap_or(Mode::On),
            filter: self
                .filter
                .applied(state, DestinationFilter::since(from))
                .await?,
            schedule: settings.schedule.unwrap_or_default(),
            batch_size: settings.batch_size.unwrap_or(plain.batch_size),
            rate_limit: settings.rate_limit.flatten(),
            order: settings.order.unwrap_or(plain.order),
            keep_days: settings.keep_days.unwrap_or(plain.keep_days),
            give_up_after: settings.give_up_after.unwrap_or(plain.give_up_after),
            with_record_id: settings.with_record_id.unwrap_or(plain.with_record_id),
            needs_mapping: settings.needs_mapping.unwrap_or(plain.needs_mapping),
            spec: settings.spec.unwrap_or_default(),
            past,
            ..plain
        })
    }

    pub(super) async fn change(
        self,
        state: &AppState,
        before: &Destination,
    ) -> Result<DestinationChange, Problem> {
        let filter = self.filter.applied(state, before.filter.clone()).await?;
        let name = self
            .name
            .as_deref()
            .map(checked_name)
            .transpose()?
            .filter(|name| *name != before.name);
        Ok(DestinationChange {
            name,
            filter: Some(filter).filter(|filter| *filter != before.filter),
            ..self
                .checked(state, &before.spec, before.url.as_deref())
                .await?
        })
    }

    /// Everything but the name and the filter.
    async fn checked(
        &self,
        state: &AppState,
        kept: &RequestSpec,
        url_before: Option<&str>,
    ) -> Result<DestinationChange, Problem> {
        let url = self.url.as_ref().map(|url| {
            url.as_deref()
                .map(str::trim)
                .filter(|url| !url.is_empty())
                .map(ToOwned::to_owned)
        });
        let spec = match &self.request {
            None => None,
            Some(spec) => Some(unmasked(spec, kept)?),
        };
        if url.is_some() || spec.is_some() {
            let url_after = match &url {
                Some(url) => url.as_deref(),
                None => url_before,
            };
            state
                .delivery
                .check_spec(spec.as_ref().unwrap_or(kept), url_after)
                .await?;
        }
        if let Some(schedule) = &self.schedule {
            schedule
                .check(state.clock.now())
                .map_err(|error| Problem::invalid(error.to_string()))?;
        }
        let patience = self.give_up_after.map(patience).transpose()?;
        Ok(DestinationChange {
            name: None,
            url,
            mode: self.mode,
            filter: None,
            schedule: self.schedule.clone(),
            batch_size: within("batch_size", self.batch_size, LARGEST_BATCH)?,
            rate_limit: match self.rate_limit {
                None => None,
                Some(rate) => Some(within("rate_limit", rate, LARGEST_RATE)?),
            },
            order: self.order,
            keep_days: within("keep_days", self.keep_days, LONGEST_KEPT_DAYS)?,
            give_up_after: patience,
            with_record_id: self.with_record_id,
            needs_mapping: self.needs_mapping,
            spec,
        })
    }
}

/// Fills in what was left masked as it was read.
pub(super) fn unmasked(spec: &RequestSpec, kept: &RequestSpec) -> Result<RequestSpec, Problem> {
    let mut spec = spec.clone();
    spec.keep_masked(kept)
        .map_err(|MaskedSecretError { place }| Problem::Fault {
            line: None,
            message: "it is masked, but no secret is kept there; write the secret itself"
                .to_owned(),
            place,
        })?;
    Ok(spec)
}

fn checked_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
    {
        return Err(Problem::invalid(format!(
            "name must have 1 to {LONGEST_NAME} signs on one line"
        )));
    }
    // The path of a destination takes its id or its name.
    if name.parse::<i64>().is_ok() {
        return Err(Problem::invalid(format!(
            "name is {name:?}, which reads as an id; put a letter in it"
        )));
    }
    Ok(name.to_owned())
}

fn within(name: &str, number: Option<u64>, most: u64) -> Result<Option<u32>, Problem> {
    let Some(number) = number else {
        return Ok(None);
    };
    u32::try_from(number)
        .ok()
        .filter(|_| (1..=most).contains(&number))
        .map(Some)
        .ok_or_else(|| Problem::invalid(format!("{name} is {number}; it must be from 1 to {most}")))
}

fn patience(time: Duration) -> Result<SignedDuration, Problem> {
    if !(SHORTEST_PATIENCE..=LONGEST_PATIENCE).contains(&time) {
        return Err(Problem::invalid(format!(
            "give_up_after is {} s; it must be from 1 minute to 366 days",
            time.as_secs()
        )));
    }
    SignedDuration::try_from(time)
        .map_err(|error| Problem::invalid(format!("give_up_after: {error}")))
}

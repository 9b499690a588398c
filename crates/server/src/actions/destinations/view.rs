use domain::{Destination, Mode, Order, Schedule};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    filter::FilterView,
    schema::{RequestSchema, ScheduleSchema},
};
use crate::{actions::sync::DestinationStatus, problem::Problem};

/// Somebody who gets punches: the settings, and how delivery stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DestinationView {
    pub(crate) id: i64,
    #[schema(example = "Payroll")]
    pub(crate) name: String,
    /// Null: punches queue, nothing is sent.
    #[schema(example = "https://payroll.example/punches")]
    pub(crate) url: Option<String>,
    /// `on`, `off` (only what a person asks for goes) or `paused` (nothing goes); whatever it is, wanted punches queue.
    #[schema(value_type = String, example = "on")]
    pub(crate) mode: Mode,
    pub(crate) filter: FilterView,
    /// When waiting records go.
    #[schema(value_type = ScheduleSchema)]
    pub(crate) schedule: Schedule,
    /// Most records in one request.
    #[schema(example = 500)]
    pub(crate) batch_size: u32,
    /// Most requests a minute; null: no limit.
    pub(crate) rate_limit: Option<u32>,
    /// `per_person`: nobody's record leaves before an earlier one of the same person; `any`
    #[schema(value_type = String, example = "per_person")]
    pub(crate) order: Order,
    /// How long attempts are kept.
    #[schema(example = 30)]
    pub(crate) keep_days: u32,
    /// Seconds that a record may fail by itself, while others pass, before it is parked.
    #[schema(example = 604_800)]
    pub(crate) give_up_after: i64,
    /// Sends `record_id` in each record of the seed's shapes.
    pub(crate) include_record_id: bool,
    /// A punch waits until somebody is mapped to its user id.
    pub(crate) needs_mapping: bool,
    /// How a request is made. Secrets read `***`; what is sent back so stays. See docs/DESTINATIONS.md.
    #[schema(value_type = RequestSchema)]
    pub(crate) request: Value,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When what a request looks like was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) changed_at: Timestamp,
    pub(crate) status: DestinationStatus,
}

/// A destination after a change, and what became of its queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DestinationSavedView {
    #[serde(flatten)]
    pub(crate) destination: DestinationView,
    /// Waiting records that are not wanted any more.
    pub(crate) withdrawn: u64,
    /// Not wanted any more, but they may have arrived already or are just being sent; they stay.
    pub(crate) in_doubt: u64,
}

impl DestinationView {
    pub(super) fn new(
        destination: Destination,
        status: DestinationStatus,
    ) -> Result<Self, Problem> {
        Ok(Self {
            id: destination.id.0,
            name: destination.name,
            url: destination.url,
            mode: destination.mode,
            filter: destination.filter.into(),
            schedule: destination.schedule,
            batch_size: destination.batch_size,
            rate_limit: destination.rate_limit,
            order: destination.order,
            keep_days: destination.keep_days,
            give_up_after: destination.give_up_after.as_secs(),
            include_record_id: destination.with_record_id,
            needs_mapping: destination.needs_mapping,
            // Secrets write themselves as masks.
            request: serde_json::to_value(&destination.spec).map_err(Problem::internal)?,
            created_at: destination.created_at,
            changed_at: destination.changed_at,
            status,
        })
    }
}

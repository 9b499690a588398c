use delivery::GuardError;
use domain::{Destination, LocalTime, Pause, TimeRange};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Serialize;
use storage::ExportChange;
use utoipa::ToSchema;

use crate::{AppState, actions::devices, problem::Problem};

/// Where punches are delivered, and how.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExportView {
    /// Null until it is set; then nothing is sent.
    #[schema(example = "https://your-endpoint.com/data")]
    pub(crate) export_url: Option<String>,
    /// Off: punches queue, nothing is sent by itself.
    pub(crate) auto_export: bool,
    /// Most records in one request.
    #[schema(example = 500)]
    pub(crate) batch_size: u32,
    /// Punches whose local time is earlier stay home. Null until a URL or this was first set.
    #[schema(example = "2025-05-04 00:00:00")]
    pub(crate) start_from: Option<String>,
    /// Sends `record_id` in each record.
    pub(crate) include_record_id: bool,
    /// Why nothing is sent at present. Saving the settings, also unchanged ones, resumes.
    pub(crate) paused: Option<PauseView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PauseView {
    pub(crate) code: String,
    pub(crate) reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// When the oldest batch is tried again by itself; null: only saving the settings resumes.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) probe_at: Option<Timestamp>,
}

/// What to change; `None` leaves a setting as it is.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
pub(crate) struct ExportWish {
    /// `Some(None)`, or an empty text, clears it.
    pub(crate) export_url: Option<Option<String>>,
    pub(crate) auto_export: Option<bool>,
    pub(crate) batch_size: Option<u64>,
    /// A date or a date-time in the terminals' local time.
    pub(crate) start_from: Option<String>,
    pub(crate) include_record_id: Option<bool>,
}

/// The settings after a change, and what became of the queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExportSavedView {
    #[serde(flatten)]
    pub(crate) settings: ExportView,
    /// Stored punches that are wanted now and were not before.
    pub(crate) queued: u64,
    /// Waiting punches that are not wanted any more.
    pub(crate) withdrawn: u64,
    /// Not wanted any more, but they may have arrived already; they stay.
    pub(crate) in_doubt: u64,
}

const LARGEST_BATCH: u64 = 10_000;
const DEFAULT_BATCH: u32 = 500;

/// The export settings; defaults until somebody sets them.
pub(crate) async fn export_settings(state: &AppState) -> Result<ExportView, Problem> {
    Ok(state
        .store
        .default_destination()
        .await?
        .map_or_else(ExportView::unset, ExportView::from))
}

/// Saves export settings, brings the queue in line with them, and resumes a paused destination.
pub(crate) async fn save_export_settings(
    state: &AppState,
    wish: ExportWish,
) -> Result<ExportSavedView, Problem> {
    let change = change(state, wish).await?;
    let now = state.clock.now();
    let start = earliest_clock(state, now).await?;
    let saved = state.store.save_export_settings(change, now, start).await?;
    state.delivery.wake();
    Ok(ExportSavedView {
        settings: saved.destination.into(),
        queued: saved.queued,
        withdrawn: saved.withdrawn,
        in_doubt: saved.in_doubt,
    })
}

/// What the clock that is furthest behind shows at `now`, the server's or a terminal's: `start_from` is compared with
/// the terminals' own times, and a punch made after the URL was set must not stay home for its terminal's zone or clock.
pub(super) async fn earliest_clock(state: &AppState, now: Timestamp) -> Result<LocalTime, Problem> {
    /// A clock that is further off is wrong altogether, and would bring old history.
    const FURTHEST_SECS: u64 = 24 * 60 * 60;
    let server = &state.settings.zone;
    let terminals = state.store.terminals().await?;
    let clocks = terminals
        .iter()
        .filter(|terminal| terminal.closed_at.is_none())
        .map(|terminal| {
            let zone = terminal.zone.as_deref();
            let zone = zone.and_then(|name| TimeZone::get(name).ok());
            let offset = devices::status(state, terminal).health.clock_offset_secs;
            let offset = offset.filter(|secs| secs.unsigned_abs() <= FURTHEST_SECS);
            let shown = now.saturating_add(SignedDuration::from_secs(offset.unwrap_or(0)));
            LocalTime::at(shown.unwrap_or(now), zone.as_ref().unwrap_or(server))
        });
    let here = LocalTime::at(now, server);
    Ok(clocks.fold(here, LocalTime::min))
}

async fn change(state: &AppState, wish: ExportWish) -> Result<ExportChange, Problem> {
    let url = wish.export_url.map(|url| {
        url.map(|url| url.trim().to_owned())
            .filter(|url| !url.is_empty())
    });
    if let Some(Some(url)) = &url {
        let spec = state
            .store
            .default_destination()
            .await?
            .map(|destination| destination.spec)
            .unwrap_or_default();
        state
            .policy
            .with_choices(spec.allow_loopback, spec.allow_link_local)
            .check_url("export_url", url)?;
    }
    let batch_size = match wish.batch_size {
        None => None,
        Some(size) => Some(
            u32::try_from(size)
                .ok()
                .filter(|_| (1..=LARGEST_BATCH).contains(&size))
                .ok_or_else(|| {
                    Problem::invalid(format!(
                        "batch_size is {size}; it must be from 1 to {LARGEST_BATCH}"
                    ))
                })?,
        ),
    };
    let start_from = wish
        .start_from
        .filter(|text| !text.trim().is_empty())
        .map(|text| TimeRange::parse_start("start_from", &text))
        .transpose()
        .map_err(|error| Problem::invalid(error.to_string()))?;
    Ok(ExportChange {
        url,
        auto_export: wish.auto_export,
        start_from,
        batch_size,
        with_record_id: wish.include_record_id,
    })
}

impl ExportView {
    fn unset() -> Self {
        Self {
            export_url: None,
            auto_export: false,
            batch_size: DEFAULT_BATCH,
            start_from: None,
            include_record_id: false,
            paused: None,
        }
    }
}

impl From<Destination> for ExportView {
    fn from(destination: Destination) -> Self {
        /// The last year of the calendar stands for "not set yet".
        const NEVER: i16 = 9999;
        let start_from = Some(destination.filter.from)
            .filter(|start| start.civil().year() < NEVER)
            .map(|start| start.to_string());
        Self {
            auto_export: destination.auto_export(),
            export_url: destination.url,
            batch_size: destination.batch_size,
            start_from,
            include_record_id: destination.with_record_id,
            paused: destination.pause.map(PauseView::from),
        }
    }
}

impl From<Pause> for PauseView {
    fn from(pause: Pause) -> Self {
        Self {
            code: pause.code,
            reason: pause.reason,
            since: pause.since,
            probe_at: pause.probe_at,
        }
    }
}

impl From<GuardError> for Problem {
    fn from(error: GuardError) -> Self {
        Self::Invalid {
            code: "url_not_allowed",
            message: error.to_string(),
        }
    }
}

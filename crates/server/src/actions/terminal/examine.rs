//! The doctor's walk, on the terminal's one connection: the collector steps aside for it, and goes on where it was.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;
use zk_doctor::{Options, Report};

use super::clock::zone_of;
use crate::{AppState, actions::devices, problem::Problem};

/// Longest wait for somebody to punch.
const LONGEST_LIVE: Duration = Duration::from_mins(1);
/// The collector waits a little longer before it goes on.
const LONGEST: Duration = Duration::from_secs(200);

/// What came of an examination.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExaminationView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    #[schema(example = "192.168.1.201:4370")]
    pub(crate) address: String,
    /// The worst of all steps: `ok`, `warning` or `failed`
    #[schema(example = "ok")]
    pub(crate) outcome: &'static str,
    pub(crate) serial_number: Option<String>,
    pub(crate) device_name: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) firmware: Option<String>,
    pub(crate) steps: Vec<ExaminedStep>,
}

/// One step of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExaminedStep {
    /// `reachability`, `protocol`, `key`, `model`, `clock`, `counters`, `users`, `log` or `live`
    #[schema(example = "clock")]
    pub(crate) step: &'static str,
    /// `ok`, `warning`, `failed` or `skipped`
    #[schema(example = "ok")]
    pub(crate) outcome: &'static str,
    pub(crate) remarks: Vec<ExaminedRemark>,
}

/// One thing that was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExaminedRemark {
    /// A stable word for programs.
    pub(crate) code: &'static str,
    #[schema(example = "ok")]
    pub(crate) outcome: &'static str,
    /// What was found, and what to do about it; for people.
    pub(crate) text: String,
    pub(crate) remedy: Option<String>,
}

/// Examines a terminal from the network to its last punch.
pub(crate) async fn examine(
    state: &AppState,
    device: &str,
    live: Option<Duration>,
) -> Result<ExaminationView, Problem> {
    if live.is_some_and(|live| live > LONGEST_LIVE) {
        return Err(Problem::invalid("live_seconds must be at most 60"));
    }
    let terminal = devices::open(state, device).await?;
    let (zone, _) = zone_of(state, &terminal);
    let clock = state.clock.clone();
    let local_time = move || zone.to_datetime(clock.now());
    let options = Options {
        local_time: &local_time,
        live: live.filter(|live| !live.is_zero()),
        capture: false,
    };
    let aside = state.collector.step_aside(terminal.id).await?;
    let report = zk_doctor::examine(aside.target(), &options, |_| {});
    let report = tokio::time::timeout(LONGEST, report)
        .await
        .map_err(|_| Problem::Unavailable {
            code: "timeout",
            message: "the device answers so slowly that its examination was given up; try \
                      `zk-attendance doctor ADDRESS` while the server is stopped"
                .to_owned(),
        })?;
    Ok(view(terminal.id.0, report))
}

fn view(device: i64, report: Report) -> ExaminationView {
    let about = report.device.unwrap_or_default();
    ExaminationView {
        device,
        address: report.address,
        outcome: report.outcome.name(),
        serial_number: about.serial,
        device_name: about.model,
        platform: about.platform,
        firmware: about.firmware,
        steps: report
            .steps
            .into_iter()
            .map(|step| ExaminedStep {
                step: step.step.name(),
                outcome: step.outcome.name(),
                remarks: step
                    .remarks
                    .into_iter()
                    .map(|remark| ExaminedRemark {
                        code: remark.code,
                        outcome: remark.outcome.name(),
                        text: remark.text,
                        remedy: remark.remedy,
                    })
                    .collect(),
            })
            .collect(),
    }
}

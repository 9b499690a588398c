//! The doctor's walk, on the terminal's one connection: the collector steps aside for it, and goes on where it was.

use std::{sync::Arc, time::Duration};

use domain::{JobId, Terminal};
use serde::Serialize;
use serde_json::json;
use storage::JobKind;
use tokio::sync::mpsc;
use utoipa::ToSchema;
use zk_doctor::{Options, Report, Step, StepReport};

use super::clock::zone_of;
use crate::{
    AppState,
    actions::{background, devices},
    problem::Problem,
};

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

/// What to look at, and what to keep.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExamineWish {
    /// Waits so long for somebody to punch.
    pub(crate) live: Option<Duration>,
    /// Keeps the conversation, without the people in it, until newer ones take its place.
    pub(crate) capture: bool,
}

/// Examines a terminal from the network to its last punch.
pub(crate) async fn examine(
    state: &AppState,
    device: &str,
    live: Option<Duration>,
) -> Result<ExaminationView, Problem> {
    let wish = ExamineWish {
        live,
        capture: false,
    };
    wish.check()?;
    let terminal = devices::open(state, device).await?;
    let report = walk(state, &terminal, wish, |_| {}).await?;
    Ok(view(terminal.id.0, report))
}

/// The same as a job, which tells each step as it ends.
pub(crate) async fn begin_examination(
    state: &AppState,
    device: &str,
    wish: ExamineWish,
) -> Result<JobId, Problem> {
    wish.check()?;
    let terminal = devices::open(state, device).await?;
    let request = json!({
        "device": terminal.id,
        "live_seconds": wish.live.map(|live| live.as_secs_f64()),
        "capture": wish.capture,
    });
    background::begin(
        state,
        JobKind::ExamineDevice,
        request,
        async move |state, id| {
            let (tell, steps) = mpsc::channel(Step::ALL.len());
            let walked = walk(&state, &terminal, wish, move |step| {
                // There is room for all of them.
                let _ = tell.try_send(step.clone());
            });
            let device = terminal.id.0;
            let (report, ()) = tokio::join!(walked, note_steps(&state, id, device, steps));
            let mut report = report?;
            let capture = report.capture.take().map(|capture| capture.to_string());
            let kept = capture.is_some_and(|text| state.kept.put_capture(id, text));
            Ok(ExaminationJob {
                examination: view(device, report),
                captured: kept,
            })
        },
    )
    .await
}

/// The conversation of an examination, without the people in it.
pub(crate) fn capture(state: &AppState, job: i64) -> Result<Arc<str>, Problem> {
    state
        .kept
        .capture(JobId(job))
        .ok_or_else(|| Problem::NotFound {
            code: "no_capture",
            message: "this conversation is not kept any more; check the terminal again".to_owned(),
        })
}

/// An examination, and whether its conversation is kept.
#[derive(Serialize)]
struct ExaminationJob {
    #[serde(flatten)]
    examination: ExaminationView,
    captured: bool,
}

async fn note_steps(
    state: &AppState,
    id: JobId,
    device: i64,
    mut steps: mpsc::Receiver<StepReport>,
) {
    let mut done: Vec<ExaminedStep> = Vec::new();
    while let Some(step) = steps.recv().await {
        done.push(step.into());
        let so_far = json!({ "device": device, "steps": done });
        if let Err(error) = state.store.note_job(id, so_far).await {
            background::not_written(id, &error);
        }
    }
}

async fn walk(
    state: &AppState,
    terminal: &Terminal,
    wish: ExamineWish,
    on_step: impl FnMut(&StepReport),
) -> Result<Report, Problem> {
    let (zone, _) = zone_of(state, terminal);
    let clock = state.clock.clone();
    let local_time = move || zone.to_datetime(clock.now());
    let options = Options {
        local_time: &local_time,
        live: wish.live.filter(|live| !live.is_zero()),
        capture: wish.capture,
    };
    let aside = state.collector.step_aside(terminal.id).await?;
    let report = zk_doctor::examine(aside.target(), &options, on_step);
    tokio::time::timeout(LONGEST, report)
        .await
        .map_err(|_| Problem::Unavailable {
            code: "timeout",
            message: "the device answers so slowly that its examination was given up; try \
                      `zk-attendance doctor ADDRESS` while the server is stopped"
                .to_owned(),
        })
}

impl ExamineWish {
    fn check(self) -> Result<(), Problem> {
        if self.live.is_some_and(|live| live > LONGEST_LIVE) {
            return Err(Problem::invalid("live_seconds must be at most 60"));
        }
        Ok(())
    }
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
        steps: report.steps.into_iter().map(ExaminedStep::from).collect(),
    }
}

impl From<StepReport> for ExaminedStep {
    fn from(step: StepReport) -> Self {
        Self {
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
        }
    }
}

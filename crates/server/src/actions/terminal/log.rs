//! Reading all of a terminal's log, and clearing it.

use std::time::Duration;

use collector::ClearRequest;
use domain::{JobId, Terminal, TerminalId};
use serde::Serialize;
use serde_json::json;
use storage::JobKind;
use utoipa::ToSchema;

use super::ReconciliationView;
use crate::{
    AppState,
    actions::{background, devices},
    problem::Problem,
};

/// How long an answer waits for a read; the read goes on without it.
const PATIENCE: Duration = Duration::from_mins(4);

/// A read of a whole log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReadView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    /// `done`, or `running` when it takes longer than the answer could wait; see
    /// `GET /api/v1/devices/{id}/reconciliations` for what comes of it.
    #[schema(example = "done")]
    pub(crate) state: &'static str,
    pub(crate) reconciliation: Option<ReconciliationView>,
}

/// A log that was cleared.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ClearedView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    /// Rows that it had; all of them are in the ledger.
    #[schema(example = 18214)]
    pub(crate) rows: u64,
    /// The file on the server that holds the log, byte for byte.
    #[schema(
        example = "zk-attendance-data/log-copies/CKJF200460123-20261123T100000Z-layout40.log"
    )]
    pub(crate) copy: String,
    /// What was made sure of, in this order.
    pub(crate) guards: Vec<Guard>,
}

/// Something that was made sure of before a log was cleared, or after.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Guard {
    /// `serial_number`, `read`, `reconciled`, `copied`, `counted_before` or `counted_after`
    #[schema(example = "reconciled")]
    pub(crate) guard: &'static str,
    pub(crate) found: String,
}

/// Reads the whole log now, as the proof that nothing was missed.
pub(crate) async fn read_log(state: &AppState, device: &str) -> Result<ReadView, Problem> {
    let terminal = devices::open(state, device).await?;
    let run = tokio::time::timeout(PATIENCE, state.collector.read_all(terminal.id)).await;
    let run = run.ok().transpose()?;
    Ok(ReadView {
        device: terminal.id.0,
        state: if run.is_some() { "done" } else { "running" },
        reconciliation: run.map(ReconciliationView::from),
    })
}

/// Clears the log, where the caller named the terminal's serial number and all of the log is in the ledger.
pub(crate) async fn clear_log(
    state: &AppState,
    device: &str,
    serial: &str,
    by: &str,
) -> Result<ClearedView, Problem> {
    let terminal = devices::open(state, device).await?;
    let request = confirmed(&terminal, serial, by)?;
    clear(state, terminal.id, request).await
}

/// The same as a job.
pub(crate) async fn begin_clearing(
    state: &AppState,
    device: &str,
    serial: &str,
    by: &str,
) -> Result<JobId, Problem> {
    let terminal = devices::open(state, device).await?;
    let confirmed = confirmed(&terminal, serial, by)?;
    let request = json!({ "device": terminal.id, "serial_number": confirmed.serial, "by": by });
    background::begin(state, JobKind::ClearLog, request, async move |state, _| {
        clear(&state, terminal.id, confirmed).await
    })
    .await
}

fn confirmed(terminal: &Terminal, serial: &str, by: &str) -> Result<ClearRequest, Problem> {
    if terminal.serial.as_deref() != Some(serial.trim()) {
        return Err(Problem::Invalid {
            code: "not_confirmed",
            message: format!(
                "serial_number must be the one of {}, as GET /api/v1/devices/{} or its own menu shows it, so that no \
                 other log is cleared",
                terminal.name, terminal.id
            ),
        });
    }
    Ok(ClearRequest {
        serial: serial.trim().to_owned(),
        by: by.to_owned(),
    })
}

async fn clear(
    state: &AppState,
    terminal: TerminalId,
    request: ClearRequest,
) -> Result<ClearedView, Problem> {
    let serial = request.serial.clone();
    let cleared = state.collector.clear_log(terminal, request).await?;
    let copy = cleared.copy.display().to_string();
    let rows = cleared.rows;
    let guards = [
        ("serial_number", format!("{serial} was named and answered")),
        ("read", format!("all {rows} punches were read")),
        (
            "reconciled",
            format!(
                "the device said {rows}, and each of them is in the ledger, a repeat, or kept raw"
            ),
        ),
        ("copied", format!("byte for byte into {copy}")),
        (
            "counted_before",
            format!("{rows} right before, while nobody could punch"),
        ),
        ("counted_after", "0 are left".to_owned()),
    ];
    Ok(ClearedView {
        device: terminal.0,
        rows,
        copy,
        guards: guards
            .into_iter()
            .map(|(guard, found)| Guard { guard, found })
            .collect(),
    })
}

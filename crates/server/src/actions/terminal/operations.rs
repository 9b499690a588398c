//! The terminal's own log of what was done at it.

use std::sync::Arc;

use domain::{Terminal, TerminalId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{AppState, actions::devices, problem::Problem};

/// One thing that was done at a terminal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OperationView {
    /// By the terminal's own clock; null where it is no time.
    #[schema(example = "2026-11-23 09:00:00")]
    pub(crate) time: Option<String>,
    /// Its number in the protocol.
    #[schema(example = 23)]
    pub(crate) operation: u8,
    /// Null for a number that is not known.
    #[schema(example = "attendance log cleared")]
    pub(crate) name: Option<&'static str>,
    /// Who did it, where that is still a user of the device; null for nobody.
    #[schema(example = "1")]
    pub(crate) by_user_id: Option<String>,
    /// What it was done to; the meaning goes by the operation.
    #[schema(value_type = Vec<u16>, example = json!([0, 0, 0, 0]))]
    pub(crate) values: [u16; 4],
}

/// The newest first. They are not kept here: they were read from the terminal just now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OperationsView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    pub(crate) operations: Vec<OperationView>,
    /// How many the device has.
    #[schema(example = 212)]
    pub(crate) total: usize,
    /// Rows that cannot be read.
    #[schema(example = 0)]
    pub(crate) unreadable: usize,
}

/// A terminal's operations, as they were read.
#[derive(Debug, Clone)]
pub(crate) struct OperationsRead {
    pub(crate) at: Timestamp,
    /// Newest first.
    pub(crate) operations: Vec<OperationView>,
    pub(crate) total: usize,
    pub(crate) unreadable: usize,
}

/// Reads the operation log of a terminal.
pub(crate) async fn operations(
    state: &AppState,
    device: &str,
    limit: usize,
) -> Result<OperationsView, Problem> {
    let terminal = devices::open(state, device).await?;
    let read = read(state, &terminal, limit).await?;
    Ok(OperationsView {
        device: terminal.id.0,
        operations: read.operations,
        total: read.total,
        unreadable: read.unreadable,
    })
}

/// Reads it and keeps it in memory, to be looked through; gives how many there are.
pub(crate) async fn keep_operations(state: &AppState, device: &str) -> Result<usize, Problem> {
    const MOST: usize = 10_000;
    let terminal = devices::open(state, device).await?;
    let read = read(state, &terminal, MOST).await?;
    let total = read.total;
    state.kept.put_operations(terminal.id, read);
    Ok(total)
}

/// Those that were read last, where they are kept.
pub(crate) fn kept_operations(state: &AppState, device: i64) -> Option<Arc<OperationsRead>> {
    state.kept.operations(TerminalId(device))
}

async fn read(
    state: &AppState,
    terminal: &Terminal,
    limit: usize,
) -> Result<OperationsRead, Problem> {
    let read = state.collector.read_operations(terminal.id).await?;
    let people = state.store.enrolments(terminal.id).await?;
    let total = read.operations.len();
    let operations = read
        .operations
        .into_iter()
        .rev()
        .take(limit)
        .map(|seen| OperationView {
            time: seen.time.map(|time| time.to_string()),
            operation: seen.operation,
            name: seen.name,
            by_user_id: people
                .iter()
                .find(|person| seen.by_slot != 0 && person.uid == seen.by_slot)
                .map(|person| person.pin.to_string()),
            values: seen.values,
        })
        .collect();
    Ok(OperationsRead {
        at: state.clock.now(),
        operations,
        total,
        unreadable: read.unreadable,
    })
}

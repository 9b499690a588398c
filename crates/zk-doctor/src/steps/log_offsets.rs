//! Whether a terminal can read from the middle of its log, which makes reading what is new cheap.

use zk_client::{Error, Session};
use zk_wire::RowLayout;

use super::log_tally::{KEPT, Tally};
use crate::report::StepReport;

/// Reads the last rows once more, from where they begin, and compares.
pub(super) async fn check(
    session: &mut Session,
    tally: &Tally,
    layout: RowLayout,
    report: &mut StepReport,
) -> Result<(), Error> {
    let known: Vec<u8> = tally.end.iter().flatten().copied().collect();
    let end = usize::try_from(tally.rows)
        .unwrap_or(usize::MAX)
        .saturating_mul(layout.size());
    let start = end.saturating_sub(known.len());
    let mut log = match session.prepare_log().await {
        Ok(log) => log,
        Err(error) if error.is_about_the_request() => {
            refused(report);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    if log.arrived_whole() {
        session.free_log(log).await;
        return Ok(());
    }
    if start == 0 || log.bytes() < end {
        // Nothing stands before these rows, or the log is not the same any more.
        session.free_log(log).await;
        return Ok(());
    }
    let read = session.read_log(&mut log, start..end).await;
    session.free_log(log).await;
    match read {
        // A full log that rolled over meanwhile stands a row or more further on.
        Ok(bytes) if is_shifted(&bytes, &known, layout.size()) => {
            report.ok(
                "offsets",
                "It can read from the middle of its log, so that only what is new is read.",
            );
            Ok(())
        }
        Ok(_) | Err(Error::OffsetRefused { .. } | Error::Refused { .. }) => {
            refused(report);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

pub(super) fn refused(report: &mut StepReport) {
    report.warn(
        "no_offsets",
        "It cannot read from the middle of its log: the whole log is read whenever something is new.",
        "Nothing to do but to keep its log short, where that takes long.",
    );
}

/// Whether `bytes` are `known`, or begin with all of it but some of its first rows.
fn is_shifted(bytes: &[u8], known: &[u8], row: usize) -> bool {
    (0..known.len())
        .step_by(row)
        .take(KEPT / 2)
        .any(|by| known.get(by..).is_some_and(|rest| bytes.starts_with(rest)))
}

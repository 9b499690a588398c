//! The ledger against the terminals' logs.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value;

use super::{
    judge::Log,
    request::{Doors, Punch, text},
    server::Serve,
};

/// Every punch that the server shows.
pub(super) fn read(serve: &Serve, doors: &Doors) -> anyhow::Result<Vec<Punch>> {
    serve
        .get("/api/attendance")?
        .get("records")
        .and_then(Value::as_array)
        .context("an answer without records")?
        .iter()
        .map(|record| {
            let serial = text(record, "/device")?;
            let port = doors
                .get(&serial)
                .with_context(|| format!("a punch of the terminal {serial}"))?;
            Ok(Punch {
                terminal: *port,
                person: text(record, "/employee_id")?,
                time: text(record, "/timestamp")?,
                kind: text(record, "/punch_type")?,
            })
        })
        .collect()
}

/// `expected` was in the terminals before the ledger was read, `known` is all that they ever held.
pub(super) fn compare(ledger: &[Punch], expected: &[Log], known: &[Log]) -> Vec<String> {
    let known: BTreeSet<&Punch> = known.iter().flat_map(|log| &log.0).collect();
    let mut complaints = Vec::new();
    let mut held = BTreeSet::new();
    for punch in ledger {
        if !held.insert(punch) {
            complaints.push(format!("the ledger holds {punch} twice"));
        }
        if !known.contains(punch) {
            complaints.push(format!("the ledger holds {punch}, and no terminal does"));
        }
    }
    for punch in expected.iter().flat_map(|log| &log.0) {
        if !held.contains(punch) {
            complaints.push(format!("the ledger does not hold {punch}"));
        }
    }
    complaints
}

//! The ledger against the terminals' logs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::Value;

use super::{
    judge::Log,
    request::{Doors, Punch, text},
    server::Serve,
};

/// The places of records in the ledger, by their ids: the order of arrival.
pub(super) type Numbers = BTreeMap<String, u64>;

/// More pages than any run fills.
const MOST_PAGES: usize = 1_000;

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
                pin: text(record, "/user_id")?,
                time: text(record, "/timestamp")?,
                kind: text(record, "/punch_type")?,
            })
        })
        .collect()
}

/// From the deliveries of a destination that gets every punch.
pub(super) fn numbers(serve: &Serve, destination: &str) -> anyhow::Result<Numbers> {
    let mut numbers = Numbers::new();
    let mut cursor = String::new();
    for _ in 0..MOST_PAGES {
        let path = format!("/api/v1/deliveries?destination={destination}&limit=1000{cursor}");
        let page = serve.get(&path)?;
        let rows = page
            .get("deliveries")
            .and_then(Value::as_array)
            .context("a page without deliveries")?;
        for row in rows {
            let number = row.get("punch").and_then(Value::as_u64);
            numbers.insert(
                text(row, "/record_id")?,
                number.with_context(|| format!("a delivery without its punch: {row}"))?,
            );
        }
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(numbers),
        }
    }
    anyhow::bail!("deliveries have no last page")
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

/// What a terminal holds in one order, by its log and by its clock, is in the ledger in that order. `polled` are
/// terminals that tell of nothing by themselves: where one does, a later punch may be known before an earlier one.
pub(super) fn order(
    polled: &[Log],
    number: impl Fn(&Punch) -> Option<u64>,
    complaints: &mut Vec<String>,
) {
    for log in polled {
        let mut seen = BTreeSet::new();
        let mut last: BTreeMap<&str, (u64, &Punch)> = BTreeMap::new();
        for punch in log.0.iter().filter(|punch| seen.insert(*punch)) {
            let Some(place) = number(punch) else {
                continue;
            };
            match last.get(punch.pin.as_str()) {
                Some((before, earlier)) if *before > place && earlier.time < punch.time => {
                    complaints.push(format!("the ledger holds {punch} before {earlier}"));
                }
                // A clock that went back: what is behind it is compared with what is ahead of it.
                Some((_, earlier)) if earlier.time > punch.time => {}
                _ => {
                    last.insert(&punch.pin, (place, punch));
                }
            }
        }
    }
}

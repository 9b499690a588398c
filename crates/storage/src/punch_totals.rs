//! How many punches the ledger holds of each terminal.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{LocalTime, TerminalId};

use crate::{
    Result, Store,
    columns::{local_time, narrow},
};

/// What the ledger holds of one terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PunchTotal {
    pub terminal_id: TerminalId,
    pub count: u64,
    pub last_local_time: LocalTime,
}

/// What was counted so far. Punches are never changed and never taken away, so only new ones need counting: of a large
/// ledger a count of all takes as long as a page may, and pages ask every two seconds.
#[derive(Default)]
pub(crate) struct Counted(Mutex<Totals>);

#[derive(Clone, Default)]
struct Totals {
    /// The last punch that was counted; ids are given in the order of commits.
    last: i64,
    by_terminal: BTreeMap<i64, PunchTotal>,
}

#[derive(sqlx::FromRow)]
struct Row {
    terminal_id: i64,
    count: i64,
    latest: String,
    last: i64,
}

impl Store {
    /// What the ledger holds of each terminal that has any punch.
    pub async fn punch_totals(&self) -> Result<Vec<PunchTotal>> {
        // Without the hint the index by terminal is walked from end to end to group by it.
        const NEW: &str =
            "SELECT terminal_id, COUNT(*) AS count, MAX(local_time) AS latest, MAX(id) AS last
            FROM punches NOT INDEXED WHERE id > ? GROUP BY terminal_id";
        let mut totals = self.counted().totals().clone();
        let rows: Vec<Row> = sqlx::query_as(NEW)
            .bind(totals.last)
            .fetch_all(self.reader())
            .await?;
        for row in &rows {
            totals.add(row)?;
        }
        let list = totals.by_terminal.values().copied().collect();
        self.counted().keep(totals);
        Ok(list)
    }
}

impl Counted {
    fn totals(&self) -> MutexGuard<'_, Totals> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of two that counted at the same time, the one that saw more is kept.
    fn keep(&self, totals: Totals) {
        let mut kept = self.totals();
        if kept.last < totals.last {
            *kept = totals;
        }
    }
}

impl Totals {
    fn add(&mut self, row: &Row) -> Result<()> {
        let latest = local_time(&row.latest)?;
        let count: u64 = narrow(row.count, "count of punches")?;
        let total = self
            .by_terminal
            .entry(row.terminal_id)
            .or_insert(PunchTotal {
                terminal_id: TerminalId(row.terminal_id),
                count: 0,
                last_local_time: latest,
            });
        total.count += count;
        total.last_local_time = total.last_local_time.max(latest);
        self.last = self.last.max(row.last);
        Ok(())
    }
}

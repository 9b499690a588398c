//! Reading the whole log of a terminal that gives no parts of it.

use super::{Brought, Line, Talk, whole::Wish};
use crate::{
    CommandError, decode,
    failure::not_connected,
    rows::{Harvest, LogRow},
    tail::Ends,
};
use storage::ReadHow;

/// Rows that are looked up together.
const LOOK_UP: usize = 2_000;

impl Line {
    /// Its new rows are those that the counters tell of.
    pub(super) async fn read_in_one_piece(
        &mut self,
        talk: &mut Talk,
        wish: Wish<'_>,
    ) -> Result<Option<Brought>, CommandError> {
        let Wish {
            counters,
            why,
            place,
        } = wish;
        let failed = |error: zk_client::Error| not_connected(&self.terminal, &error);
        let mut harvest = Harvest::default();
        let mut ends = Ends::default();
        let mut pending = Vec::new();
        let mut log = talk
            .session
            .attendance_in_one_piece(counters)
            .await
            .map_err(failed)?;
        while let Some(rows) = log.next_rows().await.map_err(failed)? {
            // Rows have one.
            let Some(layout) = log.layout() else { continue };
            let as_set = self.as_set(layout);
            for row in rows.iter() {
                ends.push(row.raw());
                pending.push(decode::log_row(row.raw(), as_set));
            }
            if pending.len() >= LOOK_UP {
                self.look_up_into(&mut pending, &mut harvest).await?;
            }
        }
        let bytes = log.bytes().unwrap_or(0);
        let summary = log.finish().await;
        self.look_up_into(&mut pending, &mut harvest).await?;
        Ok(Some(Brought {
            rows: harvest.seen,
            harvest,
            ends,
            layout: summary.layout,
            bytes,
            refused: summary.refused,
            how: ReadHow::Full,
            is_proof: why.is_told(),
            _place: place,
        }))
    }

    async fn look_up_into(
        &self,
        pending: &mut Vec<LogRow>,
        harvest: &mut Harvest,
    ) -> Result<(), CommandError> {
        let known = self.look_up(pending).await?;
        for (row, known) in pending.drain(..).zip(known) {
            harvest.take(row, known);
        }
        Ok(())
    }

    /// For each row whether the ledger has its raw bytes.
    pub(super) async fn look_up(&self, rows: &[LogRow]) -> Result<Vec<bool>, CommandError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let bytes = rows.iter().map(|row| row.raw.clone()).collect();
        Ok(self
            .shared
            .store
            .known_rows(self.terminal.id, bytes)
            .await?)
    }
}

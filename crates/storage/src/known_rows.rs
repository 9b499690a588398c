//! Which rows of a terminal's log the ledger knows by their raw bytes.

use domain::TerminalId;

use crate::{
    Result, Store, StoreError,
    columns::{hex, json},
};

/// Rows that one statement looks up.
const CHUNK: usize = 2_000;

impl Store {
    /// For each row whether a punch of this terminal has exactly these bytes.
    pub async fn known_rows(&self, terminal: TerminalId, raws: Vec<Vec<u8>>) -> Result<Vec<bool>> {
        // One text of 0s and 1s instead of a row for each.
        const LOOK: &str = "SELECT COALESCE(group_concat(
                EXISTS (SELECT 1 FROM punches p WHERE p.terminal_id = ?1 AND p.raw = unhex(n.value)), ''
                ORDER BY n.key), '')
            FROM json_each(?2) AS n";
        let mut known = Vec::with_capacity(raws.len());
        for chunk in raws.chunks(CHUNK) {
            let asked: Vec<_> = chunk.iter().map(|raw| hex(raw)).collect();
            let found: String = sqlx::query_scalar(LOOK)
                .bind(terminal.0)
                .bind(json(&asked)?)
                .fetch_one(self.reader())
                .await?;
            if found.len() != chunk.len() {
                return Err(StoreError::damaged(format!(
                    "{} rows looked up, {} found",
                    chunk.len(),
                    found.len()
                )));
            }
            known.extend(found.bytes().map(|digit| digit == b'1'));
        }
        Ok(known)
    }
}

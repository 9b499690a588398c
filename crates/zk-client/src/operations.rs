use zk_wire::{OperationTable, Table};

use crate::{Error, Session};

impl Session {
    /// Reads the log of what was done at the terminal: who opened its menu, set its clock, cleared its log …
    pub async fn operations(&mut self) -> Result<OperationTable, Error> {
        let table = self.read_table(Table::Operations).await?;
        Ok(OperationTable::decode(&table))
    }
}

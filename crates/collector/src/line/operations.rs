//! The terminal's own log of what was done at it.

use super::Line;
use crate::{CommandError, OperationSeen, OperationsRead, decode, failure::not_connected};

impl Line {
    pub(super) async fn read_operations(&mut self) -> Result<OperationsRead, CommandError> {
        let (mut talk, _) = self.talk().await?;
        let read = talk.session.operations().await;
        let result = match read {
            Ok(table) => Ok(OperationsRead {
                unreadable: table.unreadable.len(),
                operations: table
                    .rows
                    .into_iter()
                    .map(|row| OperationSeen {
                        by_slot: row.admin,
                        operation: row.operation,
                        name: row.name(),
                        time: decode::local_time(row.time).ok(),
                        values: row.values,
                    })
                    .collect(),
            }),
            Err(error @ zk_client::Error::Refused { .. }) => Err(CommandError::Refused {
                reason: format!("terminal {}: {error}", self.terminal.name),
            }),
            Err(error) => Err(not_connected(&self.terminal, &error)),
        };
        self.settle(talk, &result).await;
        result
    }
}

//! Row numbers of the ledger, one type each so that they cannot be mixed up.

use serde::{Deserialize, Serialize};

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

row_id! {
    /// A terminal as registered here.
    TerminalId,
    /// A punch in the ledger, in the order of arrival.
    PunchId,
    /// A receiver of punches.
    DestinationId,
    /// A punch on its way to one destination, in the order of arrival.
    OutboxId,
    /// Records that leave together in one request.
    BatchId,
    /// One request to a destination.
    AttemptId,
    /// Bringing a destination's queue in line, in the background.
    QueueWorkId,
    /// Work that somebody asked for and that goes on in the background.
    JobId,
    /// One read of one terminal.
    SyncRunId,
    /// A row of a log that nobody could read yet.
    UnreadableId,
    /// An API key.
    ApiKeyId,
    /// Somebody who works here.
    PersonId,
    /// Terminals that share their PINs.
    PinGroupId,
    /// A PIN's person for a time.
    MappingId,
    /// Something that people are asked about PINs.
    InboxId,
}

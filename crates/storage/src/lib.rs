//! The only crate that knows SQL: the ledger of punches, and everything that must survive a restart.
//!
//! One [`Store`] is one `SQLite` file. All writes go through one connection behind one task, which runs whatever waits in
//! one transaction and answers after its commit (see `writer.rs`); reads have a small pool of their own and never hold a
//! statement open, so long answers are paged by key. Each aggregate has its file, with its statements beside its
//! functions. What must happen together is one function here: a punch and its outbox rows, a batch and its members.

mod attempt_log;
mod attempts;
mod batches;
mod columns;
mod correction_list;
mod corrections;
mod deliveries;
mod destination_changes;
mod destination_health;
mod destination_row;
mod destinations;
mod dissolve;
mod enrolments;
mod error;
mod filter_match;
mod jobs;
mod keys;
mod known_rows;
mod live;
mod log_positions;
mod many_rows;
mod members;
mod notices;
mod outbox;
mod people;
mod punch_list;
mod punch_totals;
mod punches;
mod queue_works;
mod queueing;
mod replay;
mod runs;
mod sealer;
mod send_jobs;
mod send_runs;
mod settings;
mod store;
mod templates;
mod terminal_changes;
mod terminal_row;
mod terminals;
mod unreadable;
mod writer;

#[cfg(test)]
mod tests;

pub use attempt_log::{
    Attempt, AttemptEnd, AttemptFilter, AttemptKind, AttemptStart, BodyMark, KEPT_OF_ANSWER,
};
pub use attempts::{Accepted, AttemptNote, Leftover, Postponed};
pub use batches::{Batch, BatchPart, BatchRecord, BatchRole, NewBatch};
pub use correction_list::{Correction, CorrectionKind};
pub use corrections::{HeldFilter, Released};
pub use deliveries::{CauseCount, Delivery, DeliveryCursor, DeliveryState};
pub use destination_changes::{DestinationChange, DestinationSaved, NewDestination, Past};
pub use destinations::{ExportChange, ExportSaved};
pub use error::{Result, StoreError};
pub use jobs::{Job, JobKind, JobState};
pub use keys::ApiKey;
pub use notices::{NewNotice, Notice, NoticeLevel};
pub use outbox::{Candidate, Claim, OutboxCounts, ParkedRecord, Whose};
pub use people::{
    Decision, InboxAnswer, InboxAnswerKind, InboxAnswered, InboxFilter, InboxItem, InboxKind,
    KnownAs, Mapped, Mapping, MappingFilter, MappingsTaken, NewMapping, PeopleMeant, PeopleTaken,
    PersonFilter, PinGroup, PinGroupMember,
};
pub use punch_list::{PunchCursor, PunchFilter};
pub use punch_totals::PunchTotal;
pub use punches::{Ingested, Intake};
pub use queue_works::{QueueWork, QueueWorkKind};
pub use replay::Replay;
pub use runs::{ReadHow, RunKind, RunOutcome, RunResult, SyncRun};
pub use sealer::Sealer;
pub use send_jobs::{Resend, SendJob, SendJobProgress};
pub use store::{FILE, Store};
pub use templates::{StoredTemplate, TemplateInfo};
pub use terminals::{NewTerminal, TerminalChange};
pub use unreadable::UnreadableRow;

pub(crate) use writer::Weight;

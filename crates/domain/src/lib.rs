//! Plain types and rules of ZK Attendance, without I/O.
//!
//! Everything that more than one crate must agree on stands here: what identifies a terminal and a punch, how a
//! terminal's naive local time becomes an instant, which words are used for codes, who may do what. Nothing in this
//! crate reads a clock, a socket or a file; time comes in through [`Clock`] or as an argument.

mod clock;
mod destination;
mod destination_filter;
mod ids;
mod local_time;
mod log_position;
mod out_punch;
mod people;
mod person;
mod pin;
mod punch;
mod record_id;
mod request_spec;
mod role;
mod schedule;
mod secret;
mod terminal;
mod terminal_settings;
mod time_range;

#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use destination::{BatchShape, Destination, Mode, Order, Pause};
pub use destination_filter::{DestinationFilter, FilterFacts, Unwanted};
pub use ids::{
    ApiKeyId, AttemptId, BatchId, DestinationId, InboxId, JobId, MappingId, OutboxId, PersonId,
    PinGroupId, PunchId, QueueWorkId, SyncRunId, TerminalId, UnreadableId,
};
pub use local_time::{LocalTime, LocalTimeError, Resolved, TimeFlag, is_implausible};
pub use log_position::LogPosition;
pub use out_punch::{BatchFacts, OutPunch};
pub use people::{
    Acquaintance, EmployeeNumber, MappingHow, MappingRow, Person, PersonChange, PersonDetails,
    PersonError, PersonName, PersonRow, Place, SheetError, SheetFault, Suggestion,
    SuggestionReason, Validity, is_other_person, read_mappings, read_people, settle_places,
    suggest, write_mappings, write_people,
};
pub use person::Enrolment;
pub use pin::{Pin, PinError};
pub use punch::{NewPunch, Punch, PunchState, Source};
pub use record_id::{RecordId, batch_key, reworded_key};
pub use request_spec::{
    AlreadyThere, BodySpec, ClientCredentialsIn, ClientIdentity, Field, FieldValue, KeyPlace,
    MaskedSecretError, Proxy, RequestAuth, RequestMethod, RequestSpec, Signing, SpecError,
    StoredSpec, TemplateUnit, TlsSpec,
};
pub use role::{Role, RoleError};
pub use schedule::{Schedule, ScheduleError};
pub use secret::Secret;
pub use terminal::{
    Address, AddressError, Terminal, TerminalHealth, TerminalInfo, TerminalSelector, Transport,
};
pub use terminal_settings::{ClockPolicy, LiveMode, StateVerifyOrder};
pub use time_range::{TimeRange, TimeRangeError};

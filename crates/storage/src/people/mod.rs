//! Who stands behind a PIN: people, mappings, and what is not clear.
//!
//! Mappings are append-only with a validity on the terminals' own clocks. What follows from them and from groups of
//! terminals is written down in `pin_people`, one row for each terminal, PIN and time, so that everything else needs one
//! look. As whom a record is told is settled with its first batch (`outbox.told_as`), so that a resend has the same bytes.

mod inbox;
mod inbox_answers;
mod known;
mod mapping_sheets;
mod mappings;
mod meant;
mod notice;
mod people_sheets;
mod person_lists;
mod persons;
mod pin_groups;
mod unmapped;
mod unwanted;

pub use self::{
    inbox::{InboxAnswered, InboxFilter, InboxItem, InboxKind},
    inbox_answers::{Decision, InboxAnswer, InboxAnswerKind},
    known::KnownAs,
    mapping_sheets::MappingsTaken,
    mappings::{Mapped, Mapping, MappingFilter, NewMapping},
    meant::PeopleMeant,
    people_sheets::PeopleTaken,
    person_lists::PersonFilter,
    pin_groups::{PinGroup, PinGroupMember},
};
pub(crate) use self::{
    known::{is_behind, person_of, told_of},
    meant::is_meant,
    notice::{notice_enrolments, notice_pins, notice_punches},
    pin_groups::take_over_group,
    unwanted::look_again,
};

//! Who stands behind a PIN.

mod mapping;
mod person;
mod sheet;
mod spelling;
mod suggest;

#[cfg(test)]
mod tests;

pub use self::{
    mapping::{MappingHow, Place, Validity, settle_places},
    person::{EmployeeNumber, Person, PersonChange, PersonDetails, PersonError, PersonName},
    sheet::{
        MappingRow, PersonRow, SheetError, SheetFault, read_mappings, read_people, write_mappings,
        write_people,
    },
    spelling::is_other_person,
    suggest::{Acquaintance, Suggestion, SuggestionReason, suggest},
};

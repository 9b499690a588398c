use std::collections::HashMap;

use domain::{Pin, TerminalId};
use storage::StoreError;

use crate::handle::Shared;

/// The people of one terminal, as last read.
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    /// Whose slot it is.
    pub(crate) pins: HashMap<u16, Pin>,
    pub(crate) names: HashMap<Pin, String>,
}

impl Shared {
    pub(crate) async fn people_of(&self, id: TerminalId) -> Result<People, StoreError> {
        let mut people = People::default();
        for enrolment in self.store.enrolments(id).await? {
            people.pins.insert(enrolment.uid, enrolment.pin.clone());
            people.names.insert(enrolment.pin, enrolment.name);
        }
        Ok(people)
    }
}

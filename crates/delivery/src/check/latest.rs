//! A preview on real punches: the last that the ledger got from one terminal.

use std::collections::HashMap;

use domain::{
    BatchFacts, LocalTime, OutPunch, PersonName, Punch, PunchId, RequestSpec, Terminal, batch_key,
};
use storage::{PunchFilter, StoreError};

use crate::{Delivery, ShownRequest, SpecFault};

use super::{check_spec, preview, sample};

const PUNCHES: u32 = 3;

/// What a request would look like, for somebody who is writing its template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Secrets masked.
    pub request: Result<ShownRequest, SpecFault>,
    /// The ledger holds no punch yet: these are made up.
    pub made_up: bool,
    pub records: usize,
}

impl Delivery {
    /// Checks everything that can be known without sending.
    pub async fn check_spec(&self, spec: &RequestSpec, url: Option<&str>) -> Result<(), SpecFault> {
        let spec = spec.clone();
        let url = url.map(ToOwned::to_owned);
        let policy = self.policy().clone();
        self.apart()
            .run(move || check_spec(&spec, url.as_deref(), &policy))
            .await
            .unwrap_or_else(|error| Err(error.into()))
    }

    /// `spec` and `url` as somebody is writing them; nothing is sent or kept.
    pub async fn preview(
        &self,
        spec: &RequestSpec,
        url: &str,
        with_record_id: bool,
    ) -> Result<Preview, StoreError> {
        let all = PunchFilter::default();
        let latest = self.store().latest_punches(&all, None, PUNCHES).await?;
        let terminal = match latest.first() {
            Some(punch) => self.store().terminal(punch.terminal_id).await?,
            None => None,
        };
        let (facts, punches) = match &terminal {
            Some(terminal) => {
                let ids: Vec<PunchId> = latest.iter().map(|punch| punch.id).collect();
                let people = self.store().people_of_punches(&ids).await?;
                self.real(terminal, &latest, &people)
            }
            None => sample(),
        };
        let facts = BatchFacts {
            is_bare: spec.takes_one_record(),
            with_record_id,
            ..facts
        };
        let records = if spec.takes_one_record() {
            1
        } else {
            punches.len()
        };
        let (spec, url) = (spec.clone(), url.to_owned());
        let request = self
            .apart()
            .run(move || preview(&spec, &url, &facts, &punches))
            .await
            .unwrap_or_else(|error| Err(error.into()));
        Ok(Preview {
            request,
            made_up: terminal.is_none(),
            records,
        })
    }

    /// Those of one terminal, oldest first as they would leave.
    fn real(
        &self,
        terminal: &Terminal,
        latest: &[Punch],
        people: &HashMap<PunchId, PersonName>,
    ) -> (BatchFacts, Vec<OutPunch>) {
        let punches: Vec<OutPunch> = latest
            .iter()
            .rev()
            .filter(|punch| punch.terminal_id == terminal.id)
            .map(|punch| {
                let told = OutPunch::from(punch);
                match people.get(&punch.id) {
                    Some(person) => told.known_as(person.employee_number.as_str(), &person.name),
                    None => told,
                }
            })
            .collect();
        let facts = BatchFacts {
            is_bare: false,
            idempotency_key: batch_key(punches.iter().map(|punch| &punch.record_id)),
            export_time: LocalTime::at(self.now(), self.zone()).to_string(),
            device_ip: terminal.address.host.clone(),
            device_port: terminal.address.port,
            device_name: terminal.name.clone(),
            device_serial: terminal.serial.clone(),
            with_record_id: false,
        };
        (facts, punches)
    }
}

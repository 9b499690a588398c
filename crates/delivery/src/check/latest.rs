//! A preview on real punches: the last that the ledger got from one terminal.

use domain::{BatchFacts, LocalTime, OutPunch, Punch, RequestSpec, Terminal, batch_key};
use storage::{PunchFilter, StoreError};

use crate::{Delivery, ShownRequest, SpecFault};

use super::{preview, sample};

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
            Some(terminal) => self.real(terminal, &latest),
            None => sample(),
        };
        let facts = BatchFacts {
            is_bare: spec.takes_one_record(),
            with_record_id,
            ..facts
        };
        Ok(Preview {
            request: preview(spec, url, &facts, &punches),
            made_up: terminal.is_none(),
            records: if spec.takes_one_record() {
                1
            } else {
                punches.len()
            },
        })
    }

    /// Those of one terminal, oldest first as they would leave.
    fn real(&self, terminal: &Terminal, latest: &[Punch]) -> (BatchFacts, Vec<OutPunch>) {
        let punches: Vec<OutPunch> = latest
            .iter()
            .rev()
            .filter(|punch| punch.terminal_id == terminal.id)
            .map(OutPunch::from)
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

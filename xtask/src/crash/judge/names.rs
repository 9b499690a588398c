use std::collections::{BTreeMap, BTreeSet};

use super::requests;
use crate::crash::{journal::Event, ledger::Numbers, request::Punch, roster::Roster};

/// Which punch is meant by which record id, whoever was told.
#[derive(Debug, Default)]
pub(in crate::crash) struct Names(BTreeMap<String, Punch>);

impl Names {
    /// Also tells what does not fit: a punch with two ids, an id of two punches.
    pub(in crate::crash) fn read<'a>(
        receivers: impl Iterator<Item = &'a [Event]> + Clone,
        roster: &Roster,
    ) -> (Self, Vec<String>) {
        let mut names = Self::default();
        let mut ids: BTreeMap<Punch, String> = BTreeMap::new();
        let mut complaints = BTreeSet::new();
        let records = receivers
            .flat_map(requests)
            .flat_map(|request| &request.records);
        for record in records.clone() {
            let Some(punch) = record.punch(roster) else {
                continue;
            };
            if let Some(other) = names.0.get(&record.id)
                && *other != punch
            {
                complaints.insert(format!("the id {} is {punch} and {other}", record.id));
                continue;
            }
            if let Some(other) = ids.get(&punch)
                && *other != record.id
            {
                complaints.insert(format!("{punch} has the ids {} and {other}", record.id));
            }
            ids.insert(punch.clone(), record.id.clone());
            names.0.insert(record.id.clone(), punch);
        }
        // A bare record does not tell its terminal.
        for record in records.filter(|record| record.terminal.is_none()) {
            match names.0.get(&record.id) {
                Some(punch)
                    if punch.pin == roster.pin(punch.terminal, &record.told_as)
                        && punch.time == record.time
                        && punch.kind == record.kind => {}
                Some(punch) => {
                    complaints.insert(format!("the id {} is {punch} and {record:?}", record.id));
                }
                None => {
                    complaints.insert(format!("nobody else was told of {record:?}"));
                }
            }
        }
        (names, complaints.into_iter().collect())
    }

    pub(in crate::crash) fn punch(&self, id: &str) -> Option<&Punch> {
        self.0.get(id)
    }

    /// The places of punches in the ledger.
    pub(in crate::crash) fn places(&self, numbers: &Numbers) -> BTreeMap<&Punch, u64> {
        self.0
            .iter()
            .filter_map(|(id, punch)| Some((punch, *numbers.get(id)?)))
            .collect()
    }

    /// What a receiver made its own, each once, in the order of its first taking.
    pub(super) fn taken<'a>(&'a self, events: &'a [Event]) -> Vec<(&'a str, &'a Punch)> {
        let all: Vec<_> = requests(events).collect();
        let mut seen = BTreeSet::new();
        let mut taken = Vec::new();
        for event in events {
            let (number, only) = match event {
                Event::Taken(number) => (number, None),
                Event::TakenInPart(number, ids) => (number, Some(ids)),
                _ => continue,
            };
            let Some(request) = all.get(number.0) else {
                continue;
            };
            for record in &request.records {
                let is_taken = only.is_none_or(|ids| ids.contains(&record.id));
                if is_taken
                    && seen.insert(record.id.as_str())
                    && let Some(punch) = self.punch(&record.id)
                {
                    taken.push((record.id.as_str(), punch));
                }
            }
        }
        taken
    }
}

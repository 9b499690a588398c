//! Mappings from a CSV file, and for one.

use std::{cmp::Reverse, collections::HashMap};

use domain::{
    MappingHow, MappingRow, PersonId, PinGroupId, Place, SheetFault, Terminal, TerminalId,
};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    mappings::{Mapping, NewMapping, Plan},
    persons::by_numbers,
};
use crate::{Result, Store, Weight};

/// What a file of mappings comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct MappingsTaken {
    pub made: u64,
    /// So already.
    pub unchanged: u64,
    /// Records that waited for them and go now.
    pub released: u64,
    /// Nothing was written where there is one.
    pub faults: Vec<SheetFault>,
}

/// What the names in a file mean.
struct Names {
    terminals: HashMap<String, Option<TerminalId>>,
    groups: HashMap<String, PinGroupId>,
}

impl Store {
    /// Makes mappings, in the order of the file. A file with a fault is not taken at all; a dry run only says what would be
    /// done.
    pub async fn take_mappings(
        &self,
        rows: Vec<MappingRow>,
        dry_run: bool,
        by: &str,
        now: Timestamp,
    ) -> Result<MappingsTaken> {
        let names = self.names().await?;
        if dry_run {
            let mut conn = self.reader().acquire().await?;
            return Ok(plan(&mut conn, rows, &names).await?.0);
        }
        let by = by.to_owned();
        let weight = Weight::outbox(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        self.write(weight, move |conn| {
            Box::pin(async move {
                let (mut taken, plan) = plan(conn, rows, &names).await?;
                if taken.faults.is_empty() {
                    taken.released = plan.write(conn, &by, now).await?.released;
                }
                Ok(taken)
            })
        })
        .await
    }

    /// As a file of mappings names it; terminals by their serial number where they have one.
    pub async fn mapping_rows(&self, mappings: &[Mapping]) -> Result<Vec<MappingRow>> {
        let terminals: HashMap<TerminalId, String> = self
            .terminals()
            .await?
            .into_iter()
            .map(|terminal| {
                let name = terminal.serial.unwrap_or_else(|| terminal.id.to_string());
                (terminal.id, name)
            })
            .collect();
        let groups: HashMap<PinGroupId, String> = self
            .pin_groups()
            .await?
            .into_iter()
            .map(|group| (group.id, group.name))
            .collect();
        Ok(mappings
            .iter()
            .map(|mapping| {
                let (terminal, pin_group) = match mapping.place {
                    Place::Terminal(id) => (
                        Some(
                            terminals
                                .get(&id)
                                .cloned()
                                .unwrap_or_else(|| id.to_string()),
                        ),
                        None,
                    ),
                    Place::Group(id) => (
                        None,
                        Some(groups.get(&id).cloned().unwrap_or_else(|| id.to_string())),
                    ),
                };
                MappingRow {
                    line: 0,
                    terminal,
                    pin_group,
                    pin: mapping.pin.clone(),
                    employee_number: mapping.person.employee_number.clone(),
                    validity: mapping.validity,
                }
            })
            .collect())
    }

    async fn names(&self) -> Result<Names> {
        let mut terminals: HashMap<String, Option<TerminalId>> = HashMap::new();
        let mut all = self.terminals().await?;
        // Those that are in use are meant before those that were closed.
        all.sort_by_key(|terminal| Reverse(terminal.closed_at.is_some()));
        for terminal in all.iter().filter(|terminal| terminal.closed_at.is_none()) {
            // A name that two have means neither.
            terminals
                .entry(terminal.name.clone())
                .and_modify(|known| *known = None)
                .or_insert(Some(terminal.id));
        }
        for terminal in &all {
            for name in sure_names(terminal) {
                terminals.insert(name, Some(terminal.id));
            }
        }
        let groups = self.pin_groups().await?;
        Ok(Names {
            terminals,
            groups: groups
                .into_iter()
                .map(|each| (each.name, each.id))
                .collect(),
        })
    }
}

fn sure_names(terminal: &Terminal) -> Vec<String> {
    let mut names = vec![
        terminal.id.to_string(),
        terminal.address.to_string(),
        terminal.address.host.clone(),
    ];
    names.extend(terminal.serial.clone());
    names
}

async fn plan(
    conn: &mut SqliteConnection,
    rows: Vec<MappingRow>,
    names: &Names,
) -> Result<(MappingsTaken, Plan)> {
    let numbers: Vec<_> = rows.iter().map(|row| &row.employee_number).collect();
    let people: HashMap<_, PersonId> = by_numbers(conn, &numbers)
        .await?
        .into_iter()
        .map(|(number, person)| (number, person.id))
        .collect();
    let mut taken = MappingsTaken::default();
    let mut sound = Vec::new();
    for row in rows {
        let line = row.line;
        match mapping_of(row, names, &people) {
            Ok(mapping) => sound.push((line, mapping)),
            Err(message) => taken.faults.push(SheetFault { line, message }),
        }
    }
    let all: Vec<NewMapping> = sound.iter().map(|(_, mapping)| mapping.clone()).collect();
    let mut plan = Plan::load(conn, &all).await?;
    for (line, mapping) in sound {
        match plan.add(&mapping) {
            Ok(true) => {}
            Ok(false) => taken.unchanged += 1,
            Err(message) => taken.faults.push(SheetFault { line, message }),
        }
    }
    taken.made = plan.made();
    taken.faults.sort_by_key(|fault| fault.line);
    Ok((taken, plan))
}

fn mapping_of(
    row: MappingRow,
    names: &Names,
    people: &HashMap<domain::EmployeeNumber, PersonId>,
) -> std::result::Result<NewMapping, String> {
    let person = people.get(&row.employee_number).ok_or_else(|| {
        format!(
            "there is no employee {}; add the person first",
            row.employee_number
        )
    })?;
    let place = match (&row.terminal, &row.pin_group) {
        (Some(name), _) => match names.terminals.get(name) {
            Some(Some(id)) => Place::Terminal(*id),
            Some(None) => {
                return Err(format!(
                    "several terminals are called {name:?}; write the serial number"
                ));
            }
            None => {
                return Err(format!(
                    "there is no terminal {name:?}; write its serial number"
                ));
            }
        },
        (None, Some(name)) => Place::Group(
            *names
                .groups
                .get(name)
                .ok_or_else(|| format!("there is no group of terminals {name:?}"))?,
        ),
        (None, None) => return Err("write either a terminal or a pin_group".to_owned()),
    };
    Ok(NewMapping {
        place,
        pin: row.pin,
        person: *person,
        validity: row.validity,
        how: MappingHow::Csv,
    })
}

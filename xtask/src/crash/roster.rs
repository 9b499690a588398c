//! Whose PINs are whose, once the server is told.

use serde_json::json;

use super::{request::Punch, server::Serve};

pub(super) const DRIVERS: &str = "Drivers";
const OFFICE: &str = "Office";

/// One PIN of one person at one terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mapping {
    /// The port of the terminal.
    pub(super) terminal: u16,
    pub(super) pin: String,
    /// No PIN looks like it, and nobody has two PINs at one terminal.
    pub(super) employee: &'static str,
    pub(super) group: &'static str,
}

/// All of them, in the order in which the server is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Roster(Vec<Mapping>);

impl Roster {
    /// Two people with one PIN, people with a PIN of their own at each terminal, with the same at all, and with one only.
    pub(super) fn new(ports: &[u16]) -> Self {
        let at = |place: usize, pin: &str, employee, group| {
            ports.get(place).map(|port| Mapping {
                terminal: *port,
                pin: pin.to_owned(),
                employee,
                group,
            })
        };
        let all = [
            at(0, "1030", "E-1", DRIVERS),
            at(1, "1030", "E-2", OFFICE),
            at(0, "1032", "E-3", DRIVERS),
            at(1, "1031", "E-1", DRIVERS),
            at(2, "1033", "E-4", DRIVERS),
            at(1, "1032", "E-3", DRIVERS),
            at(0, "1031", "E-5", OFFICE),
            at(3, "1032", "E-3", DRIVERS),
        ];
        Self(all.into_iter().flatten().collect())
    }

    /// Adds the people, without any PIN.
    pub(super) fn add_people(&self, serve: &Serve) -> anyhow::Result<()> {
        let mut added = Vec::new();
        for mapping in &self.0 {
            if !added.contains(&mapping.employee) {
                added.push(mapping.employee);
                serve.post(
                    "/api/v1/people",
                    &json!({
                        "employee_number": mapping.employee,
                        "name": format!("Person {}", mapping.employee),
                        "groups": [mapping.group],
                    }),
                )?;
            }
        }
        Ok(())
    }

    pub(super) fn get(&self, place: usize) -> Option<&Mapping> {
        self.0.get(place)
    }

    /// The place of whoever is, or will be, behind a punch.
    pub(super) fn place(&self, punch: &Punch) -> Option<usize> {
        self.0
            .iter()
            .position(|each| each.terminal == punch.terminal && each.pin == punch.pin)
    }

    pub(super) fn of(&self, punch: &Punch) -> Option<&Mapping> {
        self.get(self.place(punch)?)
    }

    /// The PIN of somebody who was told as `told`: an employee number, or the PIN itself.
    pub(super) fn pin<'a>(&'a self, terminal: u16, told: &'a str) -> &'a str {
        self.0
            .iter()
            .find(|each| each.terminal == terminal && each.employee == told)
            .map_or(told, |mapping| mapping.pin.as_str())
    }

    /// All PINs of the person behind this one.
    pub(super) fn other_pins(&self, punch: &Punch) -> impl Iterator<Item = &str> {
        let employee = self.of(punch).map(|mapping| mapping.employee);
        self.0
            .iter()
            .filter(move |each| Some(each.employee) == employee && each.pin != punch.pin)
            .map(|each| each.pin.as_str())
    }
}

impl Mapping {
    pub(super) fn tell(&self, serve: &Serve) -> anyhow::Result<()> {
        let told = json!({
            "device": format!("127.0.0.1:{}", self.terminal),
            "user_id": self.pin,
            "employee_number": self.employee,
        });
        serve.post("/api/v1/mappings", &told).map(drop)
    }
}

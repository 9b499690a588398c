use std::collections::HashMap;

use storage::DeliveryState;

use crate::{
    actions::{PunchView, TerminalStatusView},
    ui::frame::{Pill, Tone},
};

/// A punch as the feed and the list show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PunchRow {
    pub(crate) id: String,
    pub(crate) href: String,
    pub(crate) date: String,
    pub(crate) time: String,
    pub(crate) name: String,
    pub(crate) user_id: String,
    pub(crate) what: &'static str,
    pub(crate) terminal: String,
    /// What is odd about its time.
    pub(crate) odd: Option<Pill>,
    /// How far it is on its way to whom; empty where there is no destination.
    pub(crate) sent: Vec<Pill>,
}

/// What terminals are called, by the label that punches carry.
pub(crate) fn terminal_names(devices: &[TerminalStatusView]) -> HashMap<String, String> {
    devices
        .iter()
        .map(|device| {
            (
                device
                    .serial_number
                    .clone()
                    .unwrap_or_else(|| device.id.to_string()),
                device.name.clone(),
            )
        })
        .collect()
}

impl PunchRow {
    /// Without the date where it is today's.
    pub(crate) fn of_today(self, today: &str) -> Self {
        if self.date == today {
            Self {
                date: String::new(),
                ..self
            }
        } else {
            self
        }
    }

    pub(crate) fn new(punch: &PunchView, names: &HashMap<String, String>) -> Self {
        Self {
            id: punch.record_id.clone(),
            href: punch_path(punch.number),
            date: punch.date.clone(),
            time: punch.time.clone(),
            name: punch.employee_name.clone(),
            user_id: punch.employee_id.clone(),
            what: punch.punch_type,
            terminal: names.get(&punch.device).unwrap_or(&punch.device).clone(),
            odd: odd(punch.flag),
            sent: Vec::new(),
        }
    }

    /// Rows of punches with how far each is; `None`: there is no destination.
    pub(crate) fn list(
        punches: &[PunchView],
        names: &HashMap<String, String>,
        standings: Option<&HashMap<i64, Vec<DeliveryState>>>,
    ) -> Vec<Self> {
        let none = Vec::new();
        let rows = punches.iter().map(|punch| Self {
            sent: standings.map_or_else(Vec::new, |standings| {
                sent(standings.get(&punch.number).unwrap_or(&none))
            }),
            ..Self::new(punch, names)
        });
        rows.collect()
    }
}

/// What somebody must look at comes first.
fn sent(states: &[DeliveryState]) -> Vec<Pill> {
    let any = |wanted: &[DeliveryState]| states.iter().any(|state| wanted.contains(state));
    let mut pills = Vec::new();
    if any(&[DeliveryState::Parked]) {
        pills.push(Pill::new(Tone::Bad, "Refused"));
    }
    if any(&[DeliveryState::Held]) {
        pills.push(Pill::new(Tone::Warn, "Held back"));
    }
    if any(&[DeliveryState::Waiting, DeliveryState::Batched]) {
        pills.push(Pill::new(Tone::Busy, "Waiting"));
    }
    if any(&[DeliveryState::Delivered]) {
        pills.push(Pill::new(Tone::Good, "Delivered"));
    }
    if pills.is_empty() {
        let word = if any(&[DeliveryState::Withdrawn]) {
            "Not wanted"
        } else {
            "Not queued"
        };
        pills.push(Pill::new(Tone::Idle, word));
    }
    pills
}

/// What is odd about a time.
pub(crate) fn odd(flag: &str) -> Option<Pill> {
    match flag {
        "implausible" => Some(Pill::new(Tone::Warn, "Time cannot be right")),
        "gap" => Some(Pill::new(Tone::Idle, "Clock was put forward")),
        "fold" => Some(Pill::new(Tone::Idle, "Hour came twice")),
        _ => None,
    }
}

/// The page of one punch.
pub(crate) fn punch_path(number: i64) -> String {
    format!("/punches/{number}")
}

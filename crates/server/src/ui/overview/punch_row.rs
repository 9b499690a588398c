use std::collections::HashMap;

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
        }
    }
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
